//! The terms that a word is indexed by, and those by which it is looked for.
//!
//! | | is indexed by | is looked for by |
//! |---|---|---|
//! | a word | itself (`=boiler`) | the terms that begin so, however few letters there are |
//! | a number | every three digits in a row (`#415`) | the rarest three of what is looked for |
//! | a stretch | its characters and every two of them (`~東`, `~東京`) | the rarest two |
//!
//! A word thus costs one row and a telephone number nine, and whatever is looked for is found by few terms.
//! Terms may promise too much; the entry's words have the last say.

use std::collections::BTreeSet;

use crate::words::NUMBER;

/// The terms of an entry, by its words.
pub(crate) fn terms<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for word in words {
        match word.chars().next() {
            Some('#') => terms.extend(windows(&word[1..], NUMBER).map(|three| format!("#{three}"))),
            Some('~') => {
                for length in [1, 2] {
                    terms.extend(windows(&word[1..], length).map(|some| format!("~{some}")));
                }
            }
            Some(_) => {
                terms.insert(format!("={word}"));
            }
            None => {}
        }
    }
    terms
}

/// All parts of a text that have so many characters.
fn windows(text: &str, length: usize) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    let last = (chars.len() + 1).saturating_sub(length);
    (0..last).map(move |from| chars[from..from + length].iter().collect())
}

/// Terms of which whatever is looked for has at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Just this one.
    Term(String),
    /// Those that begin so.
    Beginning(String),
}

impl Way {
    /// How much of a text it knows: the more, the rarer.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Term(text) | Self::Beginning(text) => text.len(),
        }
    }
}

/// What is looked for: one word, number or stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A word that begins so.
    Word(String),
    /// A number with these digits in it.
    Number(String),
    /// A stretch with this in it.
    Stretch(String),
}

impl Need {
    /// Ways to what meets this; each of them leads to all of it.
    pub(crate) fn ways(&self) -> Vec<Way> {
        let each = |text: &str, sign: char, length: usize| {
            let terms: BTreeSet<_> = windows(text, length).collect();
            let term = |part| Way::Term(format!("{sign}{part}"));
            terms.into_iter().map(term).collect()
        };
        match self {
            Self::Word(word) => vec![Way::Beginning(format!("={word}"))],
            Self::Number(digits) => each(digits, '#', NUMBER),
            Self::Stretch(text) => each(text, '~', text.chars().count().min(2)),
        }
    }

    /// Whether one of an entry's words meets this.
    pub(crate) fn is_met_by(&self, words: &str) -> bool {
        words.split(' ').any(|word| match self {
            Self::Word(wanted) => word.starts_with(wanted.as_str()),
            Self::Number(digits) => word.starts_with('#') && word.contains(digits.as_str()),
            Self::Stretch(text) => word.starts_with('~') && word.contains(text.as_str()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::words::words;

    #[test]
    fn a_text_has_a_row_for_each_word_and_nine_for_a_telephone_number() {
        for (text, rows) in [
            ("Is there a table for four tonight? No. 123456", 12),
            ("Thanks, see you tomorrow at ten then!", 7),
            ("Hi, it's the boiler again. Can somebody come by today?", 11),
            ("Call me: +1 (415) 555-0199", 11),
            ("no no NO", 1),
            ("東京都", 5),
        ] {
            let words = words(text);
            let terms = super::terms(words.iter().map(String::as_str));
            assert_eq!(terms.len(), rows, "{text}: {terms:?}");
        }
    }
}
