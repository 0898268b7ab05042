//! Claiming: which pieces of work a worker may do next, and when.

use std::collections::HashMap;

use db::each::{self, Change, Rows};
use entity::id::{ChannelId, LaneEntryId, TenantId};
use entity::{lane, lane_entry, lane_group};
use sea_orm::sea_query::{Condition, Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Value,
};
use uuid::Uuid;

mod place;
mod replies;

use place::{Place, due};
pub(crate) use replies::has_use_for;
use replies::urgent;

use crate::Class;
use crate::group::{self, Group};
use crate::lane::{EARLIEST, rewake, rewake_each};
use crate::order::Waiting;

/// How far ahead of its time a piece is claimed, so that the pace is held by waiting in memory
/// and not by asking the database for every single one.
pub(crate) const HORIZON_MS: i64 = 100;

/// How late a claim may come without the lane losing the instants it missed. They are made up for
/// one by one ([`crate::Turn::comes`]), never in a burst.
const LATE_MS: i64 = 100;

/// How long a lane stays with the worker that claimed from it last, so that two never send by one
/// number in turns: each keeps its own pieces apart, and knows nothing of the other's lateness.
const HELD_MS: i64 = 500;

/// No worker has a lane for longer than this; what says so was written by a clock that was wrong.
const HELD_AT_MOST_MS: i64 = 60_000;

/// When a lane is looked at again whose group has its fill in hand.
const FULL_MS: i64 = 50;

/// A piece of work that is ours until the lease runs out.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The entry.
    pub entry: LaneEntryId,
    /// Its lane.
    pub lane: ChannelId,
    /// What the lane shares with others.
    pub group: Group,
    /// Whose it is.
    pub tenant: TenantId,
    /// What is to be done.
    pub payload: Uuid,
    /// How urgent it is.
    pub class: Class,
    /// The instant at which it may begin, in microseconds since 1970.
    pub start_at_us: i64,
    /// How much of its lane's time it takes, in microseconds.
    pub space_us: i64,
    /// Proves the claim.
    pub lease: Uuid,
}

/// What a worker asks for.
#[derive(Clone, Debug)]
pub struct Want {
    /// Who asks.
    pub worker: Uuid,
    /// What will prove the claims.
    pub lease: Uuid,
    /// How long they last, in milliseconds.
    pub lease_ms: i64,
    /// From how many lanes at most.
    pub lanes: u64,
    /// How many pieces at most.
    pub most: usize,
    /// How many of these only replies may have: so one finds a free hand, whatever else is due.
    pub for_replies: usize,
    /// How many pieces of one group this worker may have in hand while all is well.
    pub of_group: usize,
    /// How many it has.
    pub in_hand: HashMap<Group, usize>,
}

/// When the next lane that `worker` may claim from has something to do, in milliseconds since 1970:
/// to be asked before [`claim`], which takes locks.
///
/// # Errors
/// When the database is away.
pub(crate) async fn next_wake(
    conn: &impl ConnectionTrait,
    worker: Uuid,
    now_ms: i64,
) -> Result<Option<i64>, DbErr> {
    lane::Entity::find()
        .select_only()
        .column(lane::Column::WakeAtMs)
        .filter(lane::Column::WakeAtMs.is_not_null())
        .filter(free_for(worker, now_ms))
        .order_by_asc(lane::Column::WakeAtMs)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await
}

/// The lanes that nobody else has.
fn free_for(worker: Uuid, now_ms: i64) -> Condition {
    Condition::any()
        .add(lane::Column::HolderUntilMs.lt(now_ms))
        .add(lane::Column::HolderId.eq(worker))
        .add(lane::Column::HolderUntilMs.gt(now_ms + HELD_AT_MOST_MS))
}

/// The lanes that are due.
fn ready(want: &Want, now_ms: i64) -> Select<lane::Entity> {
    lane::Entity::find()
        .filter(lane::Column::WakeAtMs.lte(now_ms + HORIZON_MS))
        .filter(free_for(want.worker, now_ms))
}

/// Lanes that are due are found along an index, and no more of them looked at than are taken. PostgreSQL
/// would sort them all: until it counts its rows anew, it takes those for few that have just been woken, be
/// it ten thousand. Nor does it plan anew each time.
const ALONG_INDEXES: &str = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; \
    SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";

