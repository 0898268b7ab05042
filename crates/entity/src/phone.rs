//! Telephone numbers: as people type them, as Twilio sends them, as the database keeps them.
//!
//! A [`PhoneNumber`] is in E.164 form, always. [`PhoneNumber::parse`] reads what a person typed
//! and needs the tenant's country for it; [`PhoneNumber::from_e164`] reads what a machine wrote.
//! A typed number is checked for its country code and its length, not for being assigned:
//! numbering plans change faster than any list of them, and the fictitious 555 numbers stand in
//! every manual. Who writes in may have no number at all, hence [`Sender`].
//!
//! Only this module knows the library with the numbering plans. It reads generously (letters,
//! extensions, words around the number), so what reaches it here is digits and a plus.

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{
    CountryCodeSource, NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber as Parsed,
    PhoneNumberFormat, PhoneNumberType, Region, ValidationError,
};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! as_text {
    ($name:ident, $error:ty, $read:expr) => {
        impl FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $read(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}

mod sender;
#[cfg(test)]
mod tests;

pub use sender::{Sender, remote_jid};

/// A country by its ISO 3166-1 code of two capital letters, one that has telephone numbers.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    DeriveValueType,
    ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String", column_type = "Text")]
#[schema(value_type = String, example = "US", pattern = "^[A-Z]{2}$")]
pub struct Country([u8; 2]);

/// Why a text is no country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountryError {
    /// Not two capital letters.
    #[error("a country is written as two capital letters, such as US or BR")]
    Form,
    /// Two capital letters that no country with telephone numbers has.
    #[error("no country has this code (the United Kingdom is GB)")]
    Unknown,
}

impl Country {
    /// Reads a code such as `US`; lower case, blanks and names are refused.
    pub fn parse(text: &str) -> Result<Self, CountryError> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => {
                let country = Self([a, b]);
                country
                    .region()
                    .map(|_| country)
                    .ok_or(CountryError::Unknown)
            }
            _ => Err(CountryError::Form),
        }
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn region(self) -> Option<Region> {
        let region = self.as_str().parse().ok()?;
        PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .map(|_| region)
    }
}

/// A telephone number in E.164 form: `+`, then 8 to 15 digits, the first not 0.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType, ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String", column_type = "Text")]
#[schema(value_type = String, example = "+15551234567", pattern = r"^\+[1-9][0-9]{7,14}$")]
pub struct PhoneNumber(String);

/// Why a text is no telephone number, in words for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing but blanks.
    #[error("the phone number is empty")]
    Empty,
    /// A channel or a label stands before the number.
    #[error("give the phone number alone, without a prefix such as \"whatsapp:\"")]
    Prefix,
    /// Letters, also those that a keypad would translate: in contact data they are a mistake
    /// (a name, a placeholder, two numbers) more often than an advertised number.
    #[error("a phone number has no letters: write 1-800-356-9377 rather than 1-800-FLOWERS")]
    Letters,
    /// A number behind a switchboard, which no text can reach.
    #[error("a text can't reach an extension: give the phone number without it")]
    Extension,
    /// No digits, a plus in the middle, or signs that numbers are not written with.
    #[error("this is not a phone number: use digits, as in +15551234567 or (555) 123-4567")]
    NotANumber,
    /// The digits after the plus begin with no country's code.
    #[error("no country has this country code: check the digits after the +")]
    UnknownCountryCode,
    /// Can be dialled within one town only.
    #[error("the area code is missing from this phone number")]
    AreaCodeMissing,
    /// Fewer digits than any number of that country has.
    #[error("this phone number has too few digits for its country")]
    TooShort,
    /// More digits than any number of that country has.
    #[error(
        "this phone number has too many digits for its country: a number abroad starts with + and its country code"
    )]
    TooLong,
    /// A length between the shortest and the longest that no number of that country has.
    #[error("no phone number of that country has this many digits")]
    WrongLength,
    /// Not in the one form that [`PhoneNumber::from_e164`] reads.
    #[error("a phone number must be + and 8 to 15 digits here, such as +15551234567")]
    NotE164,
}

