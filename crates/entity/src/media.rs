//! A picture, video or document of a message.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{MediaId, MessageId, TenantId};
use crate::value::{MediaReason, MediaStatus, SentAs};

/// A picture, video or document of a message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "media")]
pub struct Model {
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MediaId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// To which message it belongs; none while it is only uploaded.
    pub message_id: Option<MessageId>,
    /// Its place in the message, from 0.
    pub position: i32,
    /// What it is; until it is here, what Twilio says that it is.
    #[sea_orm(column_type = "Text")]
    pub content_type: String,
    /// What its owner calls it.
    #[sea_orm(column_type = "Text", nullable)]
    pub filename: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// Which of the tenant's blobs it is, while it is here.
    #[sea_orm(column_type = "Text", nullable)]
    pub digest: Option<String>,
    /// Pixels.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    /// The blob that fits into an MMS, where it is another.
    #[sea_orm(column_type = "Text", nullable)]
    pub fitted_digest: Option<String>,
    /// Bytes of that.
    pub fitted_size: Option<i64>,
    /// The blob that shows it small.
    #[sea_orm(column_type = "Text", nullable)]
    pub thumbnail_digest: Option<String>,
    /// How it goes to the recipient.
    pub sent_as: Option<SentAs>,
    /// Where Twilio keeps it, as long as that matters.
    #[sea_orm(column_type = "Text", nullable)]
    pub source_url: Option<String>,
    /// Whether it is here.
    pub status: MediaStatus,
    /// Why it is not.
    pub reason: Option<MediaReason>,
    /// How often it was tried to fetch it, or to delete it at Twilio.
    pub tries: i32,
    /// When that is to be tried, in milliseconds since 1970; while somebody does, when they have to
    /// be done.
    pub next_try_ms: Option<i64>,
    /// Whether somebody began to decode the picture and did not end: another try may end the same way.
    pub decoding: bool,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
crate::row::in_order!(
    "media":
    id,
    tenant_id,
    message_id,
    position,
    content_type,
    filename,
    size,
    digest,
    width,
    height,
    fitted_digest,
    fitted_size,
    thumbnail_digest,
    sent_as,
    source_url,
    status,
    reason,
    tries,
    next_try_ms,
    decoding,
    created_at,
    updated_at,
);
