//! What a text is found by: its words, its numbers, and stretches of scripts without blanks.
//!
//! They are kept as one text with a blank between them. A number begins with `#` and a stretch with
//! `~`, which no word does.

use std::collections::BTreeSet;

use unicode_normalization::char::is_combining_mark;

use crate::fold::fold;

/// How many words of a text are found; Twilio's longest text has fewer.
const MOST: usize = 500;

/// How many characters of a word count.
pub(crate) const LONGEST: usize = 40;

/// The fewest digits that are a number rather than a word.
pub(crate) const NUMBER: usize = 3;

/// Digits that are written in groups are one number if they are as many as a telephone number has.
const JOINED: std::ops::RangeInclusive<usize> = 7..=15;

/// The words, numbers and stretches of a text, each once.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    let folded = fold(text);
    let mut found: BTreeSet<String> = numbers(&folded)
        .into_iter()
        .map(|digits| format!("#{digits}"))
        .collect();
    for piece in pieces(&folded) {
        if found.len() >= MOST {
            break;
        }
        match piece {
            Piece::Stretch(stretch) => {
                found.insert(format!("~{stretch}"));
            }
            Piece::Word(word) => add_word(&mut found, &word),
        }
    }
    found
}

/// A word with an apostrophe in it is found with and without what stands before it: `l'été` by
/// `ete`, `O'Brien` by `obrien` and `brien`.
fn add_word(found: &mut BTreeSet<String>, word: &str) {
    if word.contains('\'') {
        let parts = word
            .split('\'')
            .filter(|part| part.chars().nth(1).is_some());
        found.extend(parts.map(cut));
    }
    let word = joined(word);
    if !is_number(&word) {
        found.insert(cut(&word));
    }
}

/// A word of digits that [`numbers`] gives.
pub(crate) fn is_number(word: &str) -> bool {
    word.len() >= NUMBER && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A word without its apostrophes.
pub(crate) fn joined(word: &str) -> String {
    word.replace('\'', "")
}

/// As much of a word as counts.
pub(crate) fn cut(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

/// A part of a folded text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Letters and digits between blanks or signs; apostrophes may be in it.
    Word(String),
    /// Characters of a script that puts no blanks between words.
    Stretch(String),
}

/// The parts of a folded text, in order.
pub(crate) fn pieces(folded: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        if is_unspaced(c) {
            let mut stretch = String::from(c);
            while let Some(next) = chars.next_if(|c| is_unspaced(*c)) {
                stretch.push(next);
            }
            pieces.push(Piece::Stretch(stretch));
        } else if is_of_word(c) {
            let mut word = String::from(c);
            loop {
                if let Some(next) = chars.next_if(|c| is_of_word(*c) && !is_unspaced(*c)) {
                    word.push(next);
                } else if chars.peek() == Some(&'\'') && {
                    let mut ahead = chars.clone();
                    ahead.next();
                    ahead
                        .next()
                        .is_some_and(|c| is_of_word(c) && !is_unspaced(c))
                } {
                    chars.next();
                    word.push('\'');
                } else {
                    break;
                }
            }
            pieces.push(Piece::Word(word));
        }
    }
    pieces
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Chinese, Japanese, Thai, Lao, Burmese and Khmer: where a word ends there, only a dictionary
/// knows. Korean has blanks.
fn is_unspaced(c: char) -> bool {
    let script = matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    script && is_of_word(c) && !c.is_ascii()
}

/// The numbers of a folded text: digits in a row, at least three; and groups of digits with the signs
/// between them that telephone numbers are written with, taken as one.
pub(crate) fn numbers(folded: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    let mut row: Vec<&str> = Vec::new();
    let mut end = 0;
    for (start, digits) in groups(folded) {
        if !row.is_empty() && !is_between(&folded[end..start]) {
            close(&mut numbers, &mut row);
        }
        end = start + digits.len();
        row.push(digits);
    }
    close(&mut numbers, &mut row);
    numbers
}

/// Digits in a row, and where they begin.
fn groups(folded: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + folded[from..].find(is_digit)?;
        let length = folded[start..].find(|c| !is_digit(c));
        from = length.map_or(folded.len(), |length| start + length);
        Some((start, &folded[start..from]))
    })
}

fn is_between(text: &str) -> bool {
    let sign = |c: char| {
        matches!(
            c,
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
    };
    text.chars().count() <= 3 && text.chars().all(sign)
}

fn close(numbers: &mut Vec<String>, row: &mut Vec<&str>) {
    let all = row.concat();
    if row.len() > 1 && JOINED.contains(&all.len()) {
        numbers.push(all);
    } else {
        let long = row.iter().filter(|digits| digits.len() >= NUMBER);
        numbers.extend(long.map(|digits| cut(digits)));
    }
    row.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        words(text).into_iter().collect()
    }

    #[test]
    fn words_are_parted_at_signs_and_blanks() {
        assert_eq!(of("The boiler, again!"), ["again", "boiler", "the"]);
        assert_eq!(
            of("ana.souza@example.com"),
            ["ana", "com", "example", "souza"]
        );
        assert_eq!(of("👍 … --"), [] as [&str; 0]);
    }

    #[test]
    fn an_apostrophe_parts_and_joins() {
        assert_eq!(of("O’Brien"), ["brien", "obrien"]);
        assert_eq!(of("l'été"), ["ete", "lete"]);
        assert_eq!(
            of("'quoted' rock 'n' roll"),
            ["n", "quoted", "rock", "roll"]
        );
    }

    #[test]
    fn digits_are_numbers_from_three_on() {
        assert_eq!(of("room 12, code 4711"), ["#4711", "12", "code", "room"]);
        assert_eq!(of("A1234b"), ["#1234", "a1234b"]);
    }

    #[test]
    fn a_telephone_number_is_one_however_it_is_written() {
        for text in ["+1 (415) 555-0199", "1.415.555.0199", "1 415 5550199"] {
            assert!(of(text).contains(&"#14155550199".to_owned()), "{text}");
        }
        assert_eq!(of("415, 555"), ["#415", "#555"]);
        // Too many for one number.
        assert_eq!(of("1234567 1234567 1234567"), ["#1234567"]);
    }

    #[test]
    fn a_script_without_blanks_is_kept_in_stretches() {
        assert_eq!(of("iPhone15を買う、東京"), ["iphone15", "~を買う", "~東京"]);
        assert_eq!(of("예약 확인"), ["예약", "확인"]);
    }
}
