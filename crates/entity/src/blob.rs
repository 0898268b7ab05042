//! A file in the store: each of a tenant's contents once.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// A file in the store: each of a tenant's contents once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blobs")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// SHA-256 of its bytes, in hex.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub digest: String,
    /// Its name in the store; never used for another, so that what is being removed is never what has
    /// just come again.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    /// What it is.
    #[sea_orm(column_type = "Text")]
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// When it was last asked for by something new.
    pub used_at: DateTime<Utc>,
}

crate::tenant_scoped!();