/// What kind of number it is, as far as it decides how fast one may send from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberKind {
    /// An ordinary number with country code 1: the United States, Canada and their neighbours.
    LongCodeNanp,
    /// A number with country code 1 whose owner pays for the calls.
    TollFree,
    /// A code of 3 to 8 digits that works inside one country.
    ShortCode,
    /// Anything else: numbers of other countries, names, addresses of other channels.
    Other,
}

/// 822 is the next one in reserve and not assigned yet.
const TOLL_FREE_AREA_CODES: [&str; 8] = ["800", "888", "877", "866", "855", "844", "833", "822"];

impl PhoneNumber {
    /// Reads a number as people write it, national numbers in the way of `default_country`.
    ///
    /// Any punctuation, the prefixes `00` and `011` for abroad from anywhere, digits of any
    /// script and `tel:` links are understood. 7-digit numbers without an area code, letters,
    /// extensions and channel prefixes are refused.
    pub fn parse(input: &str, default_country: &Country) -> Result<Self, PhoneError> {
        let region = default_country.region().ok_or(PhoneError::NotANumber)?;
        let dialled = dialled(input)?;
        let here = read(&dialled, region);
        // `00` begins no national number, so where the country dials abroad in another way it
        // means abroad all the same. `011` begins national numbers in Brazil: only if all else
        // fails.
        if let Some(rest) = dialled.strip_prefix("00") {
            match here {
                Ok((number, CountryCodeSource::FromNumberWithIdd)) => Ok(number),
                _ => read(&format!("+{rest}"), region).map(|(number, _)| number),
            }
        } else if let Some(rest) = dialled.strip_prefix("011") {
            here.or_else(|why| read(&format!("+{rest}"), region).map_err(|_| why))
                .map(|(number, _)| number)
        } else {
            here.map(|(number, _)| number)
        }
    }

    /// Reads `+` and 8 to 15 digits exactly, as Twilio and the database write them.
    ///
    /// No numbering plan is asked: what has sent a text exists, whatever the plans say.
    pub fn from_e164(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError::NotE164)?;
        let well_formed = (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(PhoneError::NotE164)
        }
    }

    /// The number with its plus.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number without its plus.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// Where the number belongs, as far as the numbering plans tell: for a number that they
    /// don't know the largest country with its country code, for a global service none.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        let number = self.parsed()?;
        let region = number
            .get_region_code()
            .or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code))?;
        Country::parse(&region.to_string()).ok()
    }

    /// What kind of number it is; never [`NumberKind::ShortCode`].
    #[must_use]
    pub fn kind(&self) -> NumberKind {
        match self.digits().strip_prefix('1') {
            Some(national) if national.len() == 10 => {
                if TOLL_FREE_AREA_CODES.contains(&&national[..3]) {
                    NumberKind::TollFree
                } else {
                    NumberKind::LongCodeNanp
                }
            }
            _ => NumberKind::Other,
        }
    }

    /// As people write it at home: `(555) 123-4567`. For reading only.
    #[must_use]
    pub fn national_format(&self) -> String {
        self.formatted(PhoneNumberFormat::National)
    }

    /// As people write it abroad: `+1 555-123-4567`. For reading only.
    #[must_use]
    pub fn international_format(&self) -> String {
        self.formatted(PhoneNumberFormat::International)
    }

    fn formatted(&self, format: PhoneNumberFormat) -> String {
        self.parsed().map_or_else(
            || self.0.clone(),
            |number| number.format_as(format).into_owned(),
        )
    }

    fn parsed(&self) -> Option<Parsed> {
        PHONE_NUMBER_UTIL.parse(&self.0, None).ok()
    }
}

/// Takes the punctuation off: ASCII digits remain, with a plus before them if there was one.
fn dialled(input: &str) -> Result<String, PhoneError> {
    let text = input.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if text.is_empty() {
        return Err(PhoneError::Empty);
    }
    let number = match text.split_once(':') {
        Some((scheme, number)) if scheme.eq_ignore_ascii_case("tel") => number,
        Some((before, _)) if before.contains(char::is_alphabetic) => {
            return Err(PhoneError::Prefix);
        }
        _ => text,
    };
    let mut dialled = String::with_capacity(number.len());
    for c in number.chars() {
        match c {
            '0'..='9' => dialled.push(c),
            '+' | '\u{ff0b}' if dialled.is_empty() => dialled.push('+'),
            _ if is_punctuation(c) || is_invisible(c) => {}
            _ => match PHONE_NUMBER_UTIL.normalize_digits_only(c.encode_utf8(&mut [0; 4])) {
                digit if digit.is_empty() => return Err(foreign_sign(number)),
                digit => dialled.push_str(&digit),
            },
        }
        // 15 digits of a number behind up to 5 that dial abroad.
        if dialled.len() > 20 {
            return Err(PhoneError::TooLong);
        }
    }
    if dialled.contains(|c: char| c.is_ascii_digit()) {
        Ok(dialled)
    } else {
        Err(PhoneError::NotANumber)
    }
}

