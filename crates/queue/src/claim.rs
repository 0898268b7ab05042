//! Claiming: which pieces of work a worker may do next, and when.

use entity::id::{ChannelId, LaneEntryId, TenantId};
use entity::{lane, lane_entry};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::lane::{rewake, rewake_locked};

/// How far ahead of its time a piece is claimed, so that the pace is held by waiting in memory
/// and not by asking the database for every single one. No shorter than the pause between two
/// looks, or a lane would fall behind its pace by the time until the next look.
pub(crate) const HORIZON_MS: i64 = 100;

/// A piece of work that is ours until the lease runs out.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The entry.
    pub entry: LaneEntryId,
    /// Its lane.
    pub lane: ChannelId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What is to be done.
    pub payload: Uuid,
    /// The instant at which it may begin, in milliseconds since 1970.
    pub start_at_ms: i64,
    /// Proves the claim.
    pub lease: Uuid,
}

/// Whether any lane has something to do: to be asked before [`claim`], which takes locks.
///
/// # Errors
/// When the database is away.
pub(crate) async fn is_due(conn: &impl ConnectionTrait, now_ms: i64) -> Result<bool, DbErr> {
    let lane = lane::Entity::find()
        .filter(lane::Column::WakeAtMs.lte(now_ms + HORIZON_MS))
        .limit(1)
        .one(conn)
        .await?;
    Ok(lane.is_some())
}

/// Claims what is due now or in the next 100 ms, from at most `lanes` lanes and at most `most`
/// pieces in all.
///
/// Lanes go in the order in which their time came, so none waits for ever. Within a lane the most
/// urgent class goes first, then the earliest. The lane's next free instant moves by its pace for
/// every unit claimed, in the same transaction: two workers can't use one instant.
///
/// # Errors
/// When the database is away.
pub async fn claim(
    tx: &impl ConnectionTrait,
    lease: Uuid,
    now_ms: i64,
    lease_ms: i64,
    lanes: u64,
    most: usize,
) -> Result<Vec<Claim>, DbErr> {
    let due = lane::Entity::find()
        .filter(lane::Column::WakeAtMs.lte(now_ms + HORIZON_MS))
        .order_by_asc(lane::Column::WakeAtMs);
    let mut ready = due
        .clone()
        .limit(lanes)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    if ready.is_empty()
        && let Some(lane) = due.clone().one(tx).await?
    {
        // Whoever queues holds the lane until its commit, so a lane that many queue to may never
        // be found free. Waiting in line for one gets its turn. It is named by its id: a search
        // that waits goes on to the next row when it finds this one changed, and would then hold
        // two, in no order.
        let this = due.filter(lane::Column::Id.eq(lane.id));
        ready = this.lock(LockType::Update).all(tx).await?;
    }
    let mut claims = Vec::new();
    for lane in ready {
        let room = most.saturating_sub(claims.len());
        if room == 0 {
            break;
        }
        claims.extend(claim_lane(tx, &lane, lease, now_ms, lease_ms, room).await?);
    }
    Ok(claims)
}

async fn claim_lane(
    tx: &impl ConnectionTrait,
    lane: &lane::Model,
    lease: Uuid,
    now_ms: i64,
    lease_ms: i64,
    room: usize,
) -> Result<Vec<Claim>, DbErr> {
    let horizon_ms = now_ms + HORIZON_MS;
    let entries = lane_entry::Entity::find()
        .filter(lane_entry::Column::LaneId.eq(lane.id))
        .filter(lane_entry::Column::LeaseId.is_null())
        .filter(lane_entry::Column::DueAtMs.lte(horizon_ms))
        .order_by_asc(lane_entry::Column::Class)
        .order_by_asc(lane_entry::Column::DueAtMs)
        .order_by_asc(lane_entry::Column::Id)
        .limit(Ord::min(room, slots(lane.gap_ms)) as u64)
        // What is just being taken back is left alone; waiting for it could deadlock.
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    let mut next = Ord::max(lane.ready_at_ms, now_ms);
    let mut claims = Vec::new();
    for entry in entries {
        let start_at_ms = Ord::max(next, entry.due_at_ms);
        if start_at_ms > horizon_ms {
            break;
        }
        claims.push(Claim {
            entry: entry.id,
            lane: lane.id,
            tenant: entry.tenant_id,
            payload: entry.payload_id,
            start_at_ms,
            lease,
        });
        next = start_at_ms + lane.gap_ms * i64::from(Ord::max(entry.weight, 1));
    }
    if !claims.is_empty() {
        lease_entries(tx, &claims, lease, now_ms + lease_ms).await?;
        advance(tx, lane.id, next).await?;
    }
    rewake_locked(tx, lane.id).await?;
    Ok(claims)
}

/// How many pieces fit before the horizon: at least one.
fn slots(gap_ms: i64) -> usize {
    usize::try_from(HORIZON_MS / Ord::max(gap_ms, 1)).unwrap_or(0) + 1
}

async fn lease_entries(
    tx: &impl ConnectionTrait,
    claims: &[Claim],
    lease: Uuid,
    until_ms: i64,
) -> Result<(), DbErr> {
    lane_entry::Entity::update_many()
        .col_expr(lane_entry::Column::LeaseId, Expr::value(lease))
        .col_expr(lane_entry::Column::LeaseUntilMs, Expr::value(until_ms))
        .filter(lane_entry::Column::Id.is_in(claims.iter().map(|claim| claim.entry)))
        .exec(tx)
        .await?;
    Ok(())
}

async fn advance(tx: &impl ConnectionTrait, lane: ChannelId, next_ms: i64) -> Result<(), DbErr> {
    lane::Entity::update_many()
        .col_expr(lane::Column::ReadyAtMs, Expr::value(next_ms))
        .col_expr(lane::Column::PauseReason, Expr::value(None::<String>))
        .filter(lane::Column::Id.eq(lane))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives back what was claimed by somebody who did not finish in time, and says how much.
///
/// # Errors
/// When the database is away.
pub async fn release_expired(tx: &impl ConnectionTrait, now_ms: i64) -> Result<usize, DbErr> {
    let expired = lane_entry::Entity::update_many()
        .col_expr(lane_entry::Column::LeaseId, Expr::value(None::<Uuid>))
        .col_expr(lane_entry::Column::LeaseUntilMs, Expr::value(None::<i64>))
        .filter(lane_entry::Column::LeaseUntilMs.lt(now_ms))
        .exec_with_returning(tx)
        .await?;
    let mut lanes: Vec<_> = expired.iter().map(|entry| entry.lane_id).collect();
    lanes.sort_unstable();
    lanes.dedup();
    for lane in lanes {
        rewake(tx, lane).await?;
    }
    Ok(expired.len())
}
