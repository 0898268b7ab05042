//! `trunkline migrate`.

use crate::error::Error;
use crate::settings::Settings;
use crate::{output, startup};

/// Brings the schema up and says so.
pub(super) fn run(settings: &Settings) -> Result<(), Error> {
    super::block_on(async {
        let db = startup::open(settings).await?;
        db.close().await?;
        output::line("the schema is up to date");
        Ok(())
    })
}
