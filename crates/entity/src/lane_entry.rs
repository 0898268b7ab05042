//! One piece of work in a lane.
use sea_orm::entity::prelude::*;

use crate::id::{ChannelId, LaneEntryId, TenantId};

/// One piece of work in a lane.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lane_entries")]
pub struct Model {
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LaneEntryId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// In which lane.
    pub lane_id: ChannelId,
    /// What is to be done: a message.
    pub payload_id: Uuid,
    /// 0 reply, 1 normal, 2 bulk.
    pub class: i32,
    /// Segments, as the pace counts.
    pub weight: i32,
    /// Not before this.
    pub due_at_ms: i64,
    /// Which claim holds it.
    pub lease_id: Option<Uuid>,
    /// When the claim runs out.
    pub lease_until_ms: Option<i64>,
}

crate::tenant_scoped!();
