//! `trunkline keys …`.

use channels::MasterKey;
use clap::Subcommand;
use entity::clock::Clock;
use secrecy::ExposeSecret;

use crate::error::Error;
use crate::secrets::Secrets;
use crate::settings::Settings;
use crate::{output, startup};

/// Channels read at a time.
const BATCH: u64 = 100;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prints a new master key for security.master_keys.
    Generate,
    /// Seals every credential under the first master key again, while the service runs.
    Rotate,
}

/// Prints the key alone, so that it can go straight into a variable.
pub(super) fn generate() -> Result<(), Error> {
    output::line(MasterKey::generate().to_setting().expose_secret());
    Ok(())
}

/// Says how many channels moved; what was done before a failure stays done.
pub(super) fn rotate(settings: &Settings) -> Result<(), Error> {
    let keys = Secrets::load(settings)?.key_ring;
    super::block_on(async {
        let db = startup::open(settings).await?;
        let report = channels::rotate(&db, &keys, &Clock::System, BATCH).await?;
        db.close().await?;
        let channels::Report {
            resealed,
            remaining,
            failed,
        } = report;
        let current = keys.current().id();
        output::line(&format!(
            "{resealed} channels were sealed anew under {current}"
        ));
        if remaining > 0 {
            return Err(Error::Unsealed { remaining, failed });
        }
        output::line("no channel needs any other key: the others may be taken away");
        Ok(())
    })
}
