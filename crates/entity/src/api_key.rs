//! A key for programs.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ApiKeyId, TenantId, UserId};
use crate::json::Texts;

/// A key for programs.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiKeyId,
    /// The tenant it opens.
    pub tenant_id: TenantId,
    /// Whose rights it has at most, at the time of use.
    pub created_by: UserId,
    /// What it is for.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The first characters, to tell keys apart.
    #[sea_orm(column_type = "Text")]
    pub prefix: String,
    /// SHA-256 of the key, hex.
    #[sea_orm(column_type = "Text")]
    pub key_hash: String,
    /// What it may do; nothing means all that its creator may.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub scopes: Option<Texts>,
    /// When it stops working.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
