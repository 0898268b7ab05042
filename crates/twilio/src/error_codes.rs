//! What Twilio's error codes mean, for programs and for people.
//!
//! One table for answers and callbacks alike: [`Class`] decides what we do,
//! the words are shown to whoever has to act. A code that we don't know falls
//! back to its HTTP status.

mod table;
#[cfg(test)]
mod tests;

/// What to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The same request may work in a moment.
    Retry,
    /// The sender's queue at Twilio is full: pause the sender for minutes.
    RetryLater,
    /// Outcome or cause unknown: at most one more attempt.
    Once,
    /// This recipient can't be reached, ever.
    Recipient,
    /// Nothing works until account, sender or content changes; tell the tenant.
    Fix,
    /// The request itself is wrong: our mistake, or a person's input.
    Input,
    /// Our webhook failed.
    Endpoint,
}

impl Class {
    /// A stable name for records and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::RetryLater => "retry_later",
            Self::Once => "once",
            Self::Recipient => "recipient",
            Self::Fix => "fix",
            Self::Input => "input",
            Self::Endpoint => "endpoint",
        }
    }
}

/// What is known of an error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// Twilio's number.
    pub code: i32,
    /// What to do, for programs.
    pub class: Class,
    /// What happened, a plain sentence.
    pub words: &'static str,
    /// What to do, for people.
    pub advice: &'static str,
}

/// What is known of a code.
#[must_use]
pub fn lookup(code: i32) -> Option<&'static ErrorCode> {
    table::CODES.iter().find(|known| known.code == code)
}

/// The class of a refused call: by its code, else by its HTTP status.
#[must_use]
pub fn classify(code: Option<i32>, http_status: Option<u16>) -> Class {
    if let Some(known) = code.and_then(lookup) {
        return known.class;
    }
    match http_status {
        Some(429) => Class::Retry,
        Some(400..=499) => Class::Input,
        _ => Class::Once,
    }
}

/// The class of an error that a status callback reports.
#[must_use]
pub fn classify_callback(code: Option<i32>) -> Class {
    classify(code, None)
}
