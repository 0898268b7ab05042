//! Replies: they go before everything else, into hands that are kept for them.

use std::collections::BTreeSet;

use entity::id::ChannelId;
use entity::{lane, lane_entry};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Value,
};

use super::{HORIZON_MS, Want, free_for, free_ones};
use crate::Class;

/// Whether [`claim`](super::claim) may find something for the free hands: to be asked before it, as it takes locks.
///
/// # Errors
/// When the database is away.
pub(crate) async fn has_use_for(
    conn: &impl ConnectionTrait,
    want: &Want,
    now_ms: i64,
) -> Result<bool, DbErr> {
    if want.most > want.for_replies {
        return Ok(true);
    }
    for many in replies_read(want) {
        let replies = with_replies(conn, now_ms, many).await?;
        if replies.lanes.is_empty() {
            break;
        }
        let awake = among(conn, replies.lanes, want, now_ms).one(conn).await?;
        if awake.is_some() || !replies.may_be_more {
            return Ok(awake.is_some());
        }
    }
    Ok(false)
}

/// The lanes in which a reply is due and that nobody else has just now, longest waiting first.
pub(super) async fn urgent(
    tx: &impl ConnectionTrait,
    want: &Want,
    now_ms: i64,
) -> Result<Vec<lane::Model>, DbErr> {
    for many in replies_read(want) {
        let replies = with_replies(tx, now_ms, many).await?;
        if replies.lanes.is_empty() {
            break;
        }
        let among = among(tx, replies.lanes, want, now_ms);
        let mut lanes = free_ones(tx, among, want.lanes).await?;
        if !lanes.is_empty() || !replies.may_be_more {
            lanes.sort_by_key(|lane| lane.wake_at_ms);
            return Ok(lanes);
        }
    }
    Ok(Vec::new())
}

/// Where replies are due.
struct Replies {
    lanes: BTreeSet<ChannelId>,
    /// Whether more replies are due than were looked at.
    may_be_more: bool,
}

/// How many replies are looked at: more where those that have been due longest can't go out, as their number
/// is paused.
fn replies_read(want: &Want) -> [u64; 3] {
    [want.lanes, want.lanes * 16, want.lanes * 256]
}

/// The lanes of the replies that have been due longest, of so many.
///
/// Asked for apart from the lanes themselves: by one question PostgreSQL goes through all that are due.
async fn with_replies(
    conn: &impl ConnectionTrait,
    now_ms: i64,
    most: u64,
) -> Result<Replies, DbErr> {
    let lanes: Vec<ChannelId> = lane_entry::Entity::find()
        .select_only()
        .column(lane_entry::Column::LaneId)
        .filter(lane_entry::Column::Class.eq(Class::Reply as i32))
        .filter(lane_entry::Column::LeaseId.is_null())
        .filter(lane_entry::Column::DueAtMs.lte(now_ms + HORIZON_MS))
        .order_by_asc(lane_entry::Column::DueAtMs)
        .limit(most)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(Replies {
        may_be_more: lanes.len() as u64 >= most,
        lanes: lanes.into_iter().collect(),
    })
}

/// Those of these lanes that are due, in no order.
fn among(
    conn: &impl ConnectionTrait,
    lanes: BTreeSet<ChannelId>,
    want: &Want,
    now_ms: i64,
) -> Select<lane::Entity> {
    let ids: Vec<Value> = lanes.into_iter().map(Into::into).collect();
    let these = match ids.first().map(Value::array_type) {
        // However many they are, one statement.
        Some(id) if conn.get_database_backend() == DbBackend::Postgres => {
            let ids = Value::Array(id, Some(Box::new(ids)));
            Expr::cust_with_values("lanes.id = ANY($1)", [ids])
        }
        _ => lane::Column::Id.is_in(ids),
    };
    // A sum, so that no index is entered by it: there may be any number of lanes that are due.
    let wake_at_ms = Expr::col((lane::Entity, lane::Column::WakeAtMs)).add(0);
    lane::Entity::find()
        .filter(these)
        .filter(wake_at_ms.lte(now_ms + HORIZON_MS))
        .filter(free_for(want.worker, now_ms))
}
