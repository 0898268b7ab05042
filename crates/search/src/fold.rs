//! Makes of a text what is compared: small letters without accents, digits of one script.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text as it is compared.
///
/// Accents and points are left out where one may leave them out: those of Latin, Greek and
/// Cyrillic letters, Hebrew points, Arabic vowel signs. The vowel signs of Hindi or Thai are no
/// accents, and stay.
pub(crate) fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_left_out(*c))
        .flat_map(char::to_lowercase)
        .flat_map(spelled)
        // Puts together again what is one letter, like the syllables of Korean.
        .nfc()
        .collect()
}

fn is_left_out(c: char) -> bool {
    let accent = matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}');
    // Nobody sees these, nor the line that stretches an Arabic word.
    let unseen = matches!(c,
        '\0' | '\u{ad}' | '\u{640}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{feff}');
    unseen || (accent && is_combining_mark(c))
}

/// Letters that are no other letter with an accent, but are typed as others where a keyboard lacks
/// them; and digits of the scripts that have their own.
fn spelled(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        'ø' => ('o', None),
        'đ' | 'ð' => ('d', None),
        'ł' => ('l', None),
        'ħ' => ('h', None),
        'ı' => ('i', None),
        'ŋ' => ('n', None),
        'ς' => ('σ', None),
        '\u{2019}' | '\u{2bc}' => ('\'', None),
        _ => (ascii_digit(c).unwrap_or(c), None),
    };
    std::iter::once(first).chain(second)
}

/// Arabic, Persian, Hindi and Bengali digits as they are written elsewhere.
fn ascii_digit(c: char) -> Option<char> {
    let zero = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}'];
    zero.into_iter()
        .find_map(|zero| char::from_digit((c as u32).checked_sub(zero as u32)?, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_capitals_make_no_difference() {
        for (text, folded) in [
            ("João Müller", "joao muller"),
            ("ŁÓDŹ", "lodz"),
            ("İstanbul ıĞ", "istanbul ig"),
            ("Straße", "strasse"),
            ("ΣΟΦΌΣ σοφός", "σοφοσ σοφοσ"),
            ("Ёлка", "елка"),
            ("שָׁלוֹם", "שלום"),
            ("مُحَمَّد", "محمد"),
            ("ﬁn ２０ ½", "fin 20 1⁄2"),
            ("boi\u{ad}ler", "boiler"),
            ("٠١٢٣", "0123"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn what_is_one_letter_stays_one() {
        assert_eq!(fold("한국"), "한국");
        assert_eq!(fold("がぎ"), "がぎ");
        assert_eq!(fold("हिन्दी"), "हिन्दी");
    }
}
