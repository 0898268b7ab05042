//! What can stand in a channel's way, and what to do about it.

use serde::Serialize;
use utoipa::ToSchema;

/// Why a check failed, to be branched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Twilio does not know this account SID with this auth token (20003).
    WrongCredentials,
    /// Twilio does not know this API key for this account (20003).
    WrongApiKey,
    /// Twilio's test credentials: nothing is delivered (20008).
    TestCredentials,
    /// The account is suspended.
    AccountSuspended,
    /// The account is closed for good.
    AccountClosed,
    /// A trial account: texts reach verified numbers only.
    TrialAccount,
    /// The account does not own the number.
    NumberNotInAccount,
    /// The number can't text.
    NoSmsCapability,
    /// Twilio gave no answer, or failed.
    TwilioUnreachable,
    /// Twilio refused for another reason; its words are in the detail.
    TwilioRefused,
}

impl Reason {
    /// The reason in a sentence.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::WrongCredentials => "Twilio does not accept this account SID and auth token.",
            Self::WrongApiKey => "Twilio does not accept this API key for this account.",
            Self::TestCredentials => "These are test credentials, which deliver nothing.",
            Self::AccountSuspended => "The Twilio account is suspended.",
            Self::AccountClosed => "The Twilio account is closed.",
            Self::TrialAccount => "This is a trial account: it texts verified numbers only.",
            Self::NumberNotInAccount => "The number does not belong to this Twilio account.",
            Self::NoSmsCapability => "The number can't send or receive texts.",
            Self::TwilioUnreachable => "Twilio could not be asked.",
            Self::TwilioRefused => "Twilio refused the request.",
        }
    }

    pub(super) const fn what_to_do(self) -> &'static str {
        match self {
            Self::WrongCredentials => {
                "Copy the account SID and the primary auth token again from the Twilio console; a subaccount has its own."
            }
            Self::WrongApiKey => {
                "Check the API key's SID and secret, or remove the key: the auth token is used then."
            }
            Self::TestCredentials => {
                "Use the live account SID and auth token, or set the channel's mode to test."
            }
            Self::AccountSuspended => {
                "See the Twilio console for the reason: mostly the balance or a review."
            }
            Self::AccountClosed => "Connect another account; a closed one can't be opened again.",
            Self::TrialAccount => {
                "Upgrade the account at Twilio, or set the channel's mode to trial and verify the numbers that you text."
            }
            Self::NumberNotInAccount => {
                "Check the number, and whether it belongs to another account or subaccount."
            }
            Self::NoSmsCapability => "Choose a number that Twilio lists with SMS.",
            Self::TwilioUnreachable => "Try again in a minute, and see https://status.twilio.com.",
            Self::TwilioRefused => "Look up the code at https://www.twilio.com/docs/api/errors.",
        }
    }
}
