//! Something that is to be indexed anew and of which no event tells.
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// Something that is to be indexed anew and of which no event tells.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_changes")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// This change: a thing that changes twice is here twice.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What kind of thing, as the `search` crate numbers them.
    pub kind: i32,
    /// The thing.
    pub doc: Uuid,
}

crate::tenant_scoped!();
