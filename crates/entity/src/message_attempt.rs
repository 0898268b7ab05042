//! One try at sending a message.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{MessageId, TenantId};
use crate::value::AttemptOutcome;

/// One try at sending a message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_attempts")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Of which message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: MessageId,
    /// The first is 1; named in the status callback's URL.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// By which account.
    #[sea_orm(column_type = "Text")]
    pub account_sid: String,
    /// Twilio's MessageSid, once known.
    #[sea_orm(column_type = "Text", nullable)]
    pub sid: Option<String>,
    /// What became of the request.
    pub outcome: AttemptOutcome,
    /// The highest status that Twilio has told, in Twilio's words.
    #[sea_orm(column_type = "Text", nullable)]
    pub status: Option<String>,
    /// Twilio's error code.
    pub error_code: Option<i32>,
    /// What Twilio says of it.
    #[sea_orm(column_type = "Text", nullable)]
    pub error_message: Option<String>,
    /// Since when Twilio's list has been seen without it, while its outcome is unknown.
    pub absent_since: Option<DateTime<Utc>>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
