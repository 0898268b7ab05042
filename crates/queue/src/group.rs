//! Lanes that draw on one account, and how much that account takes at present.
//!
//! Who asks an account for too much at once is told to slow down. Then the whole group pauses for a
//! moment and goes on with half of what it had in hand; each further word halves it again, and
//! every ten seconds without one doubles it.

use std::collections::HashMap;

use entity::id::TenantId;
use entity::{TenantScoped, lane, lane_group};
use sea_orm::sea_query::{Condition, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};

/// Lanes of a tenant that share an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// Whose it is.
    pub tenant: TenantId,
    /// The account.
    pub name: String,
}

impl Group {
    pub(crate) fn of(lane: &lane::Model) -> Self {
        Self {
            tenant: lane.tenant_id,
            name: lane.group_name.clone(),
        }
    }
}

/// After so long without being told to slow down, a group may have twice as much in hand.
const RECOVERY_MS: i64 = 10_000;

/// What is told within so short a time is one word: all of it was under way already.
const ONE_WORD_MS: i64 = 1000;

/// Halved so often at most.
const DEEPEST: i32 = 10;

/// The first pause is up to this long; each further word doubles it, up to the longest.
const FIRST_PAUSE_MS: i64 = 500;
const LONGEST_PAUSE_MS: i64 = 60_000;

/// No answer makes a group stand still for longer than this, whatever it asks for.
const LONGEST_ASKED_MS: i64 = 3_600_000;

/// How often the group's concurrency is halved at the moment.
pub(crate) fn level(row: &lane_group::Model, now_ms: i64) -> i32 {
    let recovered = (now_ms - row.slowed_at_ms).max(0) / RECOVERY_MS;
    let recovered = i32::try_from(recovered).unwrap_or(i32::MAX);
    row.level.saturating_sub(recovered).max(0)
}

/// How many pieces of a group may be in hand, of `capacity` when all is well: one at least.
pub(crate) fn allowance(capacity: usize, row: Option<&lane_group::Model>, now_ms: i64) -> usize {
    let level = row.map_or(0, |row| level(row, now_ms));
    let halved = capacity
        .checked_shr(u32::try_from(level).unwrap_or(0))
        .unwrap_or(0);
    Ord::max(halved, 1)
}

/// Lets a whole group pause and go on with less, and gives the time at which it goes on.
///
/// `asked_ms` is for how long the account asks to be left alone, which is believed. Where it asks
/// for nothing, the pause is a part of what the level allows, `fraction` of 0 to 255 of it: full
/// jitter, so that many who were told the same do not come back all at once.
///
/// # Errors
/// When the database is away.
pub async fn slow_down(
    tx: &impl ConnectionTrait,
    group: &Group,
    now_ms: i64,
    asked_ms: Option<i64>,
    fraction: u8,
    reason: &str,
) -> Result<i64, DbErr> {
    let known = lane_group::Entity::of(group.tenant)
        .filter(lane_group::Column::Name.eq(&group.name))
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?;
    let before = known.as_ref().map_or(0, |row| level(row, now_ms));
    let same_word = known
        .as_ref()
        .is_some_and(|row| (0..ONE_WORD_MS).contains(&(now_ms - row.slowed_at_ms)));
    let deeper = if same_word {
        before
    } else {
        Ord::min(before + 1, DEEPEST)
    };
    let longest = FIRST_PAUSE_MS
        .checked_shl(u32::try_from(deeper - 1).unwrap_or(0))
        .map_or(LONGEST_PAUSE_MS, |pause| Ord::min(pause, LONGEST_PAUSE_MS));
    let pause_ms = asked_ms.map_or(longest * i64::from(fraction) / 255, |asked| {
        asked.clamp(0, LONGEST_ASKED_MS)
    });
    let until_ms = now_ms + pause_ms;
    let ready_at_ms = known
        .as_ref()
        .map_or(until_ms, |row| Ord::max(row.ready_at_ms, until_ms));
    let row = lane_group::Model {
        tenant_id: group.tenant,
        name: group.name.clone(),
        ready_at_ms,
        pause_reason: Some(reason.to_owned()),
        level: deeper,
        slowed_at_ms: match &known {
            // The first of several words counts, or a stream of them would be one for ever.
            Some(row) if same_word => row.slowed_at_ms,
            _ => now_ms,
        },
    };
    write(tx, row, known.is_some()).await?;
    Ok(until_ms)
}

async fn write(
    tx: &impl ConnectionTrait,
    row: lane_group::Model,
    known: bool,
) -> Result<(), DbErr> {
    let mut active = row.into_active_model();
    if known {
        for column in [
            lane_group::Column::ReadyAtMs,
            lane_group::Column::PauseReason,
            lane_group::Column::Level,
            lane_group::Column::SlowedAtMs,
        ] {
            active.reset(column);
        }
        active.update(tx).await?;
        return Ok(());
    }
    // Two may find that there is no row yet; whoever comes second has nothing to add.
    let key = [lane_group::Column::TenantId, lane_group::Column::Name];
    lane_group::Entity::insert(active)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What is known of the groups of these lanes; most were never slowed down and have no row.
pub(crate) async fn of_lanes(
    conn: &impl ConnectionTrait,
    lanes: &[lane::Model],
) -> Result<HashMap<Group, lane_group::Model>, DbErr> {
    let mut groups: Vec<_> = lanes.iter().map(Group::of).collect();
    groups.sort_unstable();
    groups.dedup();
    if groups.is_empty() {
        return Ok(HashMap::new());
    }
    let mut any = Condition::any();
    for group in groups {
        any = any.add(
            Condition::all()
                .add(lane_group::Column::TenantId.eq(group.tenant))
                .add(lane_group::Column::Name.eq(group.name)),
        );
    }
    let rows = lane_group::Entity::find().filter(any).all(conn).await?;
    let key = |row: &lane_group::Model| Group {
        tenant: row.tenant_id,
        name: row.name.clone(),
    };
    Ok(rows.into_iter().map(|row| (key(&row), row)).collect())
}

#[cfg(test)]
mod tests {
    use entity::clock::Clock;

    use super::*;

    #[test]
    fn a_group_recovers_step_by_step() {
        let row = lane_group::Model {
            tenant_id: TenantId::new(&Clock::System),
            name: "AC1".to_owned(),
            ready_at_ms: 0,
            pause_reason: None,
            level: 3,
            slowed_at_ms: 1_000_000,
        };
        let allowed = |after_ms| allowance(32, Some(&row), row.slowed_at_ms + after_ms);
        assert_eq!(allowed(0), 4);
        assert_eq!(allowed(10_000), 8);
        assert_eq!(allowed(20_000), 16);
        assert_eq!(allowed(30_000), 32);
        assert_eq!(allowed(3_600_000), 32);
        // A clock that was set back makes it no slower than it was.
        assert_eq!(allowed(-3_600_000), 4);
        let deepest = lane_group::Model {
            level: DEEPEST,
            ..row
        };
        assert_eq!(allowance(4, Some(&deepest), deepest.slowed_at_ms), 1);
        assert_eq!(allowance(32, None, 0), 32);
    }
}
