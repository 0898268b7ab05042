//! One status callback, kept as it came.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{MessageEventId, MessageId, TenantId};

/// One status callback, kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_events")]
pub struct Model {
    /// The callback.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageEventId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Of which message; nothing when it is none of ours.
    pub message_id: Option<MessageId>,
    /// Of which attempt, if known.
    pub attempt: Option<i32>,
    /// Twilio's MessageSid.
    #[sea_orm(column_type = "Text")]
    pub sid: String,
    /// The status, in Twilio's words, known to us or not.
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// Twilio's error code.
    pub error_code: Option<i32>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

crate::tenant_scoped!();
