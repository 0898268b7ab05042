//! Telling a text by its words although Twilio changed them on the way.

/// What Twilio may have done to a text before it stands in its list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    /// A trial account's texts begin with a sentence of Twilio's.
    pub(super) may_be_prefixed: bool,
    /// A messaging service with smart encoding writes typographic signs in plain ones, so that more
    /// characters fit into a segment.
    pub(super) may_be_respelled: bool,
}

impl Words {
    /// Whether what Twilio has listed can be our text.
    pub(super) fn are_in(self, ours: &str, listed: &str) -> bool {
        if self.may_be_respelled {
            self.match_up(&plain(ours), &plain(listed))
        } else {
            self.match_up(ours, listed)
        }
    }

    fn match_up(self, ours: &str, listed: &str) -> bool {
        ours == listed || self.may_be_prefixed && listed.ends_with(ours)
    }
}

/// The text with plain quotes, dashes, dots and spaces.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2035}' | '\u{B4}' | '`' => plain.push('\''),
            '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{2036}' | '\u{AB}' | '\u{BB}' => {
                plain.push('"');
            }
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
                plain.push(' ');
            }
            // They take no room, and Twilio takes them out.
            '\u{200B}' | '\u{2060}' | '\u{FEFF}' => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const AS_SENT: Words = Words {
        may_be_prefixed: false,
        may_be_respelled: false,
    };
    const TRIAL: Words = Words {
        may_be_prefixed: true,
        ..AS_SENT
    };
    const SERVICE: Words = Words {
        may_be_respelled: true,
        ..AS_SENT
    };

    #[test]
    fn only_the_same_words_are_the_same_text() {
        assert!(AS_SENT.are_in("Hello", "Hello"));
        assert!(!AS_SENT.are_in("Hello", "Say Hello"));
        assert!(!AS_SENT.are_in("It\u{2019}s", "It's"));
    }

    #[test]
    fn a_trial_account_puts_a_sentence_before_the_text() {
        let listed = "Sent from your Twilio trial account - Hello";
        assert!(TRIAL.are_in("Hello", listed));
        assert!(TRIAL.are_in("Hello", "Hello"));
        assert!(!TRIAL.are_in("Hello", "Hello you"));
    }

    #[test]
    fn a_service_may_have_written_plain_signs() {
        let ours = "\u{201C}It\u{2019}s ready\u{201D} \u{2013} 5\u{A0}pm\u{2026}";
        assert!(SERVICE.are_in(ours, "\"It's ready\" - 5 pm..."));
        assert!(SERVICE.are_in(ours, ours));
        assert!(!SERVICE.are_in(ours, "\"It's ready\" - 6 pm..."));
    }
}
