//! How far the index of a tenant has come.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// How far the index of a tenant has come.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_progress")]
pub struct Model {
    /// Whose index.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The last event that the index knows of.
    pub seq: i64,
    /// Counted up by whoever writes to the index: who finds another one than before starts over.
    pub turn: i64,
    /// What kind of thing is being filled in that was there before the index; none: all is.
    pub filling_kind: Option<i32>,
    /// The oldest of that kind that has been; none has.
    pub filled_from: Option<Uuid>,
    /// When it last got further.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
