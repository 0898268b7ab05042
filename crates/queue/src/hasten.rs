//! Letting work come up before its time.

use std::collections::BTreeSet;

use entity::id::{ChannelId, TenantId};
use entity::lane_entry;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::lane::{rewake, rewake_locked};

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
    let later = |chunk: &[Uuid]| {
        Condition::all()
            .add(lane_entry::Column::TenantId.eq(tenant))
            .add(lane_entry::Column::PayloadId.is_in(chunk.iter().copied()))
            .add(lane_entry::Column::LeaseId.is_null())
            .add(lane_entry::Column::DueAtMs.gt(due_at_ms))
    };
    let mut lanes: BTreeSet<ChannelId> = BTreeSet::new();
    for chunk in payloads.chunks(CHUNK) {
        let found: Vec<ChannelId> = lane_entry::Entity::find()
            .select_only()
            .column(lane_entry::Column::LaneId)
            .distinct()
            .filter(later(chunk))
            .into_tuple()
            .all(tx)
            .await?;
        lanes.extend(found);
    }
    // Before their entries, as a claim does, and in one order: else two would wait crosswise.
    for lane in &lanes {
        rewake(tx, *lane).await?;
    }
    for chunk in payloads.chunks(CHUNK) {
        lane_entry::Entity::update_many()
            .col_expr(lane_entry::Column::DueAtMs, Expr::value(due_at_ms))
            .filter(later(chunk))
            .exec(tx)
            .await?;
    }
    for lane in lanes {
        rewake_locked(tx, lane).await?;
    }
    Ok(())
}
