//! `trunkline tenant …`.

use auth::account::{self, NewTenant, Signup};
use auth::{Hasher, password};
use clap::{Args, Subcommand};
use entity::clock::Clock;
use secrecy::ExposeSecret;

use crate::error::Error;
use crate::settings::Settings;
use crate::{output, startup};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes a tenant and its owner, and prints a one-time password.
    Create(Create),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The tenant's name.
    #[arg(long)]
    name: String,
    /// The owner's e-mail address.
    #[arg(long)]
    email: String,
}

/// Works whether sign-up is allowed or not: whoever may run this may do everything anyway.
pub(super) fn run(Command::Create(new): &Command, settings: &Settings) -> Result<(), Error> {
    super::block_on(async {
        let password = password::one_time();
        let tenant = NewTenant::parse(Signup {
            tenant_name: &new.name,
            email: &new.email,
            name: None,
            password: &password,
            default_country: None,
            timezone: None,
        })?;
        let db = startup::open(settings).await?;
        let hash = Hasher::default()
            .hash(password.clone())
            .await
            .map_err(auth::Error::from)?;
        let tx = db.write_tx().await?;
        let registered = account::register(&tx, &Clock::System, tenant, hash).await?;
        tx.commit().await?;
        db.close().await?;
        output::line(&format!("tenant: {}", registered.tenant.id));
        output::line(&format!("e-mail: {}", registered.owner.email));
        output::line(&format!("one-time password: {}", password.expose_secret()));
        Ok(())
    })
}
