//! One lead on one channel.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ChannelId, ConversationId, LeadId, MessageId, TenantId, UserId};
use crate::value::{Control, ConversationPriority, ConversationStatus};

/// One lead on one channel.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// By which of our numbers.
    pub channel_id: ChannelId,
    /// With whom.
    pub lead_id: LeadId,
    /// `sms_` and the digits of their number; unique within the channel.
    #[sea_orm(column_type = "Text")]
    pub remote_jid: String,
    /// Their number or sender name, as messages carry it.
    #[sea_orm(column_type = "Text")]
    pub remote_address: String,
    /// Where it stands.
    pub status: ConversationStatus,
    /// When a snoozed one comes back.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Who looks after it.
    pub assigned_user_id: Option<UserId>,
    /// Who answers.
    pub control: Control,
    /// Since when a person does.
    pub control_since: Option<DateTime<Utc>>,
    /// Which person.
    pub control_user_id: Option<UserId>,
    /// Texts from the customer that nobody has read.
    pub unread_count: i32,
    /// How pressing it is.
    pub priority: ConversationPriority,
    /// The latest message.
    pub last_message_id: Option<MessageId>,
    /// When it came or was written; when the conversation began, as long as there is none.
    pub last_message_at: DateTime<Utc>,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<DateTime<Utc>>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
crate::row::in_order!(
    "conversations":
    id,
    tenant_id,
    channel_id,
    lead_id,
    remote_jid,
    remote_address,
    status,
    snoozed_until,
    assigned_user_id,
    control,
    control_since,
    control_user_id,
    unread_count,
    priority,
    last_message_id,
    last_message_at,
    waiting_since,
    created_at,
    updated_at,
);
