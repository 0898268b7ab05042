//! One counter per tenant: numbers its events and makes its ETags.
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// One counter per tenant: numbers its events and makes its ETags.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant_seq")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The number of the latest event.
    pub seq: i64,
    /// The number of the latest event that tells of something to be found: a person, a text, a note.
    pub content_seq: i64,
    /// The number of the latest event that is not kept any more.
    pub forgotten: i64,
}

crate::tenant_scoped!();
