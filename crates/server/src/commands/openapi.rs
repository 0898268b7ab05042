//! `trunkline openapi`.

use crate::error::Error;
use crate::output;

/// Prints the document; it needs no configuration and no database.
pub(super) fn run() -> Result<(), Error> {
    let document = api::openapi::document()
        .to_pretty_json()
        .map_err(Error::Document)?;
    output::line(&document);
    Ok(())
}
