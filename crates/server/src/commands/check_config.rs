//! `trunkline check-config`.

use crate::error::Error;
use crate::settings::{Settings, Sources};
use crate::{output, production, secrets};

/// Prints what is in effect, as TOML that could be used as a file but for the masks.
pub(super) fn run(sources: &Sources<'_>) -> Result<(), Error> {
    let settings = Settings::load(sources)?;
    output::line(&format!("# TRUNKLINE_ENV={}", settings.environment));
    for warning in &settings.foreign.warnings {
        output::line(&format!("# {warning}"));
    }
    if settings.server.public_url.is_none() {
        output::line("# server.public_url: http:// and the address listened on");
    }
    let security = &settings.security;
    if security.master_keys.is_empty() || security.jwt_secret.is_none() {
        let file = secrets::path_for(&settings);
        output::line(&format!(
            "# security: what isn't set is made and kept in {}",
            file.display()
        ));
    }
    output::line("");
    output::line(toml::to_string(&settings)?.trim_end());
    production::check_settings(&settings)
}