/// Which mistake it is that the text has more in it than digits and punctuation.
fn foreign_sign(text: &str) -> PhoneError {
    // The country matters not for where an extension begins.
    let has_extension = PHONE_NUMBER_UTIL
        .parse(text, Some(Region::US))
        .is_ok_and(|number| number.extension.is_some());
    if has_extension {
        PhoneError::Extension
    } else if text.contains(char::is_alphabetic) {
        PhoneError::Letters
    } else {
        PhoneError::NotANumber
    }
}

fn is_punctuation(c: char) -> bool {
    c.is_whitespace() && !c.is_control()
        || matches!(c, '\t' | '-' | '.' | '/' | '(' | ')' | '[' | ']' | '~')
        || matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff0d}'..='\u{ff0f}')
        || matches!(
            c,
            '\u{ff08}' | '\u{ff09}' | '\u{ff3b}' | '\u{ff3d}' | '\u{ff5e}' | '\u{223c}'
        )
}

/// Marks without a width, which come along when a number is copied from a page or an app.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Reads digits, and says whether a country code was among them.
fn read(dialled: &str, region: Region) -> Result<(PhoneNumber, CountryCodeSource), PhoneError> {
    let number = PHONE_NUMBER_UTIL.parse_and_keep_raw_input(dialled, Some(region))?;
    check_length(&number)?;
    let text = number.format_as(PhoneNumberFormat::E164);
    // A trunk prefix typed twice would leave one in the number, and the next reading take it off.
    let again = PHONE_NUMBER_UTIL.parse(&*text, None)?;
    if again.format_as(PhoneNumberFormat::E164) != text {
        return Err(PhoneError::WrongLength);
    }
    let fits = PhoneNumber::from_e164(&text).map_err(|_| {
        if text.len() > 15 {
            PhoneError::TooLong
        } else {
            PhoneError::TooShort
        }
    })?;
    Ok((fits, number.country_code_source()))
}

/// A number that the plan doesn't list must at least have the length of a land line or a mobile:
/// the plan's other lengths (services, toll-free) would let a mobile without its area code pass.
fn check_length(number: &Parsed) -> Result<(), PhoneError> {
    if number.is_valid() {
        return Ok(());
    }
    let kind = PhoneNumberType::FixedLineOrMobile;
    match PHONE_NUMBER_UTIL.is_possible_number_for_type_with_reason(number, kind) {
        Ok(NumberLengthType::IsPossible) => Ok(()),
        Ok(NumberLengthType::IsPossibleLocalOnly) => Err(PhoneError::AreaCodeMissing),
        Err(ValidationError::InvalidCountryCode) => Err(PhoneError::UnknownCountryCode),
        Err(ValidationError::TooShort) => Err(PhoneError::TooShort),
        Err(ValidationError::TooLong) => Err(PhoneError::TooLong),
        Err(ValidationError::InvalidLength) => Err(PhoneError::WrongLength),
    }
}

impl From<ParseError> for PhoneError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::InvalidCountryCode => Self::UnknownCountryCode,
            ParseError::TooLongNsn => Self::TooLong,
            // Only digits were given: one of them alone is what the library calls no number.
            ParseError::NotANumber(_) | ParseError::TooShortAfterIdd | ParseError::TooShortNsn => {
                Self::TooShort
            }
        }
    }
}

as_text!(Country, CountryError, Country::parse);
as_text!(PhoneNumber, PhoneError, PhoneNumber::from_e164);

impl TryFrom<String> for Country {
    type Error = CountryError;

    fn try_from(text: String) -> Result<Self, CountryError> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneError;

    fn try_from(text: String) -> Result<Self, PhoneError> {
        Self::from_e164(&text)
    }
}
