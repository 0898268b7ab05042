//! The commands, one file each, and what they have in common.

mod check_config;
mod demo;
mod healthcheck;
mod keys;
mod migrate;
mod openapi;
mod serve;
mod simulator;
mod tenant;
mod user;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::settings::{Settings, Sources};
use crate::telemetry;

/// Where the configuration files are looked for.
const CONFIG_FOLDER: &str = "config";

/// Two-way SMS for many tenants through their own Twilio accounts.
#[derive(Debug, Parser)]
#[command(name = "trunkline", version)]
pub(crate) struct Cli {
    /// A configuration file that wins over those in config/.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process, with a simulated Twilio and some conversations: to look around.
    Demo(demo::Args),
    /// The service.
    Serve(serve::Args),
    /// Brings the database schema up; several replicas may do so at once.
    Migrate,
    /// The stand-in Twilio alone.
    Simulator(simulator::Args),
    /// Master keys, which seal the tenants' Twilio credentials.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Tenants.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// People.
    #[command(subcommand)]
    User(user::Command),
    /// Prints the OpenAPI document of the API.
    Openapi,
    /// Prints the configuration in effect with secrets masked, or what is wrong with it.
    CheckConfig,
    /// Asks the service on this machine whether it is alive; ends with 1 if not.
    Healthcheck,
}

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> Result<(), Error> {
    let variables = variables();
    let sources = Sources {
        folder: Some(Path::new(CONFIG_FOLDER)),
        file: cli.config.as_deref(),
        variables,
    };
    match cli.command {
        Command::Demo(args) => demo::run(&args, &sources.variables),
        Command::Serve(args) => serve::run(&args, &configured(&sources)?),
        Command::Migrate => migrate::run(&configured(&sources)?),
        Command::Simulator(args) => simulator::run(&args, &configured(&sources)?),
        Command::Keys(keys::Command::Generate) => keys::generate(),
        Command::Keys(keys::Command::Rotate) => keys::rotate(&configured(&sources)?),
        Command::Tenant(command) => tenant::run(&command, &configured(&sources)?),
        Command::User(command) => user::run(&command, &configured(&sources)?),
        Command::Openapi => openapi::run(),
        Command::CheckConfig => check_config::run(&sources),
        Command::Healthcheck => healthcheck::run(&Settings::load(&sources)?),
    }
}

/// The settings, with logging started as they say and what is odd about them said.
fn configured(sources: &Sources<'_>) -> Result<Settings, Error> {
    let settings = Settings::load(sources)?;
    telemetry::init_logs(
        &settings.log,
        sources.variables.get("RUST_LOG").map(String::as_str),
    )?;
    for warning in &settings.foreign.warnings {
        tracing::warn!("{warning}");
    }
    Ok(settings)
}

/// The environment. What isn't Unicode can't be meant for us.
fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// How many threads there are for what would hold up the others, such as writing files.
const BLOCKING: usize = 16;

/// Runs a command's future on all cores.
fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING)
        .build()
        .map_err(Error::Runtime)?;
    runtime.block_on(future)
}
