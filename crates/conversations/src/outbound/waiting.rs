//! What can still be changed while a text waits: take it back, change it, try it again.

use ::media::Links;
use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{ChannelId, ConversationId, MessageId, TenantId};
use entity::value::{ChannelStatus, Direction, MediaStatus, MessageReason, MessageStatus};
use entity::{TenantScoped, channel, lead, message};
use events::{Kind, Outbox};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel,
    QueryFilter,
};

use super::{Measured, Validity, carriage, channel_of, enqueue, ids, quiet, touch_thread};
use crate::messages::{self, MessageView};
use crate::{Error, Problem, opt_out};

/// The states in which nothing has left yet.
pub(crate) const WAITING: [MessageStatus; 2] = [MessageStatus::Scheduled, MessageStatus::Queued];

/// Why a text is taken back: for programs, and in words for people.
#[derive(Clone, Debug)]
pub(crate) struct Why {
    /// For programs.
    pub(crate) reason: MessageReason,
    /// For people.
    pub(crate) words: String,
}

impl Why {
    /// The recipient must not be texted.
    pub(crate) fn opted_out(row: &entity::opt_out::Model) -> Self {
        Self {
            reason: MessageReason::OptedOut,
            words: format!("The recipient {}.", opt_out::how(row)),
        }
    }

    /// There is nothing to send by any more.
    pub(crate) fn channel_removed() -> Self {
        Self {
            reason: MessageReason::ChannelRemoved,
            words: "The channel was removed.".to_owned(),
        }
    }

    fn customer_wrote() -> Self {
        Self {
            reason: MessageReason::CustomerWrote,
            words: "The customer wrote first.".to_owned(),
        }
    }
}

/// What of a scheduled text is to change.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// When it is to be sent; at once if that is past.
    pub send_at: Option<DateTime<Utc>>,
    /// The text.
    pub body: Option<String>,
    /// Not later than this many seconds after it is due.
    pub valid_for_seconds: Option<i64>,
    /// Whether it is dropped when the customer writes first.
    pub cancel_on_reply: Option<bool>,
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

/// Changes a text that is scheduled.
///
/// Without a new validity the text stays valid for as long after its new time as after the old one.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongStatus`], [`Error::Invalid`]; when the database is away.
pub async fn edit(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    links: &Links,
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
    let files = carriage::of_message(tx, &current).await?;
    check(&edit, !files.is_empty(), now)?;
    let before = current.next_attempt_at.or(current.scheduled_at);
    let scheduled_at = edit.send_at.or(current.scheduled_at);
    let scheduled_at = scheduled_at.filter(|at| *at > now);
    let turn = quiet::turn(tx, &current, scheduled_at.unwrap_or(now)).await?;
    let valid_until = match edit.valid_for_seconds {
        Some(seconds) => Some(turn.at + TimeDelta::seconds(seconds)),
        None => current
            .valid_until
            .map(|until| until + (turn.at - before.unwrap_or(now))),
    };
    let mut row = current.into_active_model();
    turn.write(&mut row);
    row.scheduled_at = Set(scheduled_at);
    row.valid_until = Set(valid_until);
    if scheduled_at.is_none() {
        row.status = Set(MessageStatus::Queued);
    }
    if let Some(body) = edit.body {
        let text = carriage::with_links(&body, &files, links, now);
        let measured = Measured::of(&text, carriage::is_mms(&files))?;
        row.num_segments = Set(measured.segments);
        row.encoding = Set(measured.encoding);
        row.body = Set(body);
    }
    if let Some(cancel_on_reply) = edit.cancel_on_reply {
        row.cancel_on_reply = Set(cancel_on_reply);
    }
    row.updated_at = Set(now);
    let row = row.update(tx).await?;
    search::entry::changed(tx, clock, tenant, search::Kind::Message, &[id.0]).await?;
    requeue(tx, clock, &row, turn.at).await?;
    touch_thread(tx, &row).await?;
    outbox.push(tenant, Kind::SmsStatusUpdate, ids(&row));
    messages::view(tx, row).await
}

fn check(edit: &Edit, has_files: bool, now: DateTime<Utc>) -> Result<(), Error> {
    let body = edit.body.as_deref();
    let body = body.and_then(|body| super::body_problem(body, has_files));
    let too_far = edit.send_at.filter(|at| super::is_too_far(*at, now));
    let validity = edit.valid_for_seconds.and_then(super::validity_problem);
    let problems = [
        ("/body", body),
        ("/send_at", too_far.map(|_| super::TOO_FAR.to_owned())),
        ("/valid_for_seconds", validity),
    ];
    let problems: Vec<_> = problems
        .into_iter()
        .filter_map(|(pointer, detail)| {
            Some(Problem {
                pointer: pointer.to_owned(),
                detail: detail?,
            })
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}

/// Sends a text again that has failed, as a new attempt. Its validity begins anew.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongStatus`], [`Error::OptedOut`], [`Error::ChannelInactive`],
/// [`Error::FilesRemoved`]; when the database is away.
pub async fn retry(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    validity: &Validity,
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
    opt_out::refuse(tx, tenant, &current.to_number).await?;
    match channel_of(tx, &current).await? {
        Some(channel) if channel.deleted_at.is_none() && channel.status.takes_part() => {}
        _ => return Err(Error::ChannelInactive),
    }
    let files = carriage::of_message(tx, &current).await?;
    if files.iter().any(|file| file.status == MediaStatus::Removed) {
        return Err(Error::FilesRemoved);
    }
    let now = clock.now();
    let turn = quiet::turn(tx, &current, now).await?;
    let valid_for = validity.of(current.priority);
    let mut row = current.into_active_model();
    turn.write(&mut row);
    row.status = Set(MessageStatus::Queued);
    row.retries = Set(0);
    row.scheduled_at = Set(None);
    row.valid_until = Set(Some(turn.at + valid_for));
    row.next_attempt_at = Set(Some(turn.at));
    row.error_code = Set(None);
    row.error_message = Set(None);
    row.updated_at = Set(now);
    let row = row.update(tx).await?;
    requeue(tx, clock, &row, turn.at).await?;
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

/// Takes everything back that waits for somebody who must not be texted any more, whichever of the
/// tenant's numbers it was to go by.
pub(crate) async fn cancel_opted_out(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    lead: &lead::Model,
    row: &entity::opt_out::Model,
) -> Result<(), DbErr> {
    let of_lead = Condition::all().add(message::Column::LeadId.eq(lead.id));
    let why = Why::opted_out(row);
    cancel_all(tx, clock, outbox, lead.tenant_id, of_lead, &why).await
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
        // As the index has it.
        .add(Expr::col(message::Column::CancelOnReply));
    let why = Why::customer_wrote();
    cancel_all(tx, clock, outbox, tenant, droppable, &why).await
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
    let why = Why::channel_removed();
    cancel_all(tx, clock, outbox, tenant, of_lane, &why).await?;
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
    why: &Why,
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
            take_back(tx, clock, outbox, row, Some(why)).await?;
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
    why: Option<&Why>,
) -> Result<message::Model, DbErr> {
    queue::cancel(tx, row.tenant_id, row.id.0).await?;
    let mut row = row.into_active_model();
    row.status = Set(MessageStatus::Canceled);
    row.next_attempt_at = Set(None);
    row.reason = Set(why.map(|why| why.reason));
    row.held_reason = Set(None);
    row.error_message = Set(why.map(|why| why.words.clone()));
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
