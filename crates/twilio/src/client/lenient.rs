//! Reading answers as loosely as Twilio writes them.
//!
//! Numbers come as strings or numbers, anything may be null. A field that
//! can't be understood is absent: failing on it would turn a message that was
//! sent into one whose fate is unknown.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub(super) fn text<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(input)? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

pub(super) fn number<'de, D: Deserializer<'de>, N: TryFrom<i64>>(
    input: D,
) -> Result<Option<N>, D::Error> {
    let number = match Value::deserialize(input)? {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_i64(),
        _ => None,
    };
    Ok(number.and_then(|number| number.try_into().ok()))
}

pub(super) fn flag<'de, D: Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(input)? == Value::Bool(true))
}

/// RFC 2822, as in `Thu, 24 Aug 2023 05:01:45 +0000`.
pub(super) fn date<'de, D: Deserializer<'de>>(input: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(text(input)?
        .and_then(|text| DateTime::parse_from_rfc2822(&text).ok())
        .map(|date| date.to_utc()))
}
