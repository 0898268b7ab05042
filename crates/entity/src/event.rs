//! What happened, per tenant, in order and without a gap.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// What happened, per tenant, in order and without a gap.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// To whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Its number, from the tenant's counter.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Its type, as `GET events` names it.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Its ids and details.
    #[sea_orm(column_type = "JsonBinary")]
    pub data: Json,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

crate::tenant_scoped!();
