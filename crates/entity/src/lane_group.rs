//! What lanes share that draw on one Twilio account: how much the account takes at present.
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// What lanes share that draw on one Twilio account. There is a row once it has been slowed down.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lane_groups")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The account, within the tenant.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
    /// Before this, none of its lanes may do anything.
    pub ready_at_ms: i64,
    /// Why, for people.
    #[sea_orm(column_type = "Text", nullable)]
    pub pause_reason: Option<String>,
    /// How often its concurrency was halved, as of `slowed_at_ms`; it recovers by itself.
    pub level: i32,
    /// When it was slowed down last.
    pub slowed_at_ms: i64,
}

crate::tenant_scoped!();
