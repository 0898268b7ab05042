//! Messages as clients see them.

use ::media::Variant;
use chrono::{DateTime, Utc};
use conversations::messages::MessageView;
use entity::id::{ChannelId, ConversationId, LeadId, MediaId, MessageId, UserId};
use entity::value::{
    AttemptOutcome, Direction, Encoding, MediaReason, MediaStatus, MessageReason, MessageSource,
    MessageStatus, SendPriority, SentAs,
};
use entity::{media, message_attempt};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::page;
use crate::state::Shown;
use crate::time;

/// A text, in or out.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// With whom.
    pub lead_id: LeadId,
    /// By which of the tenant's numbers.
    pub channel_id: ChannelId,
    /// Which way it goes.
    pub direction: Direction,
    /// The sender.
    pub from_number: String,
    /// The recipient.
    pub to_number: String,
    /// The text; empty for media alone.
    pub body: String,
    /// Where it is on its way.
    pub status: MessageStatus,
    /// Twilio's MessageSid; of the latest attempt when outbound.
    pub external_id: Option<String>,
    /// Twilio's error code.
    pub error_code: Option<i32>,
    /// What went wrong.
    pub error_message: Option<String>,
    /// What that means and what to do.
    pub error_help: Option<String>,
    /// Why it waits or has ended, where that is not Twilio's doing.
    pub reason: Option<MessageReason>,
    /// What holds it back, while quiet hours do; `next_attempt_at` says until when.
    pub held_reason: Option<String>,
    /// How many segments it takes; Twilio charges by segment.
    pub num_segments: i32,
    /// How it is carried.
    pub encoding: Encoding,
    /// What came with it.
    pub media: Vec<MessageMedia>,
    /// Who wrote it.
    pub source: MessageSource,
    /// Which person.
    pub sent_by_user_id: Option<UserId>,
    /// How urgent sending is.
    pub priority: SendPriority,
    /// How many tries there have been.
    pub attempts: i32,
    /// When it is to be sent, if later.
    #[serde(serialize_with = "time::serialize")]
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When the next try is due, after one has failed or while quiet hours hold it back.
    #[serde(serialize_with = "time::serialize")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// After this it is not sent any more.
    #[serde(serialize_with = "time::serialize")]
    pub valid_until: Option<DateTime<Utc>>,
    /// Whether it is dropped when the customer writes first.
    pub cancel_on_reply: bool,
    /// Whether it came while the service could not be reached, and was found in Twilio's list later:
    /// then `created_at` is when it was found, and `sent_at` when it came.
    pub caught_up: bool,
    /// When Twilio took it, or when it came.
    #[serde(serialize_with = "time::serialize")]
    pub sent_at: Option<DateTime<Utc>>,
    /// When it arrived.
    #[serde(serialize_with = "time::serialize")]
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it was written or came.
    #[serde(serialize_with = "time::serialize")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "time::serialize")]
    pub updated_at: DateTime<Utc>,
    /// The sender's city, as Twilio knows it.
    pub from_city: Option<String>,
    /// The sender's state.
    pub from_state: Option<String>,
    /// The sender's postal code.
    pub from_zip: Option<String>,
    /// The sender's country.
    pub from_country: Option<String>,
}

/// A picture, video or document of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageMedia {
    /// The item.
    pub id: MediaId,
    /// What it is by its content; until it is here, what the sender's carrier says.
    pub content_type: String,
    /// What its owner calls it.
    pub filename: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// Pixels, of a picture.
    pub width: Option<i32>,
    /// Pixels, of a picture.
    pub height: Option<i32>,
    /// Whether it is here.
    pub status: MediaStatus,
    /// Why it is not.
    pub reason: Option<MediaReason>,
    /// How it goes to the recipient; null of what came in.
    pub sent_as: Option<SentAs>,
    /// Where to see it once it is here, for an hour at least.
    pub url: Option<String>,
    /// A small picture of it.
    pub thumbnail_url: Option<String>,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagePage {
    /// The rows of this page.
    pub data: Vec<Message>,
    /// `cursor` for the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// `updated_since` of the next poll, where there was one in this.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "time::serialize"
    )]
    pub next_updated_since: Option<DateTime<Utc>>,
}

/// One try at sending a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    /// The first is 1.
    pub number: i32,
    /// Twilio's MessageSid, once known.
    pub external_id: Option<String>,
    /// What became of the request.
    pub outcome: AttemptOutcome,
    /// The highest status that Twilio has told, in Twilio's words.
    pub status: Option<String>,
    /// Twilio's error code.
    pub error_code: Option<i32>,
    /// What went wrong.
    pub error_message: Option<String>,
    /// What that means and what to do.
    pub error_help: Option<String>,
    /// When it began.
    #[serde(serialize_with = "time::serialize")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "time::serialize")]
    pub updated_at: DateTime<Utc>,
}

page!(
    /// A page of the tries at sending a message, first to last.
    AttemptPage of Attempt
);

/// What one of Twilio's error codes means and what to do about it.
fn help(code: Option<i32>) -> Option<String> {
    let known = twilio::error_codes::lookup(code?)?;
    Some(format!("{} {}", known.words, known.advice))
}

/// What to do where Twilio had nothing to do with it.
fn advice(reason: Option<MessageReason>) -> Option<String> {
    reason
        .and_then(conversations::reason::advice)
        .map(str::to_owned)
}

impl Message {
    pub(crate) fn new(view: MessageView, shown: &Shown<'_>) -> Self {
        let row = view.message;
        Self {
            id: row.id,
            conversation_id: row.conversation_id,
            lead_id: row.lead_id,
            channel_id: row.channel_id,
            direction: row.direction,
            from_number: row.from_number,
            to_number: row.to_number,
            body: row.body,
            status: row.status,
            external_id: row.external_id,
            error_code: row.error_code,
            error_message: row.error_message,
            error_help: help(row.error_code).or_else(|| advice(row.reason)),
            reason: row.reason,
            held_reason: row.held_reason,
            num_segments: row.num_segments,
            encoding: row.encoding,
            media: media(view.media, shown),
            source: row.source,
            sent_by_user_id: row.sent_by_user_id,
            priority: row.priority,
            attempts: row.attempts,
            scheduled_at: row.scheduled_at,
            next_attempt_at: row.next_attempt_at,
            valid_until: row.valid_until,
            cancel_on_reply: row.cancel_on_reply,
            caught_up: row.caught_up,
            sent_at: row.sent_at,
            delivered_at: row.delivered_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            from_city: row.from_city,
            from_state: row.from_state,
            from_zip: row.from_zip,
            from_country: row.from_country,
        }
    }
}

fn media(rows: Vec<media::Model>, shown: &Shown<'_>) -> Vec<MessageMedia> {
    let item = |row: media::Model| MessageMedia {
        id: row.id,
        url: row
            .digest
            .as_ref()
            .map(|_| shown.link(&row, Variant::Original)),
        thumbnail_url: shown.thumbnail(&row),
        content_type: row.content_type,
        filename: row.filename,
        size: row.size,
        width: row.width,
        height: row.height,
        status: row.status,
        reason: row.reason,
        sent_as: row.sent_as,
    };
    rows.into_iter().map(item).collect()
}

impl From<message_attempt::Model> for Attempt {
    fn from(row: message_attempt::Model) -> Self {
        Self {
            number: row.number,
            external_id: row.sid,
            outcome: row.outcome,
            status: row.status,
            error_code: row.error_code,
            error_help: help(row.error_code),
            error_message: row.error_message,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
