//! A lane that something is taken from.

use std::collections::HashMap;

use db::each::Rows;
use entity::id::ChannelId;
use entity::{lane, lane_entry};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::{Claim, HORIZON_MS, LATE_MS};
use crate::Class;
use crate::group::Group;
use crate::order::Waiting;
use crate::time::micros;

/// A lane that something is taken from.
pub(super) struct Place {
    pub(super) lane: lane::Model,
    /// The next free instant.
    pub(super) next_us: i64,
    /// The last one that is given out now.
    horizon_us: i64,
    /// How much is taken at most.
    most: usize,
    /// How much of its group may be in hand.
    pub(super) of_group: usize,
}

impl Place {
    /// With room for so many pieces; none where its next instant is too far ahead.
    pub(super) fn new(
        lane: lane::Model,
        now_ms: i64,
        room: usize,
        of_group: usize,
    ) -> Option<Self> {
        let horizon_us = micros(now_ms + HORIZON_MS) + 999;
        let next_us = Ord::max(lane.ready_at_us, micros(now_ms - LATE_MS));
        if next_us > horizon_us {
            return None;
        }
        let most = Ord::min(room, slots(lane.gap_us, horizon_us - next_us));
        Some(Self {
            lane,
            next_us,
            horizon_us,
            most,
            of_group,
        })
    }

    /// Gives out what waits, `room` pieces at most, and moves on.
    pub(super) fn claim(
        &mut self,
        lease: Uuid,
        now_ms: i64,
        room: usize,
        mut waiting: Waiting,
    ) -> Vec<Claim> {
        let most = Ord::min(self.most, room);
        let mut claims = Vec::new();
        while claims.len() < most && self.next_us <= self.horizon_us {
            let Some(entry) = waiting.next(&mut self.lane.turn, now_ms) else {
                break;
            };
            let start_at_us = Ord::max(self.next_us, micros(entry.due_at_ms));
            let space_us = self.lane.gap_us * i64::from(Ord::max(entry.weight, 1));
            self.next_us = start_at_us + space_us;
            claims.push(Claim {
                entry: entry.id,
                lane: self.lane.id,
                group: Group::of(&self.lane),
                tenant: entry.tenant_id,
                payload: entry.payload_id,
                class: Class::of(entry.class),
                start_at_us,
                space_us,
                lease,
            });
        }
        claims
    }
}

/// How many pieces fit into so much time: at least one.
fn slots(gap_us: i64, time_us: i64) -> usize {
    usize::try_from(time_us / Ord::max(gap_us, 1)).unwrap_or(0) + 1
}

/// What is due by then in each lane and held by nobody: of each class the earliest, as many as may be
/// taken. What is just being taken back is left alone; waiting for it could deadlock.
pub(super) async fn due(
    tx: &impl ConnectionTrait,
    places: &[Place],
    until_ms: i64,
) -> Result<HashMap<ChannelId, Vec<lane_entry::Model>>, DbErr> {
    let backend = tx.get_database_backend();
    let most = |place: &Place| i64::try_from(place.most).unwrap_or(i64::MAX);
    let mut found: HashMap<_, Vec<lane_entry::Model>> = HashMap::new();
    if backend == DbBackend::Postgres {
        let rows = places
            .iter()
            .map(|place| [place.lane.id.into(), Value::from(most(place))]);
        let rows: Vec<[Value; 2]> = rows.collect();
        if rows.is_empty() {
            return Ok(found);
        }
        let mut rows = Rows::exactly(backend, &rows);
        let earliest = earliest("of.lane", "$3", "of.most", "FOR UPDATE SKIP LOCKED");
        let sql = format!(
            "SELECT due.* FROM ({}) AS of (lane, most) CROSS JOIN LATERAL ({earliest}) AS due",
            rows.sql
        );
        rows.values.push(until_ms.into());
        for entry in rows.query::<lane_entry::Model>(tx, sql).await? {
            found.entry(entry.lane_id).or_default().push(entry);
        }
        return Ok(found);
    }
    // Its one writer is us, and a statement costs little.
    for place in places {
        let sql = earliest("$1", "$2", "$3", "");
        let values = [place.lane.id.into(), until_ms.into(), most(place).into()];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let entries = lane_entry::Model::find_by_statement(statement)
            .all(tx)
            .await?;
        found.insert(place.lane.id, entries);
    }
    Ok(found)
}

/// The earliest of each class in a lane. A search over all classes at once would wade through what is due
/// later in each.
fn earliest(lane: &str, until: &str, most: &str, lock: &str) -> String {
    let of = |class| {
        format!(
            "SELECT * FROM (SELECT * FROM lane_entries WHERE lane_id = {lane} AND class = {class} \
             AND lease_id IS NULL AND due_at_ms <= {until} ORDER BY due_at_ms, id LIMIT {most} {lock}) \
             AS class_{class}"
        )
    };
    [0, 1, 2].map(of).join(" UNION ALL ")
}
