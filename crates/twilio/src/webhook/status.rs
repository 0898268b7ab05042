//! What became of a message that we sent.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{WebhookError, message_sid};
use crate::form::Form;

/// A status callback for a message that we sent.
///
/// Callbacks arrive in any order and more than once; see [`MessageStatus::rank`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageStatusUpdate {
    /// The message.
    pub message_sid: String,
    /// The account that sent it.
    pub account_sid: Option<String>,
    /// The Messaging Service it went through, if any.
    pub messaging_service_sid: Option<String>,
    /// The status; an absent one is `Unknown("")`.
    pub status: MessageStatus,
    /// Twilio's or the carrier's error, for failed and undelivered.
    pub error_code: Option<i32>,
    /// Its text; for people, not to branch on.
    pub error_message: Option<String>,
    /// The sender that was used; can be missing or differ from the one asked for.
    pub from: Option<String>,
    /// The recipient.
    pub to: Option<String>,
    /// When the carrier says it was done, `YYMMDDhhmm`, zone unstated.
    pub raw_dlr_done_date: Option<String>,
}

impl MessageStatusUpdate {
    /// Reads the fields of a verified webhook.
    ///
    /// # Errors
    /// [`WebhookError::MissingField`] without `MessageSid` (or its older names).
    pub fn from_form(form: &Form) -> Result<Self, WebhookError> {
        let status = form
            .filled("MessageStatus")
            .or_else(|| form.filled("SmsStatus"))
            .unwrap_or_default();
        Ok(Self {
            message_sid: message_sid(form)?,
            account_sid: form.filled("AccountSid"),
            messaging_service_sid: form.filled("MessagingServiceSid"),
            status: status.into(),
            error_code: form.get("ErrorCode").and_then(|code| code.parse().ok()),
            error_message: form.filled("ErrorMessage"),
            from: form.filled("From"),
            to: form.filled("To"),
            raw_dlr_done_date: form.filled("RawDlrDoneDate"),
        })
    }
}

/// Twilio's statuses of a message, by their wire names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MessageStatus {
    /// Taken by a Messaging Service that has yet to choose a sender.
    Accepted,
    /// To be sent later.
    Scheduled,
    /// Waiting for its turn at Twilio.
    Queued,
    /// On its way to the carrier.
    Sending,
    /// Taken by the carrier; for some the last word.
    Sent,
    /// The carrier or handset confirmed it.
    Delivered,
    /// The carrier reported a failure.
    Undelivered,
    /// Twilio could not send it.
    Failed,
    /// Cancelled before it was sent.
    Canceled,
    /// Opened by the recipient, which implies delivered.
    Read,
    /// Inbound, still arriving.
    Receiving,
    /// Inbound, complete.
    Received,
    /// Deprecated; says nothing certain.
    PartiallyDelivered,
    /// A status that we don't know, kept as it came.
    Unknown(String),
}

impl MessageStatus {
    /// Twilio's name for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Read => "read",
            Self::Receiving => "receiving",
            Self::Received => "received",
            Self::PartiallyDelivered => "partially_delivered",
            Self::Unknown(text) => text,
        }
    }

    /// How far along an outbound message is; a status only ever moves up.
    ///
    /// `None` for those that move nothing: inbound, deprecated and unknown ones.
    #[must_use]
    pub const fn rank(&self) -> Option<u8> {
        match self {
            Self::Accepted | Self::Scheduled => Some(0),
            Self::Queued => Some(1),
            Self::Sending => Some(2),
            Self::Sent => Some(3),
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Canceled => Some(4),
            Self::Read => Some(5),
            Self::Receiving | Self::Received | Self::PartiallyDelivered | Self::Unknown(_) => None,
        }
    }

    /// Whether Twilio is done with an outbound message (`read` may follow `delivered`).
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.rank().is_some_and(|rank| rank >= 4)
    }
}

impl From<String> for MessageStatus {
    fn from(text: String) -> Self {
        match text.as_str() {
            "accepted" => Self::Accepted,
            "scheduled" => Self::Scheduled,
            "queued" => Self::Queued,
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "undelivered" => Self::Undelivered,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            "read" => Self::Read,
            "receiving" => Self::Receiving,
            "received" => Self::Received,
            "partially_delivered" => Self::PartiallyDelivered,
            _ => Self::Unknown(text),
        }
    }
}

impl From<&str> for MessageStatus {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<MessageStatus> for String {
    fn from(status: MessageStatus) -> Self {
        status.as_str().to_owned()
    }
}

impl FromStr for MessageStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Display for MessageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
