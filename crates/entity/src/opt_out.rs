//! A number that must not be texted by this tenant.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ChannelId, TenantId};
use crate::value::OptOutSource;

/// A number that must not be texted by this tenant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "opt_outs")]
pub struct Model {
    /// For which tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Which number, as in `leads.phone`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub phone: String,
    /// How it came about.
    pub source: OptOutSource,
    /// By which of our numbers.
    pub channel_id: Option<ChannelId>,
    /// That number, kept when the channel is gone.
    #[sea_orm(column_type = "Text", nullable)]
    pub our_number: Option<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

crate::tenant_scoped!();
