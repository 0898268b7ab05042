//! What somebody did, or what came about by itself, for people to read later.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ActivityId, ChannelId, ConversationId, LeadId, TenantId, UserId};

/// What somebody did, or what came about by itself, for people to read later.
///
/// Ids are kept without foreign keys: that a channel or a lead was removed is told after they are
/// gone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    /// To whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ActivityId,
    /// Of which kind; see [`Happening`](crate::happening::Happening). A text, since a replica of the
    /// next release may write one that this release does not know.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Who did it; nobody where it came about by itself.
    pub actor_id: Option<UserId>,
    /// In which conversation.
    pub conversation_id: Option<ConversationId>,
    /// About which lead.
    pub lead_id: Option<LeadId>,
    /// About which channel.
    pub channel_id: Option<ChannelId>,
    /// The details of its kind.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// When.
    pub created_at: DateTime<Utc>,
}

crate::tenant_scoped!();
