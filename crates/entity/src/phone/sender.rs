//! Who a text or a call is from, which need not be a number.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::{NumberKind, PhoneNumber};

/// Who sent a text or a call, as Twilio named them.
///
/// Short codes, names, `anonymous` and addresses of other channels are kept as they came: they
/// can't be answered by a text, but what they wrote is not lost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType)]
#[serde(from = "String", into = "String")]
#[sea_orm(value_type = "String", column_type = "Text")]
pub enum Sender {
    /// Somebody who can be texted and called back.
    Number(PhoneNumber),
    /// Anything else.
    Other(String),
}

impl PartialSchema for Sender {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("E.164 number, short code or name"))
            .examples(["+15551234567"])
            .into()
    }
}

impl ToSchema for Sender {}

/// ANONYMOUS, RESTRICTED and UNAVAILABLE, spelled on a keypad: carriers put them where the caller
/// hides the number. Their length is that of no number with those country codes.
const HIDDEN: [&str; 3] = ["+266696687", "+7378742833", "+86282452253"];

impl Sender {
    /// Takes any text; nothing is trimmed or refused.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match PhoneNumber::from_e164(text) {
            Ok(number) if !HIDDEN.contains(&text) => Self::Number(number),
            _ => Self::Other(text.to_owned()),
        }
    }

    /// The number to answer to, if there is one.
    #[must_use]
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Number(number) => Some(number),
            Self::Other(_) => None,
        }
    }

    /// The text that it came as.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_str(),
            Self::Other(text) => text,
        }
    }

    /// What kind of number it is.
    #[must_use]
    pub fn kind(&self) -> NumberKind {
        match self {
            Self::Number(number) => number.kind(),
            Self::Other(text) => {
                let is_code =
                    (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
                if is_code {
                    NumberKind::ShortCode
                } else {
                    NumberKind::Other
                }
            }
        }
    }
}

/// The key of a conversation within its channel, as existing clients know it: `sms_` and the
/// digits (`sms_15551234567`), or the sender's text where there is no number.
#[must_use]
pub fn remote_jid(sender: &Sender) -> String {
    match sender {
        Sender::Number(number) => format!("sms_{}", number.digits()),
        Sender::Other(text) => format!("sms_{text}"),
    }
}

as_text!(Sender, Infallible, |text| Ok(Sender::parse(text)));

impl From<String> for Sender {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}
