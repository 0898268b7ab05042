//! Times as answers have them: RFC 3339 in UTC, with none, three, six or nine digits of a second.
//!
//! The same to the letter as chrono writes, which goes through the machinery of `format!` for each number, and
//! through JSON's escaping piece by piece; each row has a handful of times.

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::Serializer;
use serde::ser::Error;

/// A field that is a time, or one that need not be there.
pub(crate) trait Time {
    /// Writes it.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// For `#[serde(serialize_with = …)]`.
pub(crate) fn serialize<S: Serializer>(time: &impl Time, serializer: S) -> Result<S::Ok, S::Error> {
    time.write(serializer)
}

impl<T: Time> Time for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(time) => time.write(serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl Time for DateTime<Utc> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = *b"0000-00-00T00:00:00.000000000Z";
        let Some(length) = put(&mut text, self) else {
            return serde::Serialize::serialize(self, serializer);
        };
        let text = std::str::from_utf8(&text[..length]).map_err(S::Error::custom)?;
        serializer.serialize_str(text)
    }
}

/// Puts a time into its form, and says how long that is; none: it doesn't fit.
fn put(text: &mut [u8; 30], time: &DateTime<Utc>) -> Option<usize> {
    let time = time.naive_utc();
    let nanos = time.nanosecond();
    let year = u32::try_from(time.year())
        .ok()
        .filter(|year| *year <= 9999)?;
    // More is a leap second.
    (nanos < 1_000_000_000).then_some(())?;
    digits(&mut text[..4], year);
    digits(&mut text[5..7], time.month());
    digits(&mut text[8..10], time.day());
    digits(&mut text[11..13], time.hour());
    digits(&mut text[14..16], time.minute());
    digits(&mut text[17..19], time.second());
    digits(&mut text[20..29], nanos);
    let end = match nanos {
        0 => 19,
        _ if nanos.is_multiple_of(1_000_000) => 23,
        _ if nanos.is_multiple_of(1_000) => 26,
        _ => 29,
    };
    text[end] = b'Z';
    Some(end + 1)
}

/// Fills the place with a number's digits.
fn digits(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    struct Fast(#[serde(serialize_with = "serialize")] Option<DateTime<Utc>>);

    #[track_caller]
    fn same(time: DateTime<Utc>) {
        let fast = serde_json::to_string(&Fast(Some(time))).unwrap();
        assert_eq!(fast, serde_json::to_string(&time).unwrap());
    }

    #[test]
    fn times_are_written_as_chrono_writes_them() {
        let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for text in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59.999999Z",
            "2026-11-30T01:02:03.040Z",
            "2026-11-30T01:02:03.000004Z",
            "2026-11-30T01:02:03.000000005Z",
            "2016-12-31T23:59:60.5Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "+10000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
        ] {
            same(time(text));
        }
        // Steps that are alike in no part.
        let step = TimeDelta::days(97) + TimeDelta::nanoseconds(3_661_000_123_000);
        let days = (0..5_000).scan(time("1900-01-01T00:00:00Z"), |at, _| {
            *at += step;
            Some(*at)
        });
        days.for_each(same);
    }

    #[test]
    fn no_time_is_null() {
        assert_eq!(serde_json::to_string(&Fast(None)).unwrap(), "null");
    }
}
