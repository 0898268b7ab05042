//! `?updated_since=`: what has changed, for clients that poll.
//!
//! Changes come in the order of (`updated_at`, id). `next_updated_since` is where to go on. A row's
//! time is set before its transaction commits, so a row can turn up behind one that was already
//! seen; therefore the answer stays a margin behind the present, longer than any transaction may
//! take, and a client drops the rows it has seen before.

use chrono::{DateTime, TimeDelta, Utc};

/// Twice what a request, and so its transaction, may take.
const MARGIN: TimeDelta = TimeDelta::seconds(10);

/// Where to go on: behind all that may still be committing, and never before `since`.
///
/// `now` was read before the rows were; `last` is the time of the last row of a page that is not
/// the last page.
pub(super) fn next(
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    last: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    let safe = now - MARGIN;
    Ord::max(since, last.map_or(safe, |last| Ord::min(last, safe)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn it_stays_behind_the_present_and_never_goes_back() {
        assert_eq!(next(at(100), at(200), None), at(190));
        assert_eq!(next(at(195), at(200), None), at(195));
        assert_eq!(next(at(100), at(200), Some(at(150))), at(150));
        assert_eq!(next(at(100), at(200), Some(at(199))), at(190));
    }
}
