//! The map of ARCHITECTURE.md, held by a test: a crate uses lower layers only.

use crate::{
    metadata::{Crate, Dependency},
    steps::{Failure, Outcome},
};

/// Lowest first. Crates of one layer know nothing of each other.
const LAYERS: [&[&str]; 8] = [
    &[
        "db",
        "entity",
        "lead-csv",
        "local-time",
        "media",
        "migrations",
        "sms-text",
        "test-plans",
        "test-postgres",
        "test-s3",
        "twilio",
    ],
    &["events", "queue", "search", "simulator", "test-db"],
    &["auth", "channels", "together"],
    &["routing"],
    &["conversations"],
    &["api", "web", "worker"],
    &["server"],
    &["benches", "outside-tests", "xtask"],
];

/// What no program may contain: who may use it as more than a dev-dependency.
const FOR_TESTS: [(&str, &[&str]); 4] = [
    ("test-db", &["outside-tests"]),
    ("test-plans", &["benches", "outside-tests"]),
    ("test-postgres", &["outside-tests", "test-db", "xtask"]),
    ("test-s3", &["outside-tests"]),
];

/// Kept to few hands: only they open and seal secrets.
const RESERVED: [(&str, &[&str]); 1] = [("aes-gcm", &["auth", "channels"])];

/// Forbidden even to tests. The simulator judges what `twilio` sends: built on the same code, it
/// would make the same mistakes and find them right.
const APART: [(&str, &str); 1] = [("simulator", "twilio")];

/// Fails with every dependency that goes up or sideways, and every crate without a place.
pub(crate) fn check(crates: &[Crate]) -> Outcome {
    let mut complaints: Vec<String> = crates.iter().flat_map(complaints_about).collect();
    for name in LAYERS.concat() {
        if !crates.iter().any(|a_crate| a_crate.name == name) {
            complaints.push(format!(
                "{name} has a layer but is no crate: take it off the list"
            ));
        }
    }
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} (see LAYERS in crates/xtask/src/layers.rs)",
        complaints.join("\n")
    )))
}

fn complaints_about(a_crate: &Crate) -> Vec<String> {
    let name = a_crate.name.as_str();
    let Some(layer) = layer_of(name) else {
        return vec![format!(
            "{name} is new: give it a layer, here and in ARCHITECTURE.md"
        )];
    };
    a_crate
        .dependencies
        .iter()
        .filter_map(|used| complaint(name, layer, used))
        .collect()
}

fn complaint(name: &str, layer: usize, used: &Dependency) -> Option<String> {
    let it = used.name.as_str();
    if APART.contains(&(name, it)) {
        return Some(format!("{name} must not use {it}, not even in tests"));
    }
    if used.is_dev {
        return None;
    }
    if let Some((_, users)) = FOR_TESTS
        .iter()
        .chain(&RESERVED)
        .find(|(reserved, _)| *reserved == it)
        && !users.contains(&name)
    {
        return Some(format!(
            "{name} must not use {it}, which is for {} only",
            users.join(", ")
        ));
    }
    let below = layer_of(it)?;
    (below >= layer).then(|| {
        format!("{name} (layer {layer}) must not use {it} (layer {below}): lower layers only")
    })
}

fn layer_of(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Metadata;

    fn complaints(name: &str, dependencies: &[(&str, bool)]) -> Vec<String> {
        let dependencies = dependencies.iter();
        let dependencies = dependencies.map(|&(name, is_dev)| Dependency {
            name: name.to_owned(),
            is_dev,
        });
        complaints_about(&Crate {
            name: name.to_owned(),
            dependencies: dependencies.collect(),
        })
    }

    #[test]
    fn every_crate_of_the_workspace_keeps_to_its_layer() {
        let crates = Metadata::of_workspace().unwrap().crates().unwrap();
        if let Err(failure) = check(&crates) {
            panic!("{failure}");
        }
    }

    #[test]
    fn lower_layers_and_strangers_may_be_used() {
        assert!(
            complaints(
                "api",
                &[("auth", false), ("entity", false), ("serde", false)]
            )
            .is_empty()
        );
        assert!(complaints("queue", &[("test-db", true), ("simulator", true)]).is_empty());
    }

    #[test]
    fn the_same_layer_and_higher_ones_may_not() {
        assert_eq!(complaints("migrations", &[("entity", false)]).len(), 1);
        assert_eq!(complaints("queue", &[("channels", false)]).len(), 1);
        assert_eq!(
            complaints("events", &[("api", false), ("worker", false)]).len(),
            2
        );
    }

    #[test]
    fn the_simulator_stays_apart_from_the_client_it_judges() {
        assert_eq!(complaints("simulator", &[("twilio", true)]).len(), 1);
        assert_eq!(complaints("simulator", &[("twilio", false)]).len(), 1);
    }

    #[test]
    fn reserved_crates_are_for_few() {
        assert_eq!(complaints("server", &[("test-db", false)]).len(), 1);
        assert_eq!(complaints("api", &[("aes-gcm", false)]).len(), 1);
        assert!(complaints("channels", &[("aes-gcm", false)]).is_empty());
    }

    #[test]
    fn a_new_crate_is_told_to_take_a_layer() {
        assert!(complaints("telepathy", &[])[0].contains("give it a layer"));
    }
}
