//! How far an account's list of messages at Twilio has been compared with ours.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// How far an account's list of messages at Twilio has been compared with ours.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "catch_ups")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The Twilio account.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub account_sid: String,
    /// What Twilio dated before this has been compared.
    pub through: DateTime<Utc>,
    /// When it is looked at again, in milliseconds since 1970; while somebody does, when they have
    /// to be done.
    pub next_at_ms: i64,
    /// How often in a row it could not be read.
    pub failures: i32,
}

crate::tenant_scoped!();
