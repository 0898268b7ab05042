//! What a change has to pass before a test is worth running.

use crate::{
    layers, licences,
    metadata::Metadata,
    steps::{Outcome, cargo, has_cargo, run as run_command, say, step},
};

pub(crate) fn run() -> Outcome {
    format()?;
    lints()?;
    step("layers: a crate uses lower layers only", || {
        let crates = Metadata::of_workspace()?.crates()?;
        layers::check(&crates)?;
        say(format_args!("{} crates, each in its place", crates.len()));
        Ok(())
    })?;
    licences()?;
    deny()?;
    println!("\nChecked.");
    Ok(())
}

pub(crate) fn format() -> Outcome {
    step("format: the code is as rustfmt writes it", || {
        run_command(
            cargo(&["fmt", "--all", "--check"]),
            "`cargo fmt --all` repairs it.",
        )
    })
}

pub(crate) fn lints() -> Outcome {
    step("lints: clippy has nothing to say about any target", || {
        run_command(
            cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]),
            "The warnings above are errors here.",
        )
    })
}

pub(crate) fn licences() -> Outcome {
    step(
        "licences: every dependency has one that deny.toml allows",
        || {
            let packages = Metadata::with_dependencies()?.packages()?;
            licences::check(&packages, &licences::allowed()?)?;
            say(format_args!("{} packages", packages.len()));
            Ok(())
        },
    )
}

/// Advisories are left out: they need the network, and change without the code changing.
fn deny() -> Outcome {
    step(
        "cargo-deny: bans, licences and sources by deny.toml",
        || {
            if !has_cargo("deny") {
                say("skipped: cargo-deny is not installed (`cargo install --locked cargo-deny`)");
                return Ok(());
            }
            run_command(
                cargo(&["deny", "check", "bans", "licenses", "sources"]),
                "deny.toml says why.",
            )
        },
    )
}
