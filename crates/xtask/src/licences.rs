//! Every package we build with is under a licence that `deny.toml` allows.
//!
//! cargo-deny checks the same and more, but takes minutes to install; this takes a second, and reads
//! the same list.

use std::{collections::BTreeSet, fs};

use crate::{
    metadata::Package,
    spdx,
    steps::{Failure, Outcome, root},
};

/// The licences that `deny.toml` allows.
pub(crate) fn allowed() -> Outcome<BTreeSet<String>> {
    let deny =
        fs::read_to_string(root().join("deny.toml")).map_err(Failure::because("read deny.toml"))?;
    let allowed = allowed_in(&deny);
    if allowed.is_empty() {
        return Err(Failure::new(
            "deny.toml has no `allow = [` under `[licenses]`",
        ));
    }
    Ok(allowed)
}

/// The strings of `allow = […]` under `[licenses]`: all of TOML that is needed here.
fn allowed_in(deny: &str) -> BTreeSet<String> {
    deny.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .skip_while(|line| *line != "[licenses]")
        .skip_while(|line| !line.starts_with("allow = ["))
        .scan(false, |ended, line| {
            let goes_on = !*ended;
            *ended = line.ends_with(']');
            goes_on.then_some(line)
        })
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

/// Fails with every package whose licence doesn't do.
pub(crate) fn check(packages: &[Package], allowed: &BTreeSet<String>) -> Outcome {
    let refused: Vec<String> = packages
        .iter()
        .filter_map(|package| complaint(package, allowed))
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "take other packages, or argue for the licence in deny.toml:\n  {}",
        refused.join("\n  ")
    )))
}

fn complaint(package: &Package, allowed: &BTreeSet<String>) -> Option<String> {
    let Package {
        name,
        version,
        licence,
    } = package;
    let Some(licence) = licence else {
        return Some(format!("{name} {version} does not name its licence"));
    };
    match spdx::permits(licence, &|term| allowed.contains(term)) {
        Some(true) => None,
        Some(false) => Some(format!("{name} {version} is under {licence}")),
        None => Some(format!(
            "{name} {version} has a licence that is no SPDX expression: {licence}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(licence: Option<&str>) -> Package {
        Package {
            name: "some".to_owned(),
            version: "1.2.3".to_owned(),
            licence: licence.map(str::to_owned),
        }
    }

    #[test]
    fn the_list_is_read_whole_and_without_its_comments() {
        let deny = "allow = [\"No\"]\n[licenses]\nversion = 2\nallow = [\n  \"MIT\", # \"GPL\"\n  \
                    \"A WITH B\", \"ISC\",\n]\nother = [\"Neither\"]\n";
        let expected = ["A WITH B", "ISC", "MIT"].map(str::to_owned);
        assert_eq!(allowed_in(deny), BTreeSet::from(expected));
    }

    #[test]
    fn the_list_may_stand_on_one_line() {
        let allowed = allowed_in("[licenses]\nallow = [\"MIT\"]\nother = [\"Neither\"]\n");
        assert_eq!(allowed, BTreeSet::from(["MIT".to_owned()]));
    }

    #[test]
    fn our_list_has_no_copyleft() {
        let allowed = allowed().unwrap();
        assert!(allowed.contains("MIT"));
        assert!(
            !allowed.iter().any(|licence| licence.contains("GPL")),
            "{allowed:?}"
        );
    }

    #[test]
    fn a_refusal_names_package_and_licence() {
        let allowed = BTreeSet::from(["MIT".to_owned()]);
        assert!(check(&[package(Some("MIT"))], &allowed).is_ok());
        for (licence, told) in [
            (
                Some("GPL-3.0-or-later"),
                "some 1.2.3 is under GPL-3.0-or-later",
            ),
            (None, "some 1.2.3 does not name its licence"),
            (Some("MIT OR"), "no SPDX expression"),
        ] {
            let failure = check(&[package(licence)], &allowed)
                .unwrap_err()
                .to_string();
            assert!(failure.contains(told), "{failure}");
        }
    }
}
