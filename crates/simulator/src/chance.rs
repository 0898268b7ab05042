//! The one place where the simulator meets the clock and chance.
//!
//! A stand-in has no reason to have its time passed in: what it does is defined by when its
//! callers call. Chance is seedable, so that a shuffled run can be repeated.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> i64 {
    now_us() / 1000
}

/// Microseconds since the Unix epoch.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the crate's one place that may"
)]
pub(crate) fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_micros()).ok())
        .unwrap_or_default()
}

/// A moment as Twilio writes it in answers: `Thu, 24 Aug 2023 05:01:45 +0000`.
pub(crate) fn rfc2822(ms: i64) -> String {
    moment(ms).format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// A moment as carriers write it in receipts (`RawDlrDoneDate`): `YYMMDDhhmm`.
pub(crate) fn carrier_date(ms: i64) -> String {
    moment(ms).format("%y%m%d%H%M").to_string()
}

fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// A small generator (SplitMix64): statistically fair, repeatable by its seed, not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Falls back to the clock where the system has no randomness to give: a stand-in needs
    /// different numbers in each run, not unguessable ones.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the crate's one place that may"
    )]
    pub(crate) fn from_system() -> Self {
        Self(getrandom::u64().unwrap_or_else(|_| now_ms().unsigned_abs()))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included; `low` if the range is empty.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        match high.checked_sub(low) {
            Some(span) if span < u64::MAX => low + self.next() % (span + 1),
            _ => low,
        }
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        const STEPS: u64 = 1 << 24;
        let draw = (self.next() % STEPS) as f64 / STEPS as f64;
        draw < probability
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.between(0, last as u64) as usize;
            items.swap(last, other);
        }
    }

    /// A resource name: two letters and 32 hex digits.
    pub(crate) fn sid(&mut self, prefix: &str) -> String {
        format!("{prefix}{:016x}{:016x}", self.next(), self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_twilio_writes_them() {
        assert_eq!(
            rfc2822(1_692_853_305_000),
            "Thu, 24 Aug 2023 05:01:45 +0000"
        );
        assert_eq!(carrier_date(1_692_853_305_000), "2308240501");
    }

    #[test]
    fn the_same_seed_throws_the_same_numbers() {
        let (mut one, mut two) = (Dice::seeded(7), Dice::seeded(7));
        assert_eq!(one.sid("SM"), two.sid("SM"));
        assert_eq!(one.between(3, 9), two.between(3, 9));
        assert_eq!(one.sid("MM").len(), 34);
    }

    #[test]
    fn certain_and_impossible_are_just_that() {
        let mut dice = Dice::seeded(1);
        assert!((0..1000).all(|_| dice.chance(1.0)));
        assert!((0..1000).all(|_| !dice.chance(0.0)));
    }
}
