//! A text that was erased with its lead, by Twilio's name for it and nothing else.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;

/// A text that was erased with its lead, so that it is not found missing and brought in again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erased_texts")]
pub struct Model {
    /// Whose it was.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Twilio's MessageSid.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub sid: String,
    /// When it was erased; forgotten when Twilio's list is not read that far back any more.
    pub erased_at: DateTime<Utc>,
}

crate::tenant_scoped!();
