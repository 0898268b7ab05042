//! Opt-out words, which Twilio answers and enforces itself before anybody is asked.

use crate::{message::Message, state::State};

/// What a customer asked for by a word of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Stop,
    Start,
    Help,
}

impl Word {
    /// The whole trimmed text must be the word, in any letter case.
    pub(crate) fn of(body: &str) -> Option<Self> {
        match body.trim().to_ascii_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "OPTOUT"
            | "REVOKE" => Some(Self::Stop),
            "START" | "YES" | "UNSTOP" => Some(Self::Start),
            "HELP" | "INFO" => Some(Self::Help),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }

    fn answer(self) -> &'static str {
        match self {
            Self::Stop => {
                "You are unsubscribed and get no more messages. Reply START to subscribe again."
            }
            Self::Start => "You are subscribed again. Reply HELP for help, STOP to unsubscribe.",
            Self::Help => "Reply STOP to unsubscribe. Message and data rates may apply.",
        }
    }
}

/// What an opt-out covers: the service of a number that is in one, else the number alone.
pub(crate) fn scope<'a>(service: Option<&'a str>, number: &'a str) -> &'a str {
    service.unwrap_or(number)
}

/// Notes what an inbound text asks for. Returns the answer that goes to the customer, if any:
/// `YES` from somebody who never left is an ordinary text.
pub(crate) fn obey(state: &mut State, message: &Message) -> Option<&'static str> {
    let word = Word::of(&message.body)?;
    let customer = message.from.as_deref()?;
    let scope = scope(message.messaging_service_sid.as_deref(), &message.to);
    let out = state.has_opted_out(scope, customer);
    match word {
        Word::Stop => state.opt_out(scope, customer),
        Word::Start => state.opt_in(scope, customer),
        Word::Help => {}
    }
    let answers = match word {
        Word::Stop => !out,
        Word::Start => out,
        Word::Help => true,
    };
    answers.then(|| word.answer())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_text_is_a_word() {
        assert_eq!(Word::of(" stop\n"), Some(Word::Stop));
        assert_eq!(Word::of("Unstop"), Some(Word::Start));
        assert_eq!(Word::of("info"), Some(Word::Help));
        assert_eq!(Word::of("please stop"), None);
    }
}
