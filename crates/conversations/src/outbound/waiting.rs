//! What can still be changed while a text waits: take it back, change it, try it again.

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::id::{ChannelId, ConversationId, MessageId, TenantId};
use entity::value::{ChannelStatus, Direction, MessageStatus};
use entity::{TenantScoped, channel, lead, message};
use events::{Kind, Outbox};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel,
    QueryFilter,
};

use super::{channel_of, enqueue, ids, touch_thread};
use crate::messages::{self, MessageView};
use crate::{Error, opt_out};

/// The states in which nothing has left yet.
pub(crate) const WAITING: [MessageStatus; 2] = [MessageStatus::Scheduled, MessageStatus::Queued];

/// What of a scheduled text is to change.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// When it is to be sent.
    pub send_at: Option<DateTime<Utc>>,
    /// The text.
    pub body: Option<String>,
}

/// Takes a text back that has not left yet.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongStatus`]; when the database is away.
pub async fn cancel(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: MessageId,
) -> Result<MessageView, Error> {
    let row = lock(tx, tenant, id).await?;
    if !WAITING.contains(&row.status) {
        return Err(Error::WrongStatus {
            status: row.status,
            action: "canceled",
        });
    }
    let row = take_back(tx, clock, outbox, row, None).await?;
    messages::view(tx, row).await
}

/// Changes the text or the time of a scheduled one.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongStatus`], [`Error::Invalid`]; when the database is away.
pub async fn edit(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: MessageId,
    edit: Edit,
) -> Result<MessageView, Error> {
    let current = lock(tx, tenant, id).await?;
    if current.status != MessageStatus::Scheduled {
        return Err(Error::WrongStatus {
            status: current.status,
            action: "changed",
        });
    }
    let now = clock.now();
    let mut row = current.clone().into_active_model();
    if let Some(body) = edit.body {
        if let Some(detail) = super::body_problem(&body) {
            return Err(Error::invalid("/body", detail));
        }
        let counted = sms_text::count(&body);
        row.num_segments = Set(i32::try_from(counted.segments).unwrap_or(i32::MAX));
        row.encoding = Set(super::encoding(counted.encoding));
        row.body = Set(body);
    }
    if let Some(at) = edit.send_at {
        if at <= now {
            return Err(Error::invalid("/send_at", "must be in the future"));
        }
        if super::is_too_far(at, now) {
            return Err(Error::invalid("/send_at", super::TOO_FAR));
        }
        if let (Some(until), Some(before)) = (current.valid_until, current.scheduled_at) {
            row.valid_until = Set(Some(until + (at - before)));
        }
        row.scheduled_at = Set(Some(at));
    }
    row.updated_at = Set(now);
    let row = row.update(tx).await?;
    requeue(tx, clock, &row, row.scheduled_at.unwrap_or(now)).await?;
    touch_thread(tx, &row).await?;
    outbox.push(tenant, Kind::SmsStatusUpdate, ids(&row));
    messages::view(tx, row).await
}

/// Sends a text again that has failed, as a new attempt.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongStatus`], [`Error::OptedOut`], [`Error::ChannelInactive`];
/// when the database is away.
pub async fn retry(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: MessageId,
) -> Result<MessageView, Error> {
    let current = lock(tx, tenant, id).await?;
    let lost = [
        MessageStatus::Failed,
        MessageStatus::Undelivered,
        MessageStatus::Canceled,
    ];
    if !lost.contains(&current.status) {
        return Err(Error::WrongStatus {
            status: current.status,
            action: "sent again",
        });
    }
    if opt_out::is_opted_out(tx, tenant, &current.to_number).await? {
        return Err(Error::OptedOut {
            phone: current.to_number,
        });
    }
    match channel_of(tx, &current).await? {
        Some(channel) if channel.deleted_at.is_none() && channel.status.takes_part() => {}
        _ => return Err(Error::ChannelInactive),
    }
    let now = clock.now();
    let mut row = current.into_active_model();
    row.status = Set(MessageStatus::Queued);
    row.retries = Set(0);
    row.scheduled_at = Set(None);
    row.valid_until = Set(None);
    row.next_attempt_at = Set(Some(now));
    row.error_code = Set(None);
    row.error_message = Set(None);
    row.updated_at = Set(now);
    let row = row.update(tx).await?;
    requeue(tx, clock, &row, now).await?;
    touch_thread(tx, &row).await?;
    outbox.push(tenant, Kind::MessageQueued, ids(&row));
    messages::view(tx, row).await
}

