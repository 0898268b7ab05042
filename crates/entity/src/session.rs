//! One login: from the password to logout, expiry or theft.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{SessionId, TenantId, UserId};

/// One login: from the password to logout, expiry or theft.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// The login.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// The tenant logged in to.
    pub tenant_id: TenantId,
    /// Who logged in.
    pub user_id: UserId,
    /// How often the refresh token has been rotated.
    pub generation: i32,
    /// When it last was.
    pub rotated_at: DateTime<Utc>,
    /// What that attempt was named by, as a digest: who has lost its answer may ask once more.
    #[sea_orm(column_type = "Text", nullable)]
    pub attempt_digest: Option<String>,
    /// When it can no longer be renewed.
    pub expires_at: DateTime<Utc>,
    /// When it was ended early.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When the password was given.
    pub created_at: DateTime<Utc>,
}

crate::tenant_scoped!();