/// Claims what is due now or in the next 100 ms, in a transaction of its own.
///
/// Lanes go in the order in which their time came, so none waits for ever; those in which a reply is
/// due go before them, but only for one piece each, and into hands that nothing else may have. Within
/// a lane the order is that of [`crate::Class`]. The lane's next free instant moves by its pace for
/// every unit claimed, in the same transaction: two workers can't use one instant.
///
/// What this costs does not depend on how much waits, nor in how many lanes: every statement reads
/// the beginning of an index.
///
/// # Errors
/// When the database is away.
pub async fn claim(
    tx: &impl ConnectionTrait,
    want: &Want,
    now_ms: i64,
) -> Result<Vec<Claim>, DbErr> {
    let mut hands = Hands {
        want,
        now_ms,
        in_hand: want.in_hand.clone(),
        claims: Vec::new(),
    };
    let urgent = urgent(tx, want, now_ms).await?;
    let has_none = urgent.is_empty();
    hands.take(tx, urgent, want.most, 1).await?;
    let others = want.most.saturating_sub(want.for_replies);
    if hands.claims.len() < others {
        if tx.get_database_backend() == DbBackend::Postgres {
            tx.execute_unprepared(ALONG_INDEXES).await?;
        }
        let ready = ready(want, now_ms);
        // Who has lanes waits for no other: two that do could wait for each other's.
        let ready = if has_none {
            lock(tx, ready, want.lanes).await?
        } else {
            let ready = ready.order_by_asc(lane::Column::WakeAtMs);
            free_ones(tx, ready, want.lanes).await?
        };
        hands.take(tx, ready, others, others).await?;
    }
    Ok(hands.claims)
}

/// What is being claimed.
struct Hands<'a> {
    want: &'a Want,
    now_ms: i64,
    in_hand: HashMap<Group, usize>,
    claims: Vec<Claim>,
}

impl Hands<'_> {
    /// Takes from these lanes until there are `most` pieces, and of each no more than `of_lane`.
    async fn take(
        &mut self,
        tx: &impl ConnectionTrait,
        lanes: Vec<lane::Model>,
        most: usize,
        of_lane: usize,
    ) -> Result<(), DbErr> {
        if lanes.is_empty() || self.claims.len() >= most {
            return Ok(());
        }
        let before = self.claims.len();
        let places = self.places(tx, lanes, most, of_lane).await?;
        let mut due = due(tx, &places, self.now_ms + HORIZON_MS).await?;
        let (mut served, mut idle, mut full) = (Vec::new(), Vec::new(), Vec::new());
        for mut place in places {
            let left = most - self.claims.len();
            if left == 0 {
                break;
            }
            let held = self.in_hand.entry(Group::of(&place.lane)).or_default();
            // Those before it may have taken what its group may have.
            let room = Ord::min(left, place.of_group.saturating_sub(*held));
            if room == 0 {
                full.push((place.lane.id, self.now_ms + FULL_MS));
                continue;
            }
            let waiting = Waiting::new(due.remove(&place.lane.id).unwrap_or_default());
            let claimed = place.claim(self.want.lease, self.now_ms, room, waiting);
            *held += claimed.len();
            if claimed.is_empty() {
                idle.push(place.lane.id);
            } else {
                served.push(place);
            }
            self.claims.extend(claimed);
        }
        let until_ms = self.now_ms + self.want.lease_ms;
        let taken = self.claims.iter().skip(before).map(|claim| claim.entry);
        lease_entries(tx, taken, self.want.lease, until_ms).await?;
        advance(tx, self.want.worker, &served, self.now_ms + HELD_MS).await?;
        rewake_each(tx, &idle).await?;
        postpone(tx, &full).await
    }

    /// Which of the lanes have room for something, and for how much; the others are put off.
    async fn places(
        &self,
        tx: &impl ConnectionTrait,
        lanes: Vec<lane::Model>,
        most: usize,
        of_lane: usize,
    ) -> Result<Vec<Place>, DbErr> {
        let now_ms = self.now_ms;
        let groups = group::of_lanes(tx, &lanes).await?;
        let (mut places, mut postponed, mut idle) = (Vec::new(), Vec::new(), Vec::new());
        // What is looked at is locked, so not much more of it than can be taken.
        let room = most.saturating_sub(self.claims.len());
        let share = (2 * room).div_ceil(Ord::max(lanes.len(), 1));
        for lane in lanes {
            let of = Group::of(&lane);
            let row = groups.get(&of);
            if let Some(until_ms) = row.and_then(|row| paused_until(row, now_ms)) {
                postponed.push((lane.id, until_ms));
                continue;
            }
            let of_group = group::allowance(self.want.of_group, row, now_ms);
            let held = self.in_hand.get(&of).copied().unwrap_or(0);
            let room = share.min(of_lane).min(of_group.saturating_sub(held));
            if room == 0 {
                postponed.push((lane.id, now_ms + FULL_MS));
                continue;
            }
            let id = lane.id;
            match Place::new(lane, now_ms, room, of_group) {
                Some(place) => places.push(place),
                None => idle.push(id),
            }
        }
        postpone(tx, &postponed).await?;
        rewake_each(tx, &idle).await?;
        Ok(places)
    }
}