/// Puts a message into its lane anew, whatever was there of it.
pub(crate) async fn requeue(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    row: &message::Model,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    queue::cancel(tx, row.tenant_id, row.id.0).await?;
    match channel_of(tx, row).await? {
        Some(channel) => enqueue(tx, clock, row, &channel, at).await,
        None => Ok(()),
    }
}

/// Takes everything back that waits for this person.
pub(crate) async fn cancel_waiting(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    lead: &lead::Model,
    reason: &str,
) -> Result<(), DbErr> {
    let of_lead = Condition::all().add(message::Column::LeadId.eq(lead.id));
    cancel_all(tx, clock, outbox, lead.tenant_id, of_lead, reason).await
}

/// Takes back what was to be dropped should the customer write first.
pub(crate) async fn cancel_on_reply(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    conversation: ConversationId,
) -> Result<(), DbErr> {
    let droppable = Condition::all()
        .add(message::Column::ConversationId.eq(conversation))
        .add(message::Column::CancelOnReply.eq(true));
    cancel_all(
        tx,
        clock,
        outbox,
        tenant,
        droppable,
        "The customer wrote first.",
    )
    .await
}

/// How much of a removed channel's queue is taken back at once: as much as a request has time for.
const AT_ONCE: u64 = 100;

/// Takes back what waits in a channel that has been removed: the most urgent at once, the rest as
/// workers come past it, which is within moments.
///
/// # Errors
/// When the database is away.
pub async fn cancel_channel(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    channel: ChannelId,
) -> Result<(), DbErr> {
    let waiting = queue::waiting(tx, channel, AT_ONCE)
        .await?
        .into_iter()
        .map(MessageId);
    let of_lane = Condition::all().add(message::Column::Id.is_in(waiting));
    cancel_all(
        tx,
        clock,
        outbox,
        tenant,
        of_lane,
        "The channel was removed.",
    )
    .await?;
    queue::drain(tx, channel, clock.now_ms()).await
}

/// Lets what waits in a channel follow a change of its settings or status; `before` is the status
/// that it had.
///
/// # Errors
/// When the database is away.
pub async fn follow_channel(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    before: ChannelStatus,
    channel: &channel::Model,
) -> Result<(), DbErr> {
    let gap_us = super::sender::gap_us(channel);
    queue::follow(tx, channel.id, &channel.account_sid, gap_us).await?;
    if channel.status.takes_part() && !before.takes_part() {
        queue::resume(tx, channel.id, clock.now_ms()).await?;
    }
    Ok(())
}

async fn cancel_all(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    which: Condition,
    reason: &str,
) -> Result<(), DbErr> {
    let found = message::Entity::of(tenant)
        .filter(which)
        .filter(message::Column::Direction.eq(Direction::Outbound))
        .filter(message::Column::Status.is_in(WAITING))
        .all(tx)
        .await?;
    let mut rows: Vec<_> = found.into_iter().map(|row| (row.lead_id, row.id)).collect();
    // One order for all who lock several people.
    rows.sort_unstable();
    for (_, id) in rows {
        let row = messages::lock(tx, tenant, id).await?;
        if let Some(row) = row.filter(|row| WAITING.contains(&row.status)) {
            take_back(tx, clock, outbox, row, Some(reason)).await?;
        }
    }
    Ok(())
}

/// Ends a message that has not left, and takes it out of the queue.
pub(crate) async fn take_back(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    row: message::Model,
    reason: Option<&str>,
) -> Result<message::Model, DbErr> {
    queue::cancel(tx, row.tenant_id, row.id.0).await?;
    let mut row = row.into_active_model();
    row.status = Set(MessageStatus::Canceled);
    row.next_attempt_at = Set(None);
    row.error_message = Set(reason.map(str::to_owned));
    row.updated_at = Set(clock.now());
    let row = row.update(tx).await?;
    touch_thread(tx, &row).await?;
    outbox.push(row.tenant_id, Kind::SmsStatusUpdate, ids(&row));
    Ok(row)
}

async fn lock(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    id: MessageId,
) -> Result<message::Model, Error> {
    messages::lock(tx, tenant, id)
        .await?
        .ok_or(Error::NotFound("message"))
}
