//! An answer kept, so that a repeated request repeats nothing.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// An answer kept, so that a repeated request repeats nothing.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Whose request it was.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Method and path.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub route: String,
    /// The `Idempotency-Key` header.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    /// SHA-256 of the body, hex.
    #[sea_orm(column_type = "Text")]
    pub body_digest: String,
    /// The answer's HTTP status; nothing while the request is in flight.
    pub status: Option<i32>,
    /// The answer's body, secrets left out.
    #[sea_orm(column_type = "Text", nullable)]
    pub answer: Option<String>,
    /// When the request came.
    pub started_at: DateTime<Utc>,
    /// When it may be forgotten.
    pub expires_at: DateTime<Utc>,
}

crate::tenant_scoped!();
