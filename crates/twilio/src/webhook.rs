//! Typed views of verified webhooks.
//!
//! A genuine text is never refused for its content: only what names the
//! message (its SID, and an inbound one's sender) must be there. Everything
//! else is taken as far as it can be understood. NUL is removed everywhere,
//! because PostgreSQL can't store it. Parse only after the signature held.

mod inbound;
mod status;
#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::form::Form;

pub use inbound::{InboundMedia, InboundMessage, OptOutType};
pub use status::{MessageStatus, MessageStatusUpdate};

/// Why a webhook can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// A field is absent or empty without which the message has no identity; answer 400.
    #[error("the field {0} is missing")]
    MissingField(&'static str),
    /// A field that identifies the message is longer than any of Twilio's; answer 400.
    #[error("the field {0} is too long")]
    TooLong(&'static str),
}

/// Twilio's SIDs have 34 characters. What identifies a message goes into an index, and an index
/// takes only so much.
const LONGEST_SID: usize = 100;

fn required(form: &Form, name: &'static str) -> Result<String, WebhookError> {
    form.filled(name).ok_or(WebhookError::MissingField(name))
}

/// The message's SID, also under its two older names.
fn message_sid(form: &Form) -> Result<String, WebhookError> {
    ["MessageSid", "SmsMessageSid", "SmsSid"]
        .into_iter()
        .find_map(|name| form.filled(name))
        .ok_or(WebhookError::MissingField("MessageSid"))
        .and_then(|sid| {
            let fits = sid.len() <= LONGEST_SID;
            fits.then_some(sid)
                .ok_or(WebhookError::TooLong("MessageSid"))
        })
}
