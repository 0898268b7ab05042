//! What changes a lane: adding, finishing, putting back, pausing.
//!
//! `wake_at_ms` is the one column that workers look at: the later of what the pace allows
//! (`ready_at_us`) and the earliest piece that nobody holds. Whoever changes either side
//! recomputes it in the same transaction.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use db::each::{self, Rows};
use entity::clock::Clock;
use entity::id::{ChannelId, LaneEntryId, TenantId};
use entity::{TenantScoped, lane, lane_entry};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    ExprTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};
use uuid::Uuid;

use crate::Class;
use crate::time::{micros, now_expr, now_ms};

/// The latest that a lane's next free instant can lie ahead: longer than the longest pause, and than
/// the longest text takes at the slowest pace.
const FURTHEST_MS: i64 = 2 * 3_600_000;

/// A piece of work to be queued.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Its id.
    pub id: LaneEntryId,
    /// Whose it is.
    pub tenant: TenantId,
    /// In which lane; the lane is made if it isn't there.
    pub lane: ChannelId,
    /// The account that the lane draws on.
    pub group: String,
    /// The lane's pace from now on: microseconds between two units of weight.
    pub gap_us: i64,
    /// What is to be done.
    pub payload: Uuid,
    /// How urgent it is.
    pub class: Class,
    /// How many units it takes: segments of a text.
    pub weight: i32,
    /// Not before this, in milliseconds since 1970.
    pub due_at_ms: i64,
}

