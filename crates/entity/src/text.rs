//! What people write.

use std::ops::RangeInclusive;

/// Characters that show nothing by themselves: those with the property
/// [`Default_Ignorable_Code_Point`](https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt),
/// and the blank of braille.
const UNSEEN: [RangeInclusive<char>; 18] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether nothing of a text is seen, so that it is as good as none.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    let unseen = |c: char| {
        c.is_whitespace() || c.is_control() || UNSEEN.iter().any(|range| range.contains(&c))
    };
    text.chars().all(unseen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_blank() {
        for text in [
            "",
            " \t\n",
            "\u{200b}",
            "\u{feff} \u{2060}",
            "\u{3164}",
            "\u{e0041}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        // Joined emoji and a heart in colour hold such characters as well.
        for text in ["a", ".", "👨\u{200d}👩\u{200d}👧", "❤\u{fe0f}", "\u{200b}x"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
