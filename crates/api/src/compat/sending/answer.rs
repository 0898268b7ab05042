//! What these clients are answered.

use chrono::{DateTime, Utc};
use conversations::messages::MessageView;
use entity::id::{LeadId, MessageId};
use entity::value::{Direction, MessageStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// A lead's text that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutboundSmsTaken {
    /// Always true.
    pub ok: bool,
    /// The text.
    pub message: OutboundSmsMessage,
}

/// A text to a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutboundSmsMessage {
    /// The message.
    pub id: MessageId,
    /// To whom.
    pub lead_id: LeadId,
    /// Twilio's MessageSid, once Twilio has taken it.
    #[schema(required = true)]
    pub twilio_sid: Option<String>,
    /// Our number.
    pub from_number: String,
    /// The lead's number.
    pub to_number: String,
    /// The text.
    pub body: String,
    /// Always `outbound`.
    pub direction: Direction,
    /// Where it is on its way: `queued`.
    pub status: MessageStatus,
    /// When Twilio took it.
    #[schema(required = true)]
    pub sent_at: Option<DateTime<Utc>>,
}

impl From<MessageView> for OutboundSmsTaken {
    fn from(view: MessageView) -> Self {
        let row = view.message;
        let message = OutboundSmsMessage {
            id: row.id,
            lead_id: row.lead_id,
            twilio_sid: row.external_id,
            from_number: row.from_number,
            to_number: row.to_number,
            body: row.body,
            direction: row.direction,
            status: row.status,
            sent_at: row.sent_at,
        };
        Self { ok: true, message }
    }
}

/// A text that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SmsTaken {
    /// Always true.
    pub success: bool,
    /// The message, as `GET messages/{id}` knows it.
    pub message_id: MessageId,
}

impl From<MessageView> for SmsTaken {
    fn from(view: MessageView) -> Self {
        Self {
            success: true,
            message_id: view.message.id,
        }
    }
}

/// A text that will be sent later.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SmsScheduled {
    /// Always true.
    pub success: bool,
    /// The message: by `messages/{id}` it is seen, changed and canceled.
    pub message_id: MessageId,
    /// When it will be sent.
    #[schema(required = true)]
    pub scheduled_time: Option<DateTime<Utc>>,
}

impl From<MessageView> for SmsScheduled {
    fn from(view: MessageView) -> Self {
        Self {
            success: true,
            message_id: view.message.id,
            scheduled_time: view.message.scheduled_at,
        }
    }
}
