//! Letting work come up before its time.

use std::collections::BTreeSet;

use entity::id::{ChannelId, TenantId};
use entity::lane_entry;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::lane::rewake;

/// How many pieces are named in one statement: a database takes only so many values.
const CHUNK: usize = 5_000;

/// Makes those of these pieces due at `due_at_ms` that nobody holds and that would come later. What
/// time it was that they waited for is lost: whoever handles them has to know.
///
/// # Errors
/// When the database is away.
pub async fn hasten(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    payloads: &[Uuid],
    due_at_ms: i64,
) -> Result<(), DbErr> {
    let mut payloads = payloads.to_vec();
    payloads.sort_unstable();
    let mut lanes: BTreeSet<ChannelId> = BTreeSet::new();
    for chunk in payloads.chunks(CHUNK) {
        // In one order, or two that do this at once would wait crosswise.
        let found = lane_entry::Entity::find()
            .filter(lane_entry::Column::TenantId.eq(tenant))
            .filter(lane_entry::Column::PayloadId.is_in(chunk.iter().copied()))
            .filter(lane_entry::Column::LeaseId.is_null())
            .filter(lane_entry::Column::DueAtMs.gt(due_at_ms))
            .order_by_asc(lane_entry::Column::PayloadId)
            .lock(LockType::Update)
            .all(tx)
            .await?;
        lane_entry::Entity::update_many()
            .col_expr(lane_entry::Column::DueAtMs, Expr::value(due_at_ms))
            .filter(lane_entry::Column::Id.is_in(found.iter().map(|entry| entry.id)))
            .exec(tx)
            .await?;
        lanes.extend(found.iter().map(|entry| entry.lane_id));
    }
    for lane in lanes {
        rewake(tx, lane).await?;
    }
    Ok(())
}