/// Queues a piece of work.
///
/// # Errors
/// When the database is away, or the lane's channel doesn't exist.
pub async fn enqueue(tx: &impl ConnectionTrait, entry: &NewEntry) -> Result<(), DbErr> {
    let upsert = "INSERT INTO lanes (id, tenant_id, group_name, gap_us, ready_at_us, wake_at_ms, \
           turn, holder_until_ms) VALUES ($1, $2, $3, $4, 0, $5, 0, 0) \
         ON CONFLICT (id) DO UPDATE SET group_name = excluded.group_name, \
           gap_us = excluded.gap_us, wake_at_ms = CASE \
           WHEN lanes.wake_at_ms IS NOT NULL AND lanes.wake_at_ms <= excluded.wake_at_ms \
             THEN lanes.wake_at_ms \
           WHEN lanes.ready_at_us / 1000 > excluded.wake_at_ms THEN lanes.ready_at_us / 1000 \
           ELSE excluded.wake_at_ms END";
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        upsert,
        [
            entry.lane.into(),
            entry.tenant.into(),
            entry.group.as_str().into(),
            entry.gap_us.into(),
            entry.due_at_ms.into(),
        ],
    ))
    .await?;
    lane_entry::ActiveModel {
        id: Set(entry.id),
        tenant_id: Set(entry.tenant),
        lane_id: Set(entry.lane),
        payload_id: Set(entry.payload),
        class: Set(entry.class as i32),
        weight: Set(entry.weight),
        due_at_ms: Set(entry.due_at_ms),
        lease_id: Set(None),
        lease_until_ms: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// Takes a finished piece out. False when the lease had been lost: then it is not ours to move.
///
/// # Errors
/// When the database is away.
pub async fn done(
    tx: &impl ConnectionTrait,
    entry: LaneEntryId,
    lease: Uuid,
) -> Result<bool, DbErr> {
    let result = lane_entry::Entity::delete_many()
        .filter(lane_entry::Column::Id.eq(entry))
        .filter(lane_entry::Column::LeaseId.eq(lease))
        .exec(tx)
        .await?;
    Ok(result.rows_affected > 0)
}

/// As [`done`], for many pieces; what had been lost stays.
///
/// # Errors
/// When the database is away.
pub async fn done_each(
    tx: &impl ConnectionTrait,
    held: impl Iterator<Item = (LaneEntryId, Uuid)>,
) -> Result<(), DbErr> {
    let keys = held.map(|(entry, lease)| [entry.into(), Value::from(lease)]);
    let columns = ["id", "lease_id"];
    each::delete(tx, "lane_entries", columns, keys.collect(), "")
        .await
        .map(drop)
}

/// Puts a piece back, to come up again at `due_at_ms`. False when the lease had been lost.
///
/// # Errors
/// When the database is away.
pub async fn again(
    tx: &impl ConnectionTrait,
    lane: ChannelId,
    entry: LaneEntryId,
    lease: Uuid,
    due_at_ms: i64,
) -> Result<bool, DbErr> {
    let result = lane_entry::Entity::update_many()
        .col_expr(lane_entry::Column::DueAtMs, Expr::value(due_at_ms))
        .col_expr(lane_entry::Column::LeaseId, Expr::value(None::<Uuid>))
        .col_expr(lane_entry::Column::LeaseUntilMs, Expr::value(None::<i64>))
        .filter(lane_entry::Column::Id.eq(entry))
        .filter(lane_entry::Column::LeaseId.eq(lease))
        .exec(tx)
        .await?;
    rewake(tx, lane).await?;
    Ok(result.rows_affected > 0)
}

/// Whether the lease still holds, and will for so much longer, by the database's clock: to be asked
/// before something that can't be undone.
///
/// # Errors
/// When the database is away.
pub async fn holds(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    entry: LaneEntryId,
    lease: Uuid,
    longer: Duration,
) -> Result<bool, DbErr> {
    let longer_ms = i64::try_from(longer.as_millis()).unwrap_or(i64::MAX);
    let until = now_expr(conn, clock).add(longer_ms);
    let row = lane_entry::Entity::find_by_id(entry)
        .filter(lane_entry::Column::LeaseId.eq(lease))
        .filter(Expr::col(lane_entry::Column::LeaseUntilMs).gt(until))
        .one(conn)
        .await?;
    Ok(row.is_some())
}

/// As [`holds`], for many pieces; gives those whose lease holds.
///
/// # Errors
/// When the database is away.
pub async fn held(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    held: impl Iterator<Item = (LaneEntryId, Uuid)>,
    longer: Duration,
) -> Result<HashSet<LaneEntryId>, DbErr> {
    let keys = held.map(|(entry, lease)| [entry.into(), Value::from(lease)]);
    let columns = ["id", "lease_id"];
    let found = each::find::<lane_entry::Entity, 2>(conn, columns, keys.collect(), "").await?;
    let longer_ms = i64::try_from(longer.as_millis()).unwrap_or(i64::MAX);
    let until_ms = now_ms(conn, clock).await? + longer_ms;
    let holds = |row: &lane_entry::Model| row.lease_until_ms.is_some_and(|end| end > until_ms);
    Ok(found.into_iter().filter(holds).map(|row| row.id).collect())
}

/// Takes what nobody holds yet out of the queue. What is held is its holder's to check.
///
/// # Errors
/// When the database is away.
pub async fn cancel(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    payload: Uuid,
) -> Result<bool, DbErr> {
    let canceled = cancel_each(tx, &BTreeMap::from([(tenant, vec![payload])])).await?;
    Ok(canceled > 0)
}

/// As [`cancel`], for many pieces of several tenants; says how many were taken out.
///
/// # Errors
/// When the database is away.
pub async fn cancel_each(
    tx: &impl ConnectionTrait,
    payloads: &BTreeMap<TenantId, Vec<Uuid>>,
) -> Result<u64, DbErr> {
    let these = lane_entry::Entity::of_each(lane_entry::Column::PayloadId, payloads);
    let result = lane_entry::Entity::delete_many()
        .filter(these)
        .filter(lane_entry::Column::LeaseId.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// Makes everything in a lane due at once, whatever its time and the lane's pace, so that a worker
/// comes past each piece and can take it out: for a lane whose work is not to be done any more.
///
/// # Errors
/// When the database is away.
pub async fn drain(tx: &impl ConnectionTrait, lane: ChannelId, now_ms: i64) -> Result<(), DbErr> {
    // Before the lane, as whoever takes a piece out and queues another: two that take them
    // crosswise would deadlock. A claim has the lane first, but never waits for an entry.
    lane_entry::Entity::update_many()
        .col_expr(lane_entry::Column::DueAtMs, Expr::value(now_ms))
        .filter(lane_entry::Column::LaneId.eq(lane))
        .filter(lane_entry::Column::LeaseId.is_null())
        .exec(tx)
        .await?;
    lane::Entity::update_many()
        .col_expr(lane::Column::GapUs, Expr::value(1000_i64))
        .col_expr(lane::Column::ReadyAtUs, Expr::value(micros(now_ms)))
        .col_expr(lane::Column::PauseReason, Expr::value(None::<String>))
        .filter(lane::Column::Id.eq(lane))
        .exec(tx)
        .await?;
    rewake_locked(tx, lane).await
}

/// What waits in a lane and is held by nobody, the most urgent first, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn waiting(
    conn: &impl ConnectionTrait,
    lane: ChannelId,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    let entries = lane_entry::Entity::find()
        .filter(lane_entry::Column::LaneId.eq(lane))
        .filter(lane_entry::Column::LeaseId.is_null())
        .order_by_asc(lane_entry::Column::Class)
        .order_by_asc(lane_entry::Column::DueAtMs)
        .limit(limit)
        .all(conn)
        .await?;
    Ok(entries.into_iter().map(|entry| entry.payload_id).collect())
}

/// What of a tenant's is in the queue, held or not, at most `limit`, in no order.
///
/// # Errors
/// When the database is away.
pub async fn payloads(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    limit: u64,
) -> Result<Vec<Uuid>, DbErr> {
    lane_entry::Entity::of(tenant)
        .select_only()
        .column(lane_entry::Column::PayloadId)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
}

/// Sets a lane's pace and the account it draws on, for what waits in it too.
///
/// # Errors
/// When the database is away.
pub async fn follow(
    tx: &impl ConnectionTrait,
    lane: ChannelId,
    group: &str,
    gap_us: i64,
) -> Result<(), DbErr> {
    lane::Entity::update_many()
        .col_expr(lane::Column::GapUs, Expr::value(gap_us))
        .col_expr(lane::Column::GroupName, Expr::value(group))
        .filter(lane::Column::Id.eq(lane))
        .exec(tx)
        .await?;
    Ok(())
}

/// Lets a lane stand still until `until_ms`; `reason` is for people to read.
///
/// # Errors
/// When the database is away.
pub async fn pause(
    tx: &impl ConnectionTrait,
    lane: ChannelId,
    until_ms: i64,
    reason: &str,
) -> Result<(), DbErr> {
    lane::Entity::update_many()
        .col_expr(lane::Column::ReadyAtUs, Expr::value(micros(until_ms)))
        .col_expr(lane::Column::PauseReason, Expr::value(reason))
        .filter(lane::Column::Id.eq(lane))
        .filter(lane::Column::ReadyAtUs.lt(micros(until_ms)))
        .exec(tx)
        .await?;
    rewake(tx, lane).await
}

/// Ends a pause.
///
/// # Errors
/// When the database is away.
pub async fn resume(tx: &impl ConnectionTrait, lane: ChannelId, now_ms: i64) -> Result<(), DbErr> {
    lane::Entity::update_many()
        .col_expr(lane::Column::ReadyAtUs, Expr::value(micros(now_ms)))
        .col_expr(lane::Column::PauseReason, Expr::value(None::<String>))
        .filter(lane::Column::Id.eq(lane))
        .filter(lane::Column::PauseReason.is_not_null())
        .exec(tx)
        .await?;
    rewake(tx, lane).await
}

/// Frees the lanes whose next instant lies further ahead than any can: the clock that wrote it was
/// wrong, or has been set back since. Says how many.
///
/// # Errors
/// When the database is away.
pub async fn unstick(tx: &impl ConnectionTrait, now_ms: i64) -> Result<usize, DbErr> {
    let stuck = lane::Entity::find()
        .filter(lane::Column::ReadyAtUs.gt(micros(now_ms + FURTHEST_MS)))
        .order_by_asc(lane::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    for lane in &stuck {
        lane::Entity::update_many()
            .col_expr(lane::Column::ReadyAtUs, Expr::value(micros(now_ms)))
            .col_expr(lane::Column::PauseReason, Expr::value(None::<String>))
            .filter(lane::Column::Id.eq(lane.id))
            .exec(tx)
            .await?;
        rewake_locked(tx, lane.id).await?;
    }
    Ok(stuck.len())
}

async fn lock(tx: &impl ConnectionTrait, lane: ChannelId) -> Result<(), DbErr> {
    let row = lane::Entity::find_by_id(lane).lock(LockType::NoKeyUpdate);
    row.one(tx).await.map(drop)
}

/// Recomputes when the lane has something to do.
///
/// The lock comes first, by a statement of its own: what somebody else has queued meanwhile is
/// seen only by a statement that begins when they are done.
pub(crate) async fn rewake(tx: &impl ConnectionTrait, lane: ChannelId) -> Result<(), DbErr> {
    lock(tx, lane).await?;
    rewake_locked(tx, lane).await
}

/// The same for a lane whose row is locked already.
pub(crate) async fn rewake_locked(tx: &impl ConnectionTrait, lane: ChannelId) -> Result<(), DbErr> {
    rewake_each(tx, &[lane]).await
}

/// When what waits in a lane longest is due.
pub(crate) const EARLIEST: &str = "(SELECT MIN(due_at_ms) FROM lane_entries \
     WHERE lane_id = lanes.id AND lease_id IS NULL)";

/// The same for many. The scalar subquery is null for an empty lane, and so is the result: the lane
/// sleeps.
pub(crate) async fn rewake_each(
    tx: &impl ConnectionTrait,
    lanes: &[ChannelId],
) -> Result<(), DbErr> {
    if lanes.is_empty() {
        return Ok(());
    }
    let keys: Vec<[Value; 1]> = lanes.iter().map(|lane| [(*lane).into()]).collect();
    let these = Rows::among(tx.get_database_backend(), ["id"], &keys);
    let sql = format!(
        "UPDATE lanes SET wake_at_ms = CASE WHEN {EARLIEST} < ready_at_us / 1000 \
         THEN ready_at_us / 1000 ELSE {EARLIEST} END WHERE {}",
        these.sql
    );
    these.execute(tx, sql).await.map(drop)
}
