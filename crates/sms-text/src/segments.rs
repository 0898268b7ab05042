//! How many segments a text is sent, and billed, as.
//!
//! A text that fits the alphabet of GSM 03.38 goes out in septets: 160 in a single segment, 153 in
//! each of several. One character outside of it, and all of the text goes out as UTF-16: 70 and
//! 67 code units. The numbers are those of Twilio's own calculator, against whose answers the
//! tests hold this module. Two things differ, both on purpose:
//!
//! * A character as a person sees it (a grapheme cluster) is never divided over two segments, but
//!   which code points make one up follows the Unicode version of our library, which is newer.
//! * A single grapheme longer than a segment (accents heaped upon a letter) is divided here, at
//!   code points; the calculator lets it overflow the segment and counts too few.

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

#[cfg(test)]
mod tests;

/// How the characters of a text travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Encoding {
    /// The 7-bit alphabet of GSM 03.38 and its extension table.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// 16-bit units; in practice UTF-16.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// The name that people know it by: `GSM-7` or `UCS-2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// How many units a text may have that goes out as one segment.
    #[must_use]
    pub const fn single_capacity(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// How many units each segment of a longer text holds: 6 octets go to the header by which the
    /// phone puts them together.
    #[must_use]
    pub const fn part_capacity(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// What it takes to send a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Segments {
    /// How the whole text is encoded.
    pub encoding: Encoding,
    /// Characters as a person counts them; CRLF is two.
    pub characters: usize,
    /// Septets (two for a character of the extension table) or UTF-16 code units, headers and
    /// gaps at the end of segments not included.
    pub units: usize,
    /// How many segments: at least 1, also for an empty text.
    pub segments: usize,
}

/// A character that is outside of the GSM alphabet, and so makes the whole text UCS-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Forcing<'a> {
    /// Where it begins, in UTF-16 code units: the way browsers index a text, in order to mark it.
    pub index: usize,
    /// The character, of one or more code points.
    pub text: &'a str,
}

/// Counts what it takes to send `body`.
#[must_use]
pub fn count(body: &str) -> Segments {
    let encoding = if characters(body).all(|c| septets(c).is_some()) {
        Encoding::Gsm7
    } else {
        Encoding::Ucs2
    };
    let mut pages = Pages::new(encoding);
    let mut seen = 0;
    for character in characters(body) {
        seen += 1;
        match encoding {
            Encoding::Gsm7 => pages.push(septets(character).unwrap_or(1)),
            Encoding::Ucs2 => pages.push_utf16(character),
        }
    }
    let segments = if pages.units <= encoding.single_capacity() {
        1
    } else {
        pages.full + 1
    };
    Segments {
        encoding,
        characters: seen,
        units: pages.units,
        segments,
    }
}

/// The characters of `body` that make it UCS-2, in order; none for a text that is GSM-7.
pub fn forcing(body: &str) -> impl Iterator<Item = Forcing<'_>> {
    characters(body)
        .scan(0, |next, text| {
            let index = *next;
            *next += text.encode_utf16().count();
            Some(Forcing { index, text })
        })
        .filter(|character| septets(character.text).is_none())
}

/// A text laid out over the segments of a message that needs several.
struct Pages {
    capacity: usize,
    units: usize,
    full: usize,
    used: usize,
}

impl Pages {
    const fn new(encoding: Encoding) -> Self {
        Self {
            capacity: encoding.part_capacity(),
            units: 0,
            full: 0,
            used: 0,
        }
    }

    /// Adds something of `units` that goes into one segment undivided.
    const fn push(&mut self, units: usize) {
        self.units += units;
        self.used += units;
        if self.used > self.capacity {
            self.full += 1;
            self.used = units;
        }
    }

    fn push_utf16(&mut self, character: &str) {
        let units = character.encode_utf16().count();
        if units <= self.capacity {
            self.push(units);
        } else {
            character.chars().for_each(|c| self.push(c.len_utf16()));
        }
    }
}

/// The graphemes of a text, but CRLF as the two characters that it is on the way.
fn characters(body: &str) -> impl Iterator<Item = &str> {
    body.graphemes(true).flat_map(|grapheme| {
        let (first, second) = match grapheme {
            "\r\n" => grapheme.split_at(1),
            _ => (grapheme, ""),
        };
        std::iter::once(first).chain((!second.is_empty()).then_some(second))
    })
}

/// How many septets a character takes; none if the GSM alphabet doesn't have it.
fn septets(character: &str) -> Option<usize> {
    let mut chars = character.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if is_basic(c) => Some(1),
        (Some(c), None) if is_extended(c) => Some(2),
        _ => None,
    }
}

/// The basic table of GSM 03.38, section 6.2.1, without its escape code. Of ASCII it lacks the
/// backtick, the tab and the characters of the extension table; of small letters with a cedilla
/// or an acute accent it has none but `é`.
const fn is_basic(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '\n' | '\r' | ' '..='/' | ':'..='@' | '_')
        || matches!(c, '¡' | '£' | '¤' | '¥' | '§' | '¿')
        || matches!(c, 'Ä' | 'Å' | 'Æ' | 'Ç' | 'É' | 'Ñ' | 'Ö' | 'Ø' | 'Ü')
        || matches!(
            c,
            'à' | 'ä' | 'å' | 'æ' | 'è' | 'é' | 'ì' | 'ñ' | 'ò' | 'ö' | 'ø' | 'ù' | 'ü' | 'ß'
        )
        || matches!(c, 'Γ' | 'Δ' | 'Θ' | 'Λ' | 'Ξ' | 'Π' | 'Σ' | 'Φ' | 'Ψ' | 'Ω')
}

/// The extension table of GSM 03.38, section 6.2.1.1: an escape code and a second one.
const fn is_extended(c: char) -> bool {
    matches!(
        c,
        '\u{c}' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' | '~' | '€'
    )
}
