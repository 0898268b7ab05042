//! Measures Trunkline beside a peer, path by path, in turn: `cargo xtask bench`.
//!
//! What it promises: both do the same work, on the same machine, data and durability, one right
//! after the other; a request counts only if it was answered as it should be, and what was answered
//! is looked for in the database after every run. What is measured and how to read it stands in
//! `benches/README.md`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal"
)]

mod args;
mod bench;
mod data;
mod fill;
mod growth;
mod http;
mod load;
mod machine;
mod outcome;
mod path;
mod report;
mod run;
mod server;
mod sql;
mod subject;
mod twilio;
mod usage;
mod webhook;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use outcome::{Outcome, chain};

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("trunkline-bench: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Says whether all that was answered was also in the database.
fn run(args: Args) -> Outcome<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match args.command {
        Command::Configure { postgres } => {
            runtime.block_on(sql::configure(&postgres))?;
            Ok(true)
        }
        Command::Run(options) => runtime.block_on(bench::run(*options)),
        Command::Growth(options) => runtime.block_on(growth::run(*options)),
    }
}
