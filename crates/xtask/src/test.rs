//! Everything that a change has to pass, on a machine with nothing but Rust and Node.js.

use std::process::Command;

use test_postgres::{Cluster, DATABASE_URL_VARIABLE};

use crate::{
    check, page, postgres,
    runner::Runner,
    steps::{Failure, Outcome, build_program, run as run_command, say, step},
};

pub(crate) fn run(runner_args: &[&str]) -> Outcome {
    let (runner, chromium) = step("set-up: what the tests need on this machine", || {
        postgres::find_or_install()?;
        let chromium = page::find_or_install()?;
        Ok((Runner::find()?, chromium))
    })?;
    check::format()?;
    check::lints()?;
    check::licences()?;
    page::check()?;
    if let Some(examples) = runner.doc_tests() {
        step("examples: the ones in the documentation run", || {
            run_command(examples, "A block that is no Rust says so: ```text.")
        })?;
    }
    step(
        "program: the one that the tests in tests/ run from outside",
        build_program,
    )?;
    step(
        "tests: every test of the workspace, on SQLite and PostgreSQL",
        || tests(runner.command(runner_args)),
    )?;
    page::browse(&chromium)?;
    println!("\nAll steps passed.");
    Ok(())
}

fn tests(mut command: Command) -> Outcome {
    // Kept to the end of the tests; its drop stops the server and removes its files.
    let _cluster = match postgres::given_url() {
        Some(_) => None,
        None => {
            let cluster = Cluster::start().map_err(Failure::because("start PostgreSQL"))?;
            say("a PostgreSQL for these tests alone has started, and ends with them");
            command.env(DATABASE_URL_VARIABLE, cluster.url());
            Some(cluster)
        }
    };
    run_command(command, "The runner's summary stands above.")
}
