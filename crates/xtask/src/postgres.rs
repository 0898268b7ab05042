//! PostgreSQL for tests: found, installed, run.

use std::{env, io::Write, path::Path, process::Command};

use test_postgres::{Binaries, Cluster, DATABASE_URL_VARIABLE, Error, is_root};

use crate::steps::{Failure, Outcome, program, run, say};

/// Debian starts a cluster of its own at installation unless this file says otherwise.
const DEBIAN_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// The server that the caller wants the tests to use.
pub(crate) fn given_url() -> Option<String> {
    env::var(DATABASE_URL_VARIABLE)
        .ok()
        .filter(|url| !url.is_empty())
}

/// Makes sure that a server can be started; as root on Debian it installs one.
pub(crate) fn find_or_install() -> Outcome {
    if given_url().is_some() {
        say(format_args!(
            "PostgreSQL: the one that {DATABASE_URL_VARIABLE} names"
        ));
        return Ok(());
    }
    let binaries = match Binaries::find() {
        Err(Error::NotInstalled) if is_root() && has_apt() => {
            say("PostgreSQL: not found, so it is being installed");
            install()?;
            Binaries::find()
        }
        found => found,
    };
    let binaries = binaries.map_err(|error| Failure::new(error.to_string()))?;
    say(format_args!("PostgreSQL: {}", binaries.folder().display()));
    Ok(())
}

/// Runs one until interrupted.
pub(crate) fn run_in_foreground() -> Outcome {
    let cluster = Cluster::start().map_err(Failure::because("start PostgreSQL"))?;
    println!("{DATABASE_URL_VARIABLE}={}", cluster.url());
    println!("It runs until this is interrupted, and then all its data is gone.");
    std::io::stdout()
        .flush()
        .map_err(Failure::because("write to standard output"))?;
    cluster
        .wait()
        .map_err(Failure::because("wait for PostgreSQL"))
}

fn has_apt() -> bool {
    program("apt-get")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

fn install() -> Outcome {
    let advice = "Install PostgreSQL by hand, then try again.";
    run(apt(&["update"]), advice)?;
    run(
        apt(&[
            "install",
            "--yes",
            "--no-install-recommends",
            "postgresql-common",
        ]),
        advice,
    )?;
    if Path::new(DEBIAN_SETTINGS).is_file() {
        let no_cluster = r"s/^#?\s*create_main_cluster\b.*/create_main_cluster = false/";
        let mut sed = program("sed");
        sed.args(["-E", "-i", no_cluster, DEBIAN_SETTINGS]);
        run(sed, advice)?;
    }
    run(
        apt(&["install", "--yes", "--no-install-recommends", "postgresql"]),
        advice,
    )
}

/// Waits for another apt-get rather than failing: two of us may run on one machine.
fn apt(args: &[&str]) -> Command {
    let mut command = program("apt-get");
    command
        .args(["--quiet", "--option", "DPkg::Lock::Timeout=300"])
        .args(args);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}
