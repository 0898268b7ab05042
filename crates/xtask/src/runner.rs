//! Which program runs the tests.

use std::process::Command;

use crate::steps::{Outcome, cargo, has_cargo, say};

/// Both run every test of the workspace to the end, failures or not.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Runner {
    Nextest,
    CargoTest,
}

impl Runner {
    /// Runs the examples in the documentation, which cargo-nextest leaves to cargo.
    pub(crate) fn doc_tests(self) -> Option<Command> {
        match self {
            Self::Nextest => Some(cargo(&["test", "--workspace", "--doc", "--quiet"])),
            Self::CargoTest => None,
        }
    }

    pub(crate) fn find() -> Outcome<Self> {
        if has_cargo("nextest") {
            say("test runner: cargo-nextest");
            return Ok(Self::Nextest);
        }
        say("test runner: cargo test (cargo-nextest, which is faster, is not installed)");
        Ok(Self::CargoTest)
    }

    pub(crate) fn command(self, args: &[&str]) -> Command {
        let base: &[&str] = match self {
            Self::Nextest => &["nextest", "run", "--workspace", "--no-fail-fast"],
            Self::CargoTest => &["test", "--workspace", "--no-fail-fast"],
        };
        let mut command = cargo(base);
        command.args(args);
        command
    }
}
