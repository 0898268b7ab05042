//! A label that a tenant's conversations can carry.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{LabelId, TenantId};
use crate::value::LabelColor;

/// A label that a tenant's conversations can carry.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "labels")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The label.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LabelId,
    /// What it says.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The name without regard to case, by which no two are alike.
    #[sea_orm(column_type = "Text")]
    pub folded: String,
    /// How it is shown.
    pub color: LabelColor,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