/// Of these lanes those that nobody else has just now.
async fn free_ones(
    tx: &impl ConnectionTrait,
    due: Select<lane::Entity>,
    most: u64,
) -> Result<Vec<lane::Model>, DbErr> {
    due.limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await
}

/// As [`free_ones`], those first that have waited longest; where there is none, one is waited for.
async fn lock(
    tx: &impl ConnectionTrait,
    due: Select<lane::Entity>,
    most: u64,
) -> Result<Vec<lane::Model>, DbErr> {
    let in_order = due.clone().order_by_asc(lane::Column::WakeAtMs);
    let free = free_ones(tx, in_order.clone(), most).await?;
    if !free.is_empty() {
        return Ok(free);
    }
    let Some(lane) = in_order.one(tx).await? else {
        return Ok(free);
    };
    // Whoever queues holds the lane until its commit, so a lane that many queue to may never be
    // found free. Waiting in line for one gets its turn. It is named by its id: a search that waits
    // goes on to the next row when it finds this one changed, and would then hold two, in no order.
    let this = due.filter(lane::Column::Id.eq(lane.id));
    this.lock(LockType::Update).all(tx).await
}

fn paused_until(row: &lane_group::Model, now_ms: i64) -> Option<i64> {
    (row.ready_at_ms > now_ms).then_some(row.ready_at_ms)
}

/// Lets lanes that can't do anything now make room for those that can.
async fn postpone(tx: &impl ConnectionTrait, lanes: &[(ChannelId, i64)]) -> Result<(), DbErr> {
    let rows = lanes
        .iter()
        .map(|(lane, until_ms)| [(*lane).into(), Value::from(*until_ms)]);
    each::update(tx, [Change::new("lanes", 1, ["id", "wake_at_ms"], rows)]).await
}

async fn lease_entries(
    tx: &impl ConnectionTrait,
    entries: impl Iterator<Item = LaneEntryId>,
    lease: Uuid,
    until_ms: i64,
) -> Result<(), DbErr> {
    let rows = entries.map(|entry| [entry.into(), lease.into(), Value::from(until_ms)]);
    let columns = ["id", "lease_id", "lease_until_ms"];
    each::update(tx, [Change::new("lane_entries", 1, columns, rows)]).await
}

/// Moves each lane's next free instant on, says when it has something to do again, and keeps the lanes
/// for a moment.
async fn advance(
    tx: &impl ConnectionTrait,
    worker: Uuid,
    served: &[Place],
    held_until_ms: i64,
) -> Result<(), DbErr> {
    if served.is_empty() {
        return Ok(());
    }
    let rows = served.iter().map(|place| {
        let turn = Value::from(place.lane.turn);
        [place.lane.id.into(), place.next_us.into(), turn]
    });
    let rows: Vec<[Value; 3]> = rows.collect();
    let mut rows = Rows::new(tx.get_database_backend(), &rows);
    let next = rows.values.len() + 1;
    let sql = format!(
        "WITH fresh (id, next_us, turn) AS ({}), \
         woken AS MATERIALIZED (SELECT lanes.*, {EARLIEST} AS due_ms FROM fresh AS lanes) \
         UPDATE lanes SET ready_at_us = next_us, turn = woken.turn, holder_id = ${next}, \
         holder_until_ms = ${}, pause_reason = NULL, \
         wake_at_ms = CASE WHEN due_ms < next_us / 1000 THEN next_us / 1000 ELSE due_ms END \
         FROM woken WHERE lanes.id = woken.id",
        rows.sql,
        next + 1,
    );
    rows.values.extend([worker.into(), held_until_ms.into()]);
    rows.execute(tx, sql).await.map(drop)
}

/// Gives back what was claimed by somebody who did not finish in time, and says how much.
///
/// `lease_ms` is how long a claim lasts: what claims to last ten times as long was written by a
/// clock that was wrong.
///
/// # Errors
/// When the database is away.
pub async fn release_expired(
    tx: &impl ConnectionTrait,
    now_ms: i64,
    lease_ms: i64,
) -> Result<usize, DbErr> {
    use lane_entry::Column::{LeaseId, LeaseUntilMs};
    let expired = Condition::any()
        .add(LeaseUntilMs.lt(now_ms))
        .add(LeaseUntilMs.gt(now_ms + lease_ms.saturating_mul(10)));
    let expired = lane_entry::Entity::update_many()
        .col_expr(LeaseId, Expr::value(None::<Uuid>))
        .col_expr(LeaseUntilMs, Expr::value(None::<i64>))
        .filter(expired)
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
