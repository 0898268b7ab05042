//! Whether what was wanted was reached.

use super::{Goal, Measured};

/// What was reached, and whether that is enough.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) measured: String,
    pub(super) holds: bool,
}

/// The middle one, or the mean of the two in the middle.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<_> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().checked_sub(1)? / 2, sorted.len() / 2);
    Some((sorted[low] + sorted[high]) / 2.0)
}

/// `None` where nothing was wanted or nothing was measured to compare with.
pub(super) fn verdict(goal: Goal, ours: &[&Measured], peer: &[&Measured]) -> Option<Verdict> {
    let rate = |runs: &[&Measured]| median(runs.iter().map(|run| run.rate));
    let p99 = |runs: &[&Measured]| median(runs.iter().filter_map(|run| Some(run.latency?.p99_ms)));
    let times = || Some(rate(ours)? / rate(peer)?);
    let verdict = match goal {
        Goal::None => Verdict {
            measured: format!("p99 {:.1} of {:.1} ms", p99(ours)?, p99(peer)?),
            holds: true,
        },
        Goal::Times(wanted) => Verdict {
            measured: format!("{:.2} × peer", times()?),
            holds: times()? >= wanted,
        },
        Goal::TimesAndSooner(wanted) => {
            let (ours_ms, peer_ms) = (p99(ours)?, p99(peer)?);
            Verdict {
                measured: format!(
                    "{:.2} × peer, p99 {ours_ms:.1} of {peer_ms:.1} ms",
                    times()?
                ),
                holds: times()? >= wanted && ours_ms < peer_ms,
            }
        }
        Goal::OfBound(wanted) => {
            let share = median(ours.iter().filter_map(|run| run.of_bound))?;
            Verdict {
                measured: format!("{share:.3} of the bound"),
                holds: share >= wanted,
            }
        }
    };
    // A text that has no row, or comes twice, is no result at all.
    let is_clean = ours
        .iter()
        .all(|run| run.is_whole() && run.failures.is_empty());
    Some(Verdict {
        holds: verdict.holds && is_clean,
        measured: match is_clean {
            true => verdict.measured,
            false => format!("{} (with failures)", verdict.measured),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([].into_iter()), None);
        assert_eq!(median([3.0].into_iter()), Some(3.0));
        assert_eq!(median([9.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 9.0].into_iter()), Some(3.0));
    }
}
