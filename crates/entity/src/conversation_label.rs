//! Which conversation carries which label.
use sea_orm::entity::prelude::*;

use crate::id::{ConversationId, LabelId, TenantId};

/// Which conversation carries which label.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_labels")]
pub struct Model {
    /// Whose both are.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: ConversationId,
    /// The label.
    #[sea_orm(primary_key, auto_increment = false)]
    pub label_id: LabelId,
}

crate::tenant_scoped!();
