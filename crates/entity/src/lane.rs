//! The queue of one sending number.
use sea_orm::entity::prelude::*;

use crate::id::{ChannelId, TenantId};

/// The queue of one sending number.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lanes")]
pub struct Model {
    /// The channel whose number sends.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChannelId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Which of the tenant's groups it belongs to: its Twilio account.
    #[sea_orm(column_type = "Text")]
    pub group_name: String,
    /// Microseconds between two segments.
    pub gap_us: i64,
    /// Before this, the pace or a pause allows nothing; microseconds since 1970.
    pub ready_at_us: i64,
    /// When there will be something to do; nothing while the lane is empty.
    pub wake_at_ms: Option<i64>,
    /// Counts what has been given out, for the share of what waits behind the more urgent.
    pub turn: i32,
    /// The worker that has the lane, while it lasts.
    pub holder_id: Option<Uuid>,
    /// Until when.
    pub holder_until_ms: i64,
    /// Why it stands still, while it does.
    #[sea_orm(column_type = "Text", nullable)]
    pub pause_reason: Option<String>,
}

crate::tenant_scoped!();
