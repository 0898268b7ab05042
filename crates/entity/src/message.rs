//! A text, in or out.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ChannelId, ConversationId, LeadId, MessageId, TenantId, UserId};
use crate::value::{
    Direction, Encoding, MessageReason, MessageSource, MessageStatus, SendPriority,
};

/// A text, in or out.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    /// The message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// With whom.
    pub lead_id: LeadId,
    /// By which of our numbers.
    pub channel_id: ChannelId,
    /// Which way it goes.
    pub direction: Direction,
    /// The sender.
    #[sea_orm(column_type = "Text")]
    pub from_number: String,
    /// The recipient.
    #[sea_orm(column_type = "Text")]
    pub to_number: String,
    /// The text; empty for media alone.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Where it is on its way.
    pub status: MessageStatus,
    /// The Twilio account it went through.
    #[sea_orm(column_type = "Text", nullable)]
    pub account_sid: Option<String>,
    /// Twilio's MessageSid; of the latest attempt when outbound.
    #[sea_orm(column_type = "Text", nullable)]
    pub external_id: Option<String>,
    /// The MessageSid of an inbound text, once more: it is stored once, and known by it. Nothing else has
    /// one, as this never changes.
    #[sea_orm(column_type = "Text", nullable)]
    pub inbound_sid: Option<String>,
    /// Twilio's error code.
    pub error_code: Option<i32>,
    /// What Twilio says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub error_message: Option<String>,
    /// Why it waits or has ended, where that is not Twilio's doing.
    pub reason: Option<MessageReason>,
    /// What holds it back, in words, while quiet hours do.
    #[sea_orm(column_type = "Text", nullable)]
    pub held_reason: Option<String>,
    /// How many segments it takes.
    pub num_segments: i32,
    /// How it is carried.
    pub encoding: Encoding,
    /// How many items come with it.
    pub num_media: i32,
    /// Who wrote it.
    pub source: MessageSource,
    /// Which person, if one did.
    pub sent_by_user_id: Option<UserId>,
    /// How urgent sending is.
    pub priority: SendPriority,
    /// How many tries there have been.
    pub attempts: i32,
    /// How many of the automatic retries are used up.
    pub retries: i32,
    /// When it is to be sent, if later.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When the next try is due, after one has failed or while quiet hours hold it back.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// After this it is not sent any more.
    pub valid_until: Option<DateTime<Utc>>,
    /// Whether it is dropped when the customer writes first.
    pub cancel_on_reply: bool,
    /// Whether it came while we could not be told, and was found in Twilio's list later.
    pub caught_up: bool,
    /// When Twilio took it, or when an inbound one came.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it arrived.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The sender's city, as Twilio knows it.
    #[sea_orm(column_type = "Text", nullable)]
    pub from_city: Option<String>,
    /// The sender's state.
    #[sea_orm(column_type = "Text", nullable)]
    pub from_state: Option<String>,
    /// The sender's postal code.
    #[sea_orm(column_type = "Text", nullable)]
    pub from_zip: Option<String>,
    /// The sender's country.
    #[sea_orm(column_type = "Text", nullable)]
    pub from_country: Option<String>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
crate::row::in_order!(
    "messages":
    id,
    tenant_id,
    conversation_id,
    lead_id,
    channel_id,
    direction,
    from_number,
    to_number,
    body,
    status,
    account_sid,
    external_id,
    inbound_sid,
    error_code,
    error_message,
    reason,
    held_reason,
    num_segments,
    encoding,
    num_media,
    source,
    sent_by_user_id,
    priority,
    attempts,
    retries,
    scheduled_at,
    next_attempt_at,
    valid_until,
    cancel_on_reply,
    caught_up,
    sent_at,
    delivered_at,
    from_city,
    from_state,
    from_zip,
    from_country,
    created_at,
    updated_at,
);
