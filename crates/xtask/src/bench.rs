//! How fast it is: the program as it is released, in turn with a peer.
//!
//! The measuring is done by `benches/`; here is built and started what it needs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_postgres::Cluster;

use crate::{
    page, postgres,
    steps::{Failure, Outcome, cargo, output, program, root, run as run_command, say, step},
};

/// Names another program to measure, as the tests have it.
const PROGRAM: &str = "TRUNKLINE_BINARY";

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Beside the peer.
    Beside,
    /// Ours alone, with little and with much in the database.
    Growth,
}

impl Kind {
    /// The load program's command.
    const fn command(self) -> &'static str {
        match self {
            Self::Beside => "run",
            Self::Growth => "growth",
        }
    }

    const fn results(self) -> &'static str {
        match self {
            Self::Beside => "benches/RESULTS.md",
            Self::Growth => "benches/GROWTH.md",
        }
    }
}

pub(crate) fn run(args: &[&str]) -> Outcome {
    let (kind, args) = match args {
        ["growth", rest @ ..] => (Kind::Growth, rest),
        all => (Kind::Beside, all),
    };
    if args.iter().any(|arg| ["--help", "-h"].contains(arg)) {
        let mut help = cargo(&["run", "--quiet", "--package", "benches", "--"]);
        help.args([kind.command(), "--help"]);
        return run_command(help, "The compiler's errors stand above.");
    }
    let bench = step("set-up: the programs, as they are released", build)?;
    step("set-up: PostgreSQL", postgres::find_or_install)?;
    if kind == Kind::Beside {
        step("set-up: the peer's packages", peer)?;
    }
    // Its data is gone afterwards. One that TEST_DATABASE_URL names is as it is.
    let given = postgres::given_url();
    let cluster = match given {
        Some(_) => None,
        None => Some(step("set-up: start PostgreSQL, durable", || start(&bench))?),
    };
    let url = given.or_else(|| cluster.as_ref().map(|cluster| cluster.url().to_owned()));
    step("measure", || {
        let command = measure(&bench, kind, &url.unwrap_or_default(), args)?;
        // Its URL has a password, so the command is not shown.
        finish(command)
    })
}

fn peer() -> Outcome {
    page::need_node()?;
    let mut npm = program("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(root().join("benches/peer"));
    run_command(npm, "npm's words stand above.")
}

/// Builds ours and the load program, and says where the latter is.
fn build() -> Outcome<PathBuf> {
    let mut build = cargo(&["build", "--release", "--workspace"]);
    build.args(["--bin", "trunkline-bench"]);
    if env::var_os(PROGRAM).is_none() {
        build.args(["--bin", "trunkline"]);
    }
    run_command(build, "The compiler's errors stand above.")?;
    Ok(released()?.join("trunkline-bench"))
}

/// The folder of what is released: beside that of this program.
fn released() -> Outcome<PathBuf> {
    let own = env::current_exe().map_err(Failure::because("find the programs"))?;
    let target = own.ancestors().nth(2).unwrap_or(&own);
    Ok(target.join("release"))
}

/// The tests' PostgreSQL does not wait for the disk; this one does.
fn start(bench: &Path) -> Outcome<Cluster> {
    let mut cluster = Cluster::start().map_err(Failure::because("start PostgreSQL"))?;
    let mut configure = Command::new(bench);
    configure.args(["configure", "--postgres", cluster.url()]);
    finish(configure)?;
    cluster
        .stop()
        .and_then(|()| cluster.start_again())
        .map_err(Failure::because("start PostgreSQL again"))?;
    Ok(cluster)
}

fn measure(bench: &Path, kind: Kind, url: &str, args: &[&str]) -> Outcome<Command> {
    let ours = match env::var_os(PROGRAM) {
        Some(given) => PathBuf::from(given),
        None => released()?.join("trunkline"),
    };
    say(format_args!("the program: {}", ours.display()));
    let mut called = vec!["cargo xtask bench"];
    let mut command = program(bench);
    command.arg(kind.command());
    match kind {
        Kind::Beside => {
            command.arg("--peer").arg(root().join("benches/peer"));
        }
        Kind::Growth => called.push("growth"),
    }
    called.extend(args);
    command
        .args(["--postgres", url, "--called", &called.join(" ")])
        .args(["--version-measured", &version()])
        .arg("--trunkline")
        .arg(ours)
        .arg("--results")
        .arg(root().join(kind.results()))
        .args(args);
    Ok(command)
}

/// The commit, and whether there is more than what it holds.
fn version() -> String {
    let mut git = program("git");
    git.args(["describe", "--always", "--dirty", "--abbrev=12"]);
    output(git).map_or_else(|_| "unknown".to_owned(), |said| said.trim().to_owned())
}

fn finish(mut command: Command) -> Outcome {
    let status = command
        .status()
        .map_err(Failure::because("run the load program"))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the load program failed ({status}). What it says stands above."
    )))
}
