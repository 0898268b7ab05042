//! What somebody of the team wrote down about a conversation; customers never see it.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ConversationId, NoteId, TenantId, UserId};

/// What somebody of the team wrote down about a conversation; customers never see it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notes")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The note.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoteId,
    /// About which conversation.
    pub conversation_id: ConversationId,
    /// Who wrote it; they may have left since.
    pub author_id: Option<UserId>,
    /// The text.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
