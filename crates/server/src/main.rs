//! The program `trunkline`: reads the settings, puts the parts together and runs them.
//!
//! A command that fails says why in one sentence on stderr and ends with 1; one that was called
//! wrongly ends with 2.

mod commands;
mod demo;
mod error;
mod foreign_channel;
mod output;
mod production;
mod secrets;
mod settings;
mod shutdown;
mod sqlite_file;
mod startup;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

use commands::Cli;

/// With the C library's allocator a fifth of the processor time of a webhook went into it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::failure(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
