//! The long proofs: what must hold while workers are killed, while the database is away, while a
//! lot waits. Minutes each, so they are not among the tests that every change has to pass; their
//! short forms are.

use std::process::Command;

use test_postgres::{Cluster, DATABASE_URL_VARIABLE};

use crate::{
    postgres,
    steps::{Failure, Outcome, cargo, run as run_command, say, step},
};

/// Their names and what each shows.
const SCENARIOS: [(&str, &str); 8] = [
    ("kills", "4,000 texts while workers are killed 50 times"),
    ("outage", "PostgreSQL is stopped for a minute under load"),
    ("pace", "a number at 1, 10 and 100 segments per second"),
    ("claims", "what a claim costs, however much waits"),
    (
        "inbox",
        "what tabs, labels and timelines cost with 100,000 conversations",
    ),
    ("fairness", "a reply beside 50,000 texts in bulk"),
    (
        "uploads",
        "50 files of 20 MB at once, and what memory they take",
    ),
    (
        "streams",
        "10,000 pages open at once, what memory they take and how soon they hear",
    ),
];

/// What can be set, and the variable that tells the scenarios.
const OPTIONS: [(&str, &str); 4] = [
    ("--texts", "SOAK_TEXTS"),
    ("--kills", "SOAK_KILLS"),
    ("--seconds", "SOAK_SECONDS"),
    ("--seed", "SOAK_SEED"),
];

pub(crate) fn run(args: &[&str]) -> Outcome {
    let (scenarios, options) = read(args)?;
    step(
        "set-up: PostgreSQL and the program, as it is released",
        || {
            postgres::find_or_install()?;
            let build = cargo(&["build", "--release", "--workspace", "--bin", "trunkline"]);
            run_command(build, "The compiler's errors stand above.")
        },
    )?;
    let cluster = match postgres::given_url() {
        Some(_) => None,
        None => Some(Cluster::start().map_err(Failure::because("start PostgreSQL"))?),
    };
    // One that fails says nothing about the others.
    let failed: Vec<_> = scenarios
        .into_iter()
        .filter_map(|scenario| one(scenario, cluster.as_ref(), &options).err())
        .map(|failure| failure.to_string())
        .collect();
    if failed.is_empty() {
        println!("\nAll of it held.");
        return Ok(());
    }
    Err(Failure::new(failed.join("\n")))
}

type Scenario = (&'static str, &'static str);

/// Variables and their values.
type Options<'a> = Vec<(&'static str, &'a str)>;

fn read<'a>(args: &[&'a str]) -> Outcome<(Vec<Scenario>, Options<'a>)> {
    let (mut scenarios, mut options) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(&arg) = args.next() {
        if let Some(scenario) = SCENARIOS.iter().find(|(name, _)| *name == arg) {
            scenarios.push(*scenario);
        } else if let Some((_, variable)) = OPTIONS.iter().find(|(name, _)| *name == arg) {
            let value = args
                .next()
                .filter(|value| value.parse::<u64>().is_ok())
                .ok_or_else(|| Failure::new(format!("{arg} wants a number")))?;
            options.push((*variable, *value));
        } else {
            let known: Vec<_> = SCENARIOS.iter().map(|(name, _)| *name).collect();
            return Err(Failure::new(format!(
                "`{arg}` is no scenario: there are {}",
                known.join(", ")
            )));
        }
    }
    if scenarios.is_empty() {
        scenarios = SCENARIOS.to_vec();
    }
    Ok((scenarios, options))
}

fn one((name, title): Scenario, cluster: Option<&Cluster>, options: &[(&str, &str)]) -> Outcome {
    step(&format!("{name}: {title}"), || {
        let mut command = tests_of(name);
        if let Some(cluster) = cluster {
            command.env(DATABASE_URL_VARIABLE, cluster.url());
        }
        for (variable, value) in options {
            say(format_args!("{variable}={value}"));
            command.env(variable, value);
        }
        run_command(command, "What did not hold stands above.")
    })
}

/// Always cargo's own runner: it prints the figures as they come, and has no limit of time.
///
/// The program, or the whole workspace, is named too: libraries then have the features that they
/// have in the program, and are not built a second time.
fn tests_of(scenario: &str) -> Command {
    let (of, filter): (&[_], _) = match scenario {
        "claims" => (
            &["-p", "queue", "-p", "server", "--lib"],
            "tests::cost::".to_owned(),
        ),
        "inbox" => (
            &["-p", "conversations", "-p", "server", "--lib"],
            "tests::cost::".to_owned(),
        ),
        _ => (
            &["--workspace", "--test", "outside"],
            format!("soak::{scenario}::"),
        ),
    };
    let how = [
        "--",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
        &filter,
    ];
    let mut command = cargo(&["test", "--release"]);
    command.args(of).args(how);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_and_options_are_told_apart() {
        let (scenarios, options) = read(&["pace", "--seconds", "5", "kills"]).unwrap();
        let names: Vec<_> = scenarios.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["pace", "kills"]);
        assert_eq!(options, [("SOAK_SECONDS", "5")]);
        assert_eq!(read(&[]).unwrap().0.len(), SCENARIOS.len());
        for wrong in [["peace"].as_slice(), &["--seed"], &["--texts", "many"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
