//! The words by which people stop, start and ask about texts.
//!
//! The stop words are those of Twilio (STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, and since
//! 2025 OPTOUT and REVOKE) and of the FCC, which lists in 47 CFR 64.1200(a)(10) the replies that
//! revoke consent whatever a sender prefers: stop, quit, end, revoke, opt out, cancel,
//! unsubscribe. START, YES, UNSTOP, HELP and INFO are Twilio's.
//!
//! Only a text that is the word and nothing else counts, as with Twilio: "please cancel my
//! appointment" is for a person to read. We are more tolerant than Twilio about what surrounds
//! the word ("STOP." or "“Stop”"), since a text to somebody who asked for none is an offence, and
//! a text too few is not. So we may hold somebody opted out whom Twilio would still deliver to.
//!
//! When Twilio says itself what the text was (`OptOutType`, with its Advanced Opt-Out), that
//! decides: there the words are the tenant's own, in any language.

/// What a text that is a keyword asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// No more texts.
    Stop,
    /// Texts again.
    Start {
        /// START or UNSTOP. YES is not explicit: it opts in only those who are opted out, and is
        /// an answer to some question from everybody else. The caller knows which.
        explicit: bool,
    },
    /// Who is writing, and how to make it stop.
    Help,
}

const STOP: [&str; 10] = [
    "STOP",
    "STOPALL",
    "STOP ALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "OPTOUT",
    "OPT OUT",
    "REVOKE",
];
const START: [&str; 2] = ["START", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

/// No keyword is longer than this, nor should an essay be copied to find that out.
const LONGEST: usize = 11;

/// The keyword that `body` is: in any letter case, with any blanks, quotes, punctuation or emoji
/// around it, and with any blanks or a hyphen between the two words of OPT OUT and STOP ALL.
#[must_use]
pub fn keyword(body: &str) -> Option<Keyword> {
    let text = body.trim_matches(|c: char| !c.is_alphanumeric());
    let mut word = String::with_capacity(LONGEST);
    for part in text
        .split(|c: char| c.is_whitespace() || is_hyphen(c))
        .filter(|p| !p.is_empty())
    {
        if !word.is_empty() {
            word.push(' ');
        }
        word.push_str(part);
        if word.len() > LONGEST {
            return None;
        }
    }
    word.make_ascii_uppercase();
    let word = word.as_str();
    if STOP.contains(&word) {
        Some(Keyword::Stop)
    } else if START.contains(&word) {
        Some(Keyword::Start { explicit: true })
    } else if word == "YES" {
        Some(Keyword::Start { explicit: false })
    } else if HELP.contains(&word) {
        Some(Keyword::Help)
    } else {
        None
    }
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2014}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_word_is_known_in_any_case_and_dress() {
        for (words, meaning) in [
            (&STOP[..], Keyword::Stop),
            (&START, Keyword::Start { explicit: true }),
            (&["YES"], Keyword::Start { explicit: false }),
            (&HELP, Keyword::Help),
        ] {
            for word in words {
                for body in [
                    (*word).to_owned(),
                    word.to_lowercase(),
                    format!(" {word}\r\n"),
                    format!("{word}."),
                    format!("“{word}”!!!"),
                    format!("'{word}'"),
                    format!("*{word}*"),
                    format!("{word} 🛑"),
                    format!("\u{feff}{word}\0"),
                    word.replace(' ', "\u{a0} \n"),
                    word.replace(' ', "-"),
                ] {
                    assert_eq!(keyword(&body), Some(meaning), "{body:?}");
                }
            }
            assert!(words.iter().all(|word| word.len() <= LONGEST));
        }
    }

    #[test]
    fn a_sentence_with_a_keyword_is_no_keyword() {
        for body in [
            "",
            " \n",
            "🛑",
            "Please stop",
            "STOP IT",
            "stop. please",
            "Cancel my appointment",
            "yes please",
            "the end",
            "STOPP",
            "STOP2",
            "S T O P",
            "STOP, START",
            "unsubscribe me",
            "opt out all",
            "ОPTOUT",
        ] {
            assert_eq!(keyword(body), None, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_asked_about(body in any::<String>()) {
            let _ = keyword(&body);
        }

        #[test]
        fn what_surrounds_a_word_does_not_matter(
            before in r"[ \t\n.,;:!?'\u{201c}(\[*_-]{0,6}", after in r"[ \t\n.,;:!?'\u{201d})\]*_-]{0,6}",
        ) {
            prop_assert_eq!(keyword(&format!("{before}Stop{after}")), Some(Keyword::Stop));
        }
    }
}
