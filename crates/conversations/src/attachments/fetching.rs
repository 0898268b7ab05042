//! Files of texts that came in: fetched from Twilio after the webhook has been answered.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::id::{MediaId, TenantId};
use entity::value::{MediaReason, MediaStatus};
use entity::{TenantScoped, channel, media, message};
use events::{Kind, Outbox};
use sea_orm::sea_query::{Condition, Expr, LockBehavior, LockType, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use twilio::webhook::InboundMedia;

use super::{Kept, blank};
use crate::messages;
use crate::outbound::{ids, touch_thread};

/// A file that came and is kept.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// What is kept.
    pub kept: Kept,
    /// Whether it is to be deleted at Twilio now.
    pub delete_at_twilio: bool,
}

/// Writes down what came with a text, to be fetched.
pub(crate) async fn expect(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    message: &message::Model,
    items: &[InboundMedia],
) -> Result<(), DbErr> {
    if items.is_empty() {
        return Ok(());
    }
    let now = message.created_at;
    let rows = items.iter().map(|item| {
        let blank = blank(MediaId::new(clock), message.tenant_id, now);
        let row = media::Model {
            message_id: Some(message.id),
            position: i32::try_from(item.index).unwrap_or(i32::MAX),
            content_type: item.content_type.clone().unwrap_or(blank.content_type),
            source_url: Some(item.url.clone()),
            status: MediaStatus::Pending,
            next_try_ms: Some(now.timestamp_millis()),
            ..blank
        };
        row.into_active_model()
    });
    media::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// Whether there is anything to fetch: to be asked before [`take_due`], which takes locks.
///
/// # Errors
/// When the database is away.
pub async fn is_any_due(conn: &impl ConnectionTrait, clock: &Clock) -> Result<bool, DbErr> {
    let due = media::Entity::find()
        .filter(media::Column::NextTryMs.lte(clock.now_ms()))
        .one(conn)
        .await?;
    Ok(due.is_some())
}

/// Takes what is to be fetched, or deleted at Twilio, by now: at most `limit`, and of each tenant at
/// most `each` with what it has in hand already (`busy`). Nobody else gets it for `lease`.
///
/// # Errors
/// When the database is away.
pub async fn take_due(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    limit: usize,
    each: usize,
    busy: &HashMap<TenantId, usize>,
    lease: Duration,
) -> Result<Vec<media::Model>, DbErr> {
    let now_ms = clock.now_ms();
    let full = busy.iter().filter(|(_, in_hand)| **in_hand >= each);
    let due = media::Entity::find()
        .filter(media::Column::NextTryMs.lte(now_ms))
        .filter(media::Column::TenantId.is_not_in(full.map(|(tenant, _)| *tenant)))
        .order_by_asc(media::Column::NextTryMs)
        .limit(LOOKED_AT)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    let until_ms = now_ms + i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
    let mut busy = busy.clone();
    let mut taken = Vec::with_capacity(limit);
    for row in due {
        let in_hand = busy.entry(row.tenant_id).or_default();
        if taken.len() == limit || *in_hand >= each {
            continue;
        }
        *in_hand += 1;
        let tries = row.tries + 1;
        let mut row = row.into_active_model();
        row.tries = Set(tries);
        row.next_try_ms = Set(Some(until_ms));
        taken.push(row.update(tx).await?);
    }
    Ok(taken)
}

/// Among so many it is chosen, so that one tenant's ten pictures are not all that is seen.
const LOOKED_AT: u64 = 64;

/// Writes down that a picture is about to be decoded. Who finds that written by somebody else knows
/// how it ended for them.
///
/// # Errors
/// When the database is away.
pub async fn begin_decoding(
    conn: &impl ConnectionTrait,
    taken: &media::Model,
) -> Result<(), DbErr> {
    media::Entity::update_many()
        .col_expr(media::Column::Decoding, true.into())
        .filter(media::Column::Id.eq(taken.id))
        .filter(media::Column::NextTryMs.eq(taken.next_try_ms))
        .exec(conn)
        .await
        .map(drop)
}

/// Shows a file that has come. False when somebody else has had it meanwhile, or it is gone.
///
/// # Errors
/// When the database is away.
pub async fn stored(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    taken: &media::Model,
    fetched: Fetched,
) -> Result<bool, DbErr> {
    let Some((message, row)) = still_taken(tx, taken).await? else {
        return Ok(false);
    };
    let mut row = row.into_active_model();
    fetched.kept.write(&mut row);
    row.status = Set(MediaStatus::Stored);
    row.reason = Set(None);
    row.tries = Set(0);
    row.decoding = Set(false);
    row.next_try_ms = Set(fetched.delete_at_twilio.then(|| clock.now_ms()));
    row.updated_at = Set(clock.now());
    row.update(tx).await?;
    tell(tx, clock, outbox, message).await?;
    Ok(true)
}

/// There is nothing more to be tried: it can't be had, and why.
///
/// # Errors
/// When the database is away.
pub async fn give_up(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    taken: &media::Model,
    reason: MediaReason,
) -> Result<(), DbErr> {
    let Some((message, row)) = still_taken(tx, taken).await? else {
        return Ok(());
    };
    let mut row = row.into_active_model();
    row.status = Set(MediaStatus::Failed);
    row.reason = Set(Some(reason));
    row.next_try_ms = Set(None);
    row.updated_at = Set(clock.now());
    row.update(tx).await?;
    tell(tx, clock, outbox, message).await
}

/// It is here, and Twilio does not have it any more.
///
/// # Errors
/// When the database is away.
pub async fn deleted_at_twilio(
    tx: &impl ConnectionTrait,
    taken: &media::Model,
) -> Result<(), DbErr> {
    media::Entity::update_many()
        .col_expr(media::Column::NextTryMs, Expr::value(None::<i64>))
        .col_expr(media::Column::SourceUrl, Expr::value(None::<String>))
        .filter(is_still_taken(taken))
        .exec(tx)
        .await
        .map(drop)
}

/// It is here, and Twilio can't be made to forget it. Where it has it stays written down.
///
/// # Errors
/// When the database is away.
pub async fn leave_at_twilio(tx: &impl ConnectionTrait, taken: &media::Model) -> Result<(), DbErr> {
    media::Entity::update_many()
        .col_expr(media::Column::NextTryMs, Expr::value(None::<i64>))
        .filter(is_still_taken(taken))
        .exec(tx)
        .await
        .map(drop)
}

/// It did not work and is to be tried again at `at`; if that was not its own fault, this was no try.
///
/// # Errors
/// When the database is away.
pub async fn try_again(
    tx: &impl ConnectionTrait,
    taken: &media::Model,
    at: DateTime<Utc>,
    counts: bool,
) -> Result<(), DbErr> {
    let tries = if counts { taken.tries } else { taken.tries - 1 };
    media::Entity::update_many()
        .col_expr(media::Column::NextTryMs, at.timestamp_millis().into())
        .col_expr(media::Column::Tries, tries.into())
        .col_expr(media::Column::Decoding, false.into())
        .filter(is_still_taken(taken))
        .exec(tx)
        .await
        .map(drop)
}

fn is_still_taken(taken: &media::Model) -> Condition {
    Condition::all()
        .add(media::Column::Id.eq(taken.id))
        .add(media::Column::NextTryMs.eq(taken.next_try_ms))
}

/// Asks again for what could not be had by a channel, since its credentials are others now. What
/// Twilio has deleted, or is too large, stays as it is.
///
/// # Errors
/// When the database is away.
pub async fn ask_again(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    channel: &channel::Model,
) -> Result<u64, DbErr> {
    let came_by_it = Query::select()
        .column(message::Column::Id)
        .from(message::Entity)
        .and_where(message::Column::TenantId.eq(channel.tenant_id))
        .and_where(message::Column::ChannelId.eq(channel.id))
        .take();
    let again = media::Entity::update_many()
        .col_expr(media::Column::Status, MediaStatus::Pending.into())
        .col_expr(media::Column::Reason, Expr::value(None::<String>))
        .col_expr(media::Column::Tries, 0.into())
        .col_expr(media::Column::NextTryMs, clock.now_ms().into())
        .col_expr(media::Column::UpdatedAt, clock.now().into())
        .filter(media::Column::TenantId.eq(channel.tenant_id))
        .filter(media::Column::Status.eq(MediaStatus::Failed))
        .filter(media::Column::Reason.is_in([MediaReason::Refused, MediaReason::Unreachable]))
        .filter(media::Column::MessageId.in_subquery(came_by_it))
        .exec(tx)
        .await?;
    Ok(again.rows_affected)
}

/// The row and its message under the lock, if it is still ours.
async fn still_taken(
    tx: &impl ConnectionTrait,
    taken: &media::Model,
) -> Result<Option<(message::Model, media::Model)>, DbErr> {
    let Some(message) = taken.message_id else {
        return Ok(None);
    };
    let Some(message) = messages::lock(tx, taken.tenant_id, message).await? else {
        return Ok(None);
    };
    let row = media::Entity::of(taken.tenant_id)
        .filter(media::Column::Id.eq(taken.id))
        .filter(media::Column::NextTryMs.eq(taken.next_try_ms))
        .one(tx)
        .await?;
    Ok(row.map(|row| (message, row)))
}

/// Shows the change to who polls the message or its conversation.
async fn tell(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: message::Model,
) -> Result<(), DbErr> {
    let mut row = message.into_active_model();
    row.updated_at = Set(clock.now());
    let message = row.update(tx).await?;
    touch_thread(tx, &message).await?;
    outbox.push(message.tenant_id, Kind::ConversationUpdated, ids(&message));
    Ok(())
}
