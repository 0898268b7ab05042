//! PostgreSQL for tests: found, installed, run.

use std::{env, io::Write, path::Path};

use test_postgres::{Binaries, Cluster, DATABASE_URL_VARIABLE, Error};

use crate::apt;
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
        Err(Error::NotInstalled) if apt::may_install() => {
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

fn install() -> Outcome {
    let advice = "Install PostgreSQL by hand, then try again.";
    apt::update(advice)?;
    apt::install(&["postgresql-common"], advice)?;
    if Path::new(DEBIAN_SETTINGS).is_file() {
        let no_cluster = r"s/^#?\s*create_main_cluster\b.*/create_main_cluster = false/";
        let mut sed = program("sed");
        sed.args(["-E", "-i", no_cluster, DEBIAN_SETTINGS]);
        run(sed, advice)?;
    }
    apt::install(&["postgresql"], advice)
}
