//! The hours in which nobody wants a text from a machine.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

#[cfg(test)]
mod tests;

/// From when to when nothing is to be sent, by the recipient's clock.
///
/// The clock on the wall decides, so that a day on which clocks change needs no rule of its own: an
/// hour that comes twice is quiet both times or neither, and one that is skipped is over when it
/// has been skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    start: NaiveTime,
    end: NaiveTime,
}

/// How far ahead a moment is looked for that suits all zones: what there is comes every day, and a
/// day on which clocks change may lose it.
const HORIZON: TimeDelta = TimeDelta::hours(48);

/// The longest time that clocks have skipped: Samoa had no 30 December 2011.
const LONGEST_GAP_MINUTES: i64 = 24 * 60;

impl QuietHours {
    /// From `start` on, until before `end`; over midnight where `end` is earlier than `start`.
    /// Two equal times mean no hours at all, not all of them.
    #[must_use]
    pub const fn new(start: NaiveTime, end: NaiveTime) -> Self {
        Self { start, end }
    }

    /// Reads two times written `HH:MM`.
    #[must_use]
    pub fn parse(start: &str, end: &str) -> Option<Self> {
        let time = |text| NaiveTime::parse_from_str(text, "%H:%M").ok();
        Some(Self::new(time(start)?, time(end)?))
    }

    /// Whether it is quiet in this zone at that instant.
    #[must_use]
    pub fn covers(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let clock = at.with_timezone(&zone).time();
        if self.start <= self.end {
            self.start <= clock && clock < self.end
        } else {
            clock >= self.start || clock < self.end
        }
    }

    /// The earliest instant, `now` or later, at which it is quiet in none of the zones.
    ///
    /// Zones may lie so far apart that it is always night in one of them. Then the first one
    /// decides, which is where most people are in the lists that this crate gives. No zone at all
    /// holds nothing back.
    #[must_use]
    pub fn earliest(&self, now: DateTime<Utc>, zones: &[Tz]) -> DateTime<Utc> {
        let first = zones.get(..1).unwrap_or_default();
        self.in_all(now, zones)
            .or_else(|| self.in_all(now, first))
            .unwrap_or(now)
    }

    fn in_all(&self, now: DateTime<Utc>, zones: &[Tz]) -> Option<DateTime<Utc>> {
        let mut at = now;
        while at <= now + HORIZON {
            let quiet = zones.iter().filter(|zone| self.covers(at, **zone));
            match quiet.filter_map(|zone| self.end_after(at, *zone)).max() {
                Some(end) => at = end,
                None => return Some(at),
            }
        }
        None
    }

    /// The next instant after `at` at which the clocks of the zone come to the end.
    fn end_after(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = at.with_timezone(&zone).date_naive();
        (0..=2)
            .filter_map(|days| today.checked_add_signed(TimeDelta::days(days)))
            .find_map(|day| instant_after(day.and_time(self.end), zone, at))
    }
}

/// When the clocks of the zone show this time, or have skipped it; the first such instant later
/// than `at`.
fn instant_after(local: NaiveDateTime, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (0..=LONGEST_GAP_MINUTES)
        .map(|minutes| zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))))
        .find(|found| found.earliest().is_some())
        .and_then(|found| {
            let instants = [found.earliest(), found.latest()];
            instants.into_iter().flatten().find(|instant| *instant > at)
        })
        .map(|instant| instant.with_timezone(&Utc))
}
