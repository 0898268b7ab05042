//! `trunkline serve`.

use clap::Args as ClapArgs;

use crate::error::Error;
use crate::settings::Settings;
use crate::startup::{self, Role};
use crate::{output, production, shutdown};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Which parts run in this process.
    #[arg(long, value_enum, default_value = "all")]
    role: Role,
}

/// Serves until told to end.
pub(super) fn run(args: &Args, settings: &Settings) -> Result<(), Error> {
    let role = args.role;
    production::check_settings(settings)?;
    let _held = production::hold_sqlite_file(settings)?;
    super::block_on(async {
        let asked = shutdown::on_signal().map_err(Error::Runtime)?;
        let listener = match role {
            Role::All | Role::Api => Some(startup::listen(settings.server.bind)?),
            Role::Worker => None,
        };
        let url = listener.as_ref().map(startup::url_of).transpose()?;
        let service = startup::start(settings.clone(), role, listener).await?;
        if let Some(url) = url {
            output::line(&format!("listening on {url}"));
        }
        service.run_until(&asked).await
    })
}
