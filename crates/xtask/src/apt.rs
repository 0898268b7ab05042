//! Debian's packages, for what is missing on a machine that may install them.

use std::process::Command;

use test_postgres::is_root;

use crate::steps::{Outcome, program, run};

/// Whether packages can be installed here without asking anybody.
pub(crate) fn may_install() -> bool {
    let is_there = || {
        let version = program("apt-get").arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    is_root() && is_there()
}

pub(crate) fn update(advice: &str) -> Outcome {
    run(apt(&["update"]), advice)
}

pub(crate) fn install(packages: &[&str], advice: &str) -> Outcome {
    let args = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    run(apt(&args), advice)
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
