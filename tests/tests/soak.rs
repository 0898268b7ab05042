//! What has to hold while everything goes wrong at once, or while a lot goes on at once.
//!
//! Each scenario stands here once and comes in two sizes. The short one runs with all other tests
//! and takes seconds; the long one is ignored, prints its figures, and is run by `cargo xtask soak`,
//! which hands its options over as variables (`SOAK_TEXTS`, `SOAK_SEED`, …).

mod arrivals;
mod backlog;
mod dice;
mod evidence;
mod fairness;
mod kills;
mod memory;
mod numbers;
mod outage;
mod pace;
mod rows;
mod streams;
mod uploads;

pub(crate) use dice::Dice;
pub(crate) use rows::Rows;

use std::str::FromStr;

/// What a run is told by a variable, else what the scenario says.
fn option<T: FromStr>(name: &str, default: T) -> T {
    let given = std::env::var(name).ok();
    given.map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number"))
    })
}
