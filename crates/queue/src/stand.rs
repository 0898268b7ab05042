//! How the lanes stand, for people and for metrics.

use std::collections::HashMap;

use entity::id::{ChannelId, TenantId};
use entity::{TenantScoped, lane, lane_entry, lane_group};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};

use crate::Class;
use crate::time::micros;

/// A lane that does nothing for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// Why, for people.
    pub reason: String,
    /// Until when, in milliseconds since 1970.
    pub until_ms: i64,
}

/// Which of the tenant's lanes stand still, and why: the number itself, or the account.
///
/// # Errors
/// When the database is away.
pub async fn standstills(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    now_ms: i64,
) -> Result<HashMap<ChannelId, Standstill>, DbErr> {
    let lanes = lane::Entity::of(tenant).all(conn).await?;
    let groups = lane_group::Entity::of(tenant)
        .filter(lane_group::Column::ReadyAtMs.gt(now_ms))
        .all(conn)
        .await?;
    let standstill = |lane: &lane::Model| {
        let own = lane
            .pause_reason
            .clone()
            .map(|reason| (reason, lane.ready_at_us / 1000));
        let shared = groups
            .iter()
            .find(|group| group.name == lane.group_name)
            .and_then(|group| {
                group
                    .pause_reason
                    .clone()
                    .map(|reason| (reason, group.ready_at_ms))
            });
        own.into_iter()
            .chain(shared)
            .filter(|(_, until_ms)| *until_ms > now_ms)
            .max_by_key(|(_, until_ms)| *until_ms)
            .map(|(reason, until_ms)| Standstill { reason, until_ms })
    };
    Ok(lanes
        .iter()
        .filter_map(|lane| Some((lane.id, standstill(lane)?)))
        .collect())
}

/// How long the first of a class has been due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oldest {
    /// The class.
    pub class: Class,
    /// Milliseconds; 0 where nothing is due.
    pub age_ms: i64,
}

/// How long the oldest piece of each class has been due that nobody has in hand.
///
/// # Errors
/// When the database is away.
pub async fn oldest(conn: &impl ConnectionTrait, now_ms: i64) -> Result<Vec<Oldest>, DbErr> {
    let mut found = Vec::with_capacity(Class::ALL.len());
    for class in Class::ALL {
        let due: Option<Option<i64>> = lane_entry::Entity::find()
            .select_only()
            .column_as(lane_entry::Column::DueAtMs.min(), "due")
            .filter(lane_entry::Column::Class.eq(class as i32))
            .filter(lane_entry::Column::LeaseId.is_null())
            .into_tuple()
            .one(conn)
            .await?;
        let age_ms = due
            .flatten()
            .map_or(0, |due_ms| Ord::max(now_ms - due_ms, 0));
        found.push(Oldest { class, age_ms });
    }
    Ok(found)
}

/// How many lanes stand still, each for a reason of its own.
///
/// # Errors
/// When the database is away.
pub async fn paused(conn: &impl ConnectionTrait, now_ms: i64) -> Result<u64, DbErr> {
    lane::Entity::find()
        .filter(lane::Column::PauseReason.is_not_null())
        .filter(lane::Column::ReadyAtUs.gt(micros(now_ms)))
        .count(conn)
        .await
}
