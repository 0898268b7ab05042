//! Files of texts that came in: fetched from Twilio after the webhook has been answered.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::id::MediaId;
use entity::value::{MediaReason, MediaStatus};
use entity::{TenantScoped, media, message};
use events::{Kind, Outbox};
use sea_orm::sea_query::{LockBehavior, LockType};
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

/// Takes what is to be fetched, or deleted at Twilio, by now; nobody else gets it for `lease`.
///
/// # Errors
/// When the database is away.
pub async fn take_due(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    limit: u64,
    lease: Duration,
) -> Result<Vec<media::Model>, DbErr> {
    let now_ms = clock.now_ms();
    let due = media::Entity::find()
        .filter(media::Column::NextTryMs.lte(now_ms))
        .order_by_asc(media::Column::NextTryMs)
        .limit(limit)
        .lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    let until_ms = now_ms + i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
    let mut taken = Vec::with_capacity(due.len());
    for row in due {
        let tries = row.tries + 1;
        let mut row = row.into_active_model();
        row.tries = Set(tries);
        row.next_try_ms = Set(Some(until_ms));
        taken.push(row.update(tx).await?);
    }
    Ok(taken)
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
    row.next_try_ms = Set(fetched.delete_at_twilio.then(|| clock.now_ms()));
    row.updated_at = Set(clock.now());
    row.update(tx).await?;
    tell(tx, clock, outbox, message).await?;
    Ok(true)
}

/// There is nothing more to be tried: it can't be had, and why. With no reason it is here, and Twilio
/// does not have it any more.
///
/// # Errors
/// When the database is away.
pub async fn give_up(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    taken: &media::Model,
    reason: Option<MediaReason>,
) -> Result<(), DbErr> {
    let Some((message, row)) = still_taken(tx, taken).await? else {
        return Ok(());
    };
    let mut row = row.into_active_model();
    row.next_try_ms = Set(None);
    row.updated_at = Set(clock.now());
    if reason.is_some() {
        row.status = Set(MediaStatus::Failed);
        row.reason = Set(reason);
    } else {
        row.source_url = Set(None);
    }
    row.update(tx).await?;
    if reason.is_some() {
        tell(tx, clock, outbox, message).await?;
    }
    Ok(())
}

/// It did not work and is to be tried again at `at`.
///
/// # Errors
/// When the database is away.
pub async fn try_again(
    tx: &impl ConnectionTrait,
    taken: &media::Model,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    media::Entity::update_many()
        .col_expr(media::Column::NextTryMs, at.timestamp_millis().into())
        .filter(media::Column::Id.eq(taken.id))
        .filter(media::Column::NextTryMs.eq(taken.next_try_ms))
        .exec(tx)
        .await
        .map(drop)
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
