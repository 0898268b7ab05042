//! A picture, video or document of a message.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{MediaId, MessageId, TenantId};
use crate::value::MediaStatus;

/// A picture, video or document of a message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MediaId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// To which message it belongs.
    pub message_id: Option<MessageId>,
    /// Its place in the message, from 0.
    pub position: i32,
    /// What Twilio says it is; not to be trusted.
    #[sea_orm(column_type = "Text")]
    pub content_type: String,
    /// Where Twilio keeps it.
    #[sea_orm(column_type = "Text", nullable)]
    pub source_url: Option<String>,
    /// Whether it is here.
    pub status: MediaStatus,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
