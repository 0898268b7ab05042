//! Everything that a change has to pass, on a machine with nothing but Rust.

use std::process::Command;

use test_postgres::{Cluster, DATABASE_URL_VARIABLE};

use crate::{
    check, postgres,
    runner::Runner,
    steps::{Failure, Outcome, cargo, run as run_command, say, step},
};

pub(crate) fn run(runner_args: &[&str]) -> Outcome {
    let runner = step("set-up: what the tests need on this machine", || {
        postgres::find_or_install()?;
        Runner::find()
    })?;
    check::format()?;
    check::lints()?;
    check::licences()?;
    // Steps of the front end (types, lints, unit tests) belong here, before the slow ones.
    if let Some(examples) = runner.doc_tests() {
        step("examples: the ones in the documentation run", || {
            run_command(examples, "A block that is no Rust says so: ```text.")
        })?;
    }
    step(
        "program: the one that the tests in tests/ run from outside",
        || {
            // Of the whole workspace, so that what it shares with the tests is built once.
            let build = cargo(&["build", "--workspace", "--bin", "trunkline"]);
            run_command(build, "The compiler's errors stand above.")
        },
    )?;
    step(
        "tests: every test of the workspace, on SQLite and PostgreSQL",
        || tests(runner.command(runner_args)),
    )?;
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
