//! `trunkline simulator`.

use std::net::SocketAddr;

use clap::Args as ClapArgs;

use crate::error::Error;
use crate::settings::Settings;
use crate::{output, shutdown};

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Where to listen; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    bind: SocketAddr,
}

/// Runs the stand-in until it is told to end. Accounts are made by its control API.
pub(super) fn run(args: &Args, _settings: &Settings) -> Result<(), Error> {
    super::block_on(async {
        let asked = shutdown::on_signal().map_err(Error::Runtime)?;
        let options = simulator::Options {
            bind: args.bind,
            ..simulator::Options::default()
        };
        let simulator = simulator::start(options).await?;
        output::line(&format!("listening on {}", simulator.url()));
        asked.cancelled().await;
        simulator.shutdown().await?;
        Ok(())
    })
}
