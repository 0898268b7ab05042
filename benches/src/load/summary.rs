//! What came of a load.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::outcome::Outcome;

/// Longer ones count as this: a minute.
const LONGEST_US: u64 = 60_000_000;

/// What one connection, or several, have seen so far.
pub(super) struct Tally {
    /// In microseconds.
    latencies: Histogram<u64>,
    failures: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self {
            latencies: Histogram::new_with_bounds(1, LONGEST_US, 3)?,
            failures: BTreeMap::new(),
        })
    }

    pub(super) fn answered(&mut self, after: Duration) {
        let micros = u64::try_from(after.as_micros()).unwrap_or(LONGEST_US);
        self.latencies.saturating_record(micros);
    }

    pub(super) fn failed(&mut self, why: String) {
        *self.failures.entry(why).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: Self) -> Outcome {
        self.latencies.add(other.latencies)?;
        for (why, count) in other.failures {
            *self.failures.entry(why).or_default() += count;
        }
        Ok(())
    }

    pub(super) fn over(self, elapsed: Duration) -> Load {
        let ms = |quantile| {
            let micros = u32::try_from(self.latencies.value_at_quantile(quantile));
            f64::from(micros.unwrap_or(u32::MAX)) / 1e3
        };
        Load {
            answered: self.latencies.len(),
            elapsed,
            latency: Latency {
                p50_ms: ms(0.5),
                p99_ms: ms(0.99),
                max_ms: ms(1.0),
            },
            failures: self.failures,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// As they should be.
    pub(crate) answered: u64,
    pub(crate) elapsed: Duration,
    pub(crate) latency: Latency,
    /// What else came, and how often.
    pub(crate) failures: BTreeMap<String, u64>,
}

/// How long answers took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Latency {
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_all_connections_together() {
        let (mut one, mut other) = (Tally::new().unwrap(), Tally::new().unwrap());
        for n in 1..=99 {
            one.answered(Duration::from_millis(n));
        }
        other.answered(Duration::from_secs(3600));
        other.failed("status 503".into());
        one.add(other).unwrap();
        let load = one.over(Duration::from_secs(10));
        assert_eq!(load.answered, 100);
        assert!((load.latency.p50_ms - 50.0).abs() < 0.1, "{load:?}");
        assert!((load.latency.p99_ms - 99.0).abs() < 0.1, "{load:?}");
        assert!((load.latency.max_ms - 60_000.0).abs() < 100.0, "{load:?}");
        assert_eq!(load.failures["status 503"], 1);
    }
}
