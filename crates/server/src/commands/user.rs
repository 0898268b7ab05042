//! `trunkline user …`.

use auth::{Hasher, account, password};
use clap::Subcommand;
use entity::clock::Clock;
use secrecy::ExposeSecret;

use crate::error::Error;
use crate::settings::Settings;
use crate::{output, startup};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Gives a person a one-time password, prints it, and ends all their logins.
    ResetPassword {
        /// Their e-mail address.
        email: String,
    },
}

/// The service sends no e-mail: whoever runs this hands the password over.
pub(super) fn run(command: &Command, settings: &Settings) -> Result<(), Error> {
    let Command::ResetPassword { email } = command;
    super::block_on(async {
        let db = startup::open(settings).await?;
        let user = account::find_user(db.read(), email).await?;
        let user = user.ok_or_else(|| Error::UnknownUser(email.clone()))?;
        let password = password::one_time();
        let hash = Hasher::default()
            .hash(password.clone())
            .await
            .map_err(auth::Error::from)?;
        let tx = db.write_tx().await?;
        account::change_password(&tx, &Clock::System, user.id, hash, None).await?;
        tx.commit().await?;
        db.close().await?;
        output::line(&format!("e-mail: {}", user.email));
        output::line(&format!("one-time password: {}", password.expose_secret()));
        Ok(())
    })
}
