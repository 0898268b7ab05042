//! What somebody looks for.

use crate::fold::fold;
use crate::terms::Need;
use crate::words::{Piece, cut, is_number, joined, numbers, pieces};

/// The fewest digits of a number that may begin with zeros which it lacks abroad.
const TRUNK: usize = 7;

/// What somebody looks for: all of its words have to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    needs: Vec<Need>,
}

impl Query {
    /// Reads what somebody typed.
    ///
    /// Letters are the beginning of a word, three digits or more a part of a number. A telephone
    /// number may be typed as at home, with a zero that it lacks abroad.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let folded = fold(text);
        let mut needs: Vec<Need> = typed_numbers(&folded)
            .into_iter()
            .map(|digits| Need::Number(without_trunk(digits)))
            .collect();
        let has_number = !needs.is_empty();
        for piece in pieces(&folded) {
            let need = match piece {
                Piece::Stretch(stretch) => Need::Stretch(stretch),
                Piece::Word(word) => {
                    let word = cut(&joined(&word));
                    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
                    // A group of a number, or what is a number of its own.
                    if is_number(&word) || (digits && has_number) {
                        continue;
                    }
                    Need::Word(word)
                }
            };
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        // Digits in a word are looked for with the word.
        if needs.iter().any(|need| matches!(need, Need::Word(_))) {
            let words: Vec<_> = needs
                .iter()
                .filter_map(|need| match need {
                    Need::Word(word) => Some(word.clone()),
                    _ => None,
                })
                .collect();
            needs.retain(|need| match need {
                Need::Number(digits) => !words.iter().any(|word| word.contains(digits.as_str())),
                _ => true,
            });
        }
        Self { needs }
    }

    /// Whether there is nothing in it to look for: signs, blanks, a smile.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    pub(crate) fn needs(&self) -> &[Need] {
        &self.needs
    }

    /// Whether an entry with these words is looked for.
    #[must_use]
    pub fn is_met_by(&self, words: &str) -> bool {
        !self.needs.is_empty() && self.needs.iter().all(|need| need.is_met_by(words))
    }
}

/// The numbers of what was typed. One that begins with a plus is one from its first digit on, though
/// it be too short for a telephone number yet.
fn typed_numbers(folded: &str) -> Vec<String> {
    let text = folded.trim();
    if text.starts_with('+') && !text.contains(char::is_alphabetic) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if (3..=15).contains(&digits.len()) {
            return vec![digits];
        }
    }
    numbers(folded)
}

fn without_trunk(digits: String) -> String {
    let abroad = digits.trim_start_matches('0');
    if digits.len() >= TRUNK && abroad.len() >= 3 {
        abroad.to_owned()
    } else {
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::words;

    fn finds(query: &str, text: &str) -> bool {
        let words: Vec<_> = words(text).into_iter().collect();
        Query::parse(query).is_met_by(&words.join(" "))
    }

    #[test]
    fn beginnings_of_words_are_found_in_any_order() {
        let text = "The Boiler is leaking — João";
        for query in [
            "boi",
            "BOIL",
            "leak boil",
            "joao",
            "João!",
            "b",
            "the boiler is leaking",
        ] {
            assert!(finds(query, text), "{query}");
        }
        for query in ["oiler", "boilers", "boil joana", "", "!?"] {
            assert!(!finds(query, text), "{query}");
        }
    }

    #[test]
    fn a_number_is_found_by_any_run_of_its_digits() {
        let text = "Ana +14155550199";
        for query in [
            "199",
            "0199",
            "4155",
            "(415) 555-0199",
            "+1 415",
            "1-415-555 0199",
            "ana 555",
        ] {
            assert!(finds(query, text), "{query}");
        }
        for query in ["198", "0199 415 2", "99", "415999"] {
            assert!(!finds(query, text), "{query}");
        }
        assert!(finds("0151 1234567", "+491511234567"));
    }

    #[test]
    fn few_digits_are_a_word() {
        assert!(finds("12", "Room 12") && finds("room 1", "Room 12"));
        assert!(!finds("2", "Room 12"));
    }

    #[test]
    fn a_word_with_digits_is_looked_for_whole() {
        assert!(finds("a1234", "Order A1234-B"));
        assert!(!finds("b1234", "Order A1234-B"));
        assert!(finds("1234", "Order A1234-B"));
    }

    #[test]
    fn a_script_without_blanks_is_found_anywhere() {
        for query in ["東", "京都", "東京都", "京都庁 明日"] {
            assert!(finds(query, "明日、東京都庁で会いましょう"), "{query}");
        }
        assert!(!finds("都京", "東京都庁"));
    }
}
