//! Which leads have which tag: what `leads.tags` says, the other way round.
use sea_orm::entity::prelude::*;

use crate::id::{LeadId, TenantId};

/// Which leads have which tag.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_tags")]
pub struct Model {
    /// Whose lead it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The tag.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub tag: String,
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub lead_id: LeadId,
}

crate::tenant_scoped!();
