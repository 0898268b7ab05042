//! The project's chores: `cargo xtask COMMAND`.
//!
//! Each is a list of steps that say what they do and how long they took; the first that fails ends
//! it with one plain sentence. Everything they need they find, install, or name.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal"
)]

mod apt;
mod bench;
mod check;
mod layers;
mod licences;
mod metadata;
mod openapi;
mod page;
mod postgres;
mod runner;
mod soak;
mod spdx;
mod steps;
mod test;

use std::process::ExitCode;

use steps::{Failure, Outcome};

const USAGE: &str = "\
usage: cargo xtask COMMAND

commands:
  test [-- ARGS]     everything a change has to pass: format, lints, licences and every test, on
                     SQLite, on a PostgreSQL of its own and in a browser; ARGS go to the runner of
                     the Rust tests
  check              format, lints, layers and licences (and cargo-deny where it is installed)
  openapi [--check]  writes openapi.json from the program, or only compares it
  soak [kills|outage|pace|claims|fairness|uploads|streams] [--texts N] [--kills N] [--seconds N] [--seed N]
                     the long proofs of delivery, all of them or some, with their figures; minutes
                     each, on SQLite and on a PostgreSQL of its own
  bench [--quick] [inbound|inbound128|steady|status|send|send-slow|conversations|messages|poll] [--…]
                     how fast it is, in turn with a peer in Node, on a PostgreSQL of its own, and on
                     SQLite; writes benches/RESULTS.md (`bench --help` has the sizes)
  bench growth [--quick] [--steps N] [--sqlite] [--…]
                     what requests, a start and memory cost with up to 100,000 tenants and 5 million
                     messages, and what each list reads; writes benches/GROWTH.md
  postgres           runs a throw-away PostgreSQL until interrupted, and prints its URL
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Outcome {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        ["test"] => test::run(&[]),
        ["test", "--", runner_args @ ..] => test::run(runner_args),
        ["soak", soak_args @ ..] => soak::run(soak_args),
        ["bench", bench_args @ ..] => bench::run(bench_args),
        ["check"] => check::run(),
        ["openapi"] => openapi::write(),
        ["openapi", "--check"] => openapi::compare(),
        ["postgres"] => postgres::run_in_foreground(),
        _ => Err(Failure::new(format!(
            "`{}` is no command\n\n{USAGE}",
            args.join(" ")
        ))),
    }
}
