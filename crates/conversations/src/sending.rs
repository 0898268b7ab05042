//! From the queue to Twilio: what is written down before a request leaves, and after its answer.
//!
//! Twilio has no idempotency key, so a request that was repeated blindly would text twice.
//! Therefore [`begin`] marks the attempt and is committed *before* the request leaves. When no
//! answer comes back, or the program dies, the attempt's outcome is unknown, not failed: it is
//! settled by a status callback, which names message and attempt, or by [`settle`], which looks
//! for the text in Twilio's own list. Only a text that is twice not found there is sent again.

use std::time::Duration;

use ::media::Links;
use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{MessageId, TenantId};
use entity::value::{AttemptOutcome, MessageReason, MessageStatus};
use entity::{TenantScoped, channel, media, message, message_attempt};
use events::{Kind, Outbox};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel,
    ModelTrait, QueryFilter, QueryOrder,
};

use crate::outbound::{self, WAITING, Why, ids, touch_thread};
use crate::{messages, opt_out};

mod answer;
mod failure;
mod settle;
mod together;

pub use answer::{Answer, record};
pub(crate) use answer::{Taken, accepted};
pub(crate) use failure::{Failure, after_failure, heed_opt_out};
pub use settle::{known_sids, settle};
pub use together::{Accepted, Due, begin_each, record_each};

/// How often, and when, a text is tried again.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// How long to wait before each automatic retry; their number is how many there are.
    pub delays: Vec<Duration>,
    /// How long after a request without an answer Twilio's list is asked for the first time.
    pub settle_after: Duration,
    /// How long after that it is asked again before the text counts as never sent.
    pub settle_again: Duration,
}

impl Default for RetryPolicy {
    /// Three retries after 1, 2 and 4 minutes; lists asked after 60 and another 20 seconds.
    fn default() -> Self {
        Self {
            delays: [60, 120, 240].map(Duration::from_secs).to_vec(),
            settle_after: Duration::from_secs(60),
            settle_again: Duration::from_secs(20),
        }
    }
}

/// A text on its way to Twilio, as [`begin`] wrote it down.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The message as it is now.
    pub message: message::Model,
    /// By which channel it goes.
    pub channel: channel::Model,
    /// Which attempt this is.
    pub attempt: message_attempt::Model,
    /// Its files, in order.
    pub media: Vec<media::Model>,
}

/// How long Twilio may fetch the files of a message: longer than it holds one.
const FETCHABLE_FOR: TimeDelta = TimeDelta::hours(24);

impl Outgoing {
    /// The text as it leaves, with links to the files that can't go with it.
    #[must_use]
    pub fn text(&self, links: &Links) -> String {
        // Always by the same time, so that it is found again in Twilio's list by its words.
        let at = self.attempt.created_at;
        outbound::with_links(&self.message.body, &self.media, links, at)
    }

    /// Where Twilio fetches the files that go with it.
    #[must_use]
    pub fn media_urls(&self, links: &Links) -> Vec<String> {
        outbound::media_urls(&self.media, links, self.attempt.created_at + FETCHABLE_FOR)
    }
}

/// What is to be done with a message whose turn has come.
#[derive(Clone, Debug)]
pub enum Begin {
    /// Commit, then send it.
    Send(Box<Outgoing>),
    /// An earlier attempt has no known outcome: look for it in Twilio's list.
    Settle(Box<Outgoing>),
    /// Not yet; it comes up again then.
    Later(DateTime<Utc>),
    /// Nothing: it is gone, taken back or done.
    Drop,
    /// Nothing: its time was over. What stands behind it in the lane may well be as stale:
    /// [`outbound::expire_waiting`] ends that.
    Expired,
}

/// What is to be done with the lane entry after an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// When the entry comes up again; without it, it is done.
    pub again_at: Option<DateTime<Utc>>,
    /// Until when the whole number stands still, and why.
    pub pause: Option<(DateTime<Utc>, &'static str)>,
}

impl After {
    const DONE: Self = Self {
        again_at: None,
        pause: None,
    };

    const fn again(at: DateTime<Utc>) -> Self {
        Self {
            again_at: Some(at),
            pause: None,
        }
    }
}

/// How long a channel that was switched off holds its texts before it is looked at again.
const INACTIVE_RECHECK: TimeDelta = TimeDelta::seconds(30);

/// Checks what may have changed since the text was taken, and marks it as being sent.
///
/// `turn` is the instant at which it may leave: a text is begun a moment before, so that nothing is
/// left to do then but to send it.
///
/// # Errors
/// When the database is away.
pub async fn begin(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    tenant: TenantId,
    id: MessageId,
    turn: DateTime<Utc>,
) -> Result<Begin, DbErr> {
    let Some(message) = messages::lock(tx, tenant, id).await? else {
        return Ok(Begin::Drop);
    };
    let channel = outbound::channel_of(tx, &message).await?;
    let Some(channel) = channel.filter(|channel| channel.deleted_at.is_none()) else {
        return without_channel(tx, clock, outbox, message).await;
    };
    let turn = Ord::max(turn, clock.now());
    if message.status == MessageStatus::Sending {
        return unsettled(tx, policy, message, channel, turn).await;
    }
    if !WAITING.contains(&message.status) {
        return Ok(Begin::Drop);
    }
    if let Some(row) = opt_out::find(tx, tenant, &message.to_number).await? {
        return drop_waiting(tx, clock, outbox, message, &Why::opted_out(&row)).await;
    }
    let now = clock.now();
    if outbound::is_over(&message, clock) {
        outbound::expire(tx, clock, outbox, message).await?;
        return Ok(Begin::Expired);
    }
    let message = outbound::recheck(tx, outbox, message, turn).await?;
    // An entry may be older than the latest word on when to send.
    // In milliseconds, as the lane counts.
    let later = |due: &DateTime<Utc>| due.timestamp_millis() > turn.timestamp_millis();
    if let Some(due) = message
        .next_attempt_at
        .or(message.scheduled_at)
        .filter(later)
    {
        return Ok(Begin::Later(due));
    }
    if !channel.status.takes_part() {
        return Ok(Begin::Later(now + INACTIVE_RECHECK));
    }
    let media = outbound::of_message(tx, &message).await?;
    let (message, attempt) = mark(tx, clock, outbox, message, &channel).await?;
    Ok(Begin::Send(Box::new(Outgoing {
        message,
        channel,
        attempt,
        media,
    })))
}

async fn drop_waiting(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: message::Model,
    why: &Why,
) -> Result<Begin, DbErr> {
    if WAITING.contains(&message.status) {
        outbound::take_back(tx, clock, outbox, message, Some(why)).await?;
    }
    Ok(Begin::Drop)
}

/// Nothing can be sent or looked up any more without the channel's credentials.
async fn without_channel(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: message::Model,
) -> Result<Begin, DbErr> {
    if message.status != MessageStatus::Sending {
        return drop_waiting(tx, clock, outbox, message, &Why::channel_removed()).await;
    }
    let words = "The channel was removed before Twilio answered. The text may have been sent.";
    let mut row = message.into_active_model();
    row.status = Set(MessageStatus::Failed);
    row.reason = Set(Some(MessageReason::ChannelRemoved));
    row.error_message = Set(Some(words.to_owned()));
    row.updated_at = Set(clock.now());
    let message = row.update(tx).await?;
    touch_thread(tx, &message).await?;
    outbox.push(message.tenant_id, Kind::SmsDeliveryFailed, ids(&message));
    Ok(Begin::Drop)
}

async fn mark(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: message::Model,
    channel: &channel::Model,
) -> Result<(message::Model, message_attempt::Model), DbErr> {
    let number = latest(tx, &message)
        .await?
        .map_or(1, |attempt| attempt.number + 1);
    let attempt = attempted(clock, &message, number, channel);
    let attempt = attempt.into_active_model().insert(tx).await?;
    let message = marked(message, &attempt, channel);
    let message = message.into_active_model().reset_all().update(tx).await?;
    touch_thread(tx, &message).await?;
    outbox.push(message.tenant_id, Kind::SmsStatusUpdate, ids(&message));
    Ok((message, attempt))
}

/// An attempt that begins.
fn attempted(
    clock: &Clock,
    message: &message::Model,
    number: i32,
    channel: &channel::Model,
) -> message_attempt::Model {
    let now = clock.now();
    message_attempt::Model {
        tenant_id: message.tenant_id,
        message_id: message.id,
        number,
        account_sid: channel.account_sid.clone(),
        sid: None,
        outcome: AttemptOutcome::Sending,
        status: None,
        error_code: None,
        error_message: None,
        absent_since: None,
        created_at: now,
        updated_at: now,
    }
}

/// The message as this attempt leaves it.
fn marked(
    message: message::Model,
    attempt: &message_attempt::Model,
    channel: &channel::Model,
) -> message::Model {
    message::Model {
        status: MessageStatus::Sending,
        attempts: attempt.number,
        // The channel may have changed since the text was taken.
        account_sid: Some(channel.account_sid.clone()),
        from_number: channel.phone_number.to_string(),
        next_attempt_at: None,
        reason: None,
        held_reason: None,
        updated_at: attempt.created_at,
        ..message
    }
}

/// A message that is `sending` although it is nobody's turn: its worker got no answer or died.
async fn unsettled(
    tx: &impl ConnectionTrait,
    policy: &RetryPolicy,
    message: message::Model,
    channel: channel::Model,
    turn: DateTime<Utc>,
) -> Result<Begin, DbErr> {
    let open = [AttemptOutcome::Sending, AttemptOutcome::Unknown];
    let Some(attempt) = latest(tx, &message)
        .await?
        .filter(|last| open.contains(&last.outcome))
    else {
        return Ok(Begin::Drop);
    };
    let wait = if attempt.absent_since.is_some() {
        policy.settle_again
    } else {
        policy.settle_after
    };
    let ripe = attempt.absent_since.unwrap_or(attempt.updated_at) + wait;
    if ripe.timestamp_millis() > turn.timestamp_millis() {
        return Ok(Begin::Later(ripe));
    }
    let media = outbound::of_message(tx, &message).await?;
    Ok(Begin::Settle(Box::new(Outgoing {
        message,
        channel,
        attempt,
        media,
    })))
}

async fn latest(
    tx: &impl ConnectionTrait,
    message: &message::Model,
) -> Result<Option<message_attempt::Model>, DbErr> {
    message_attempt::Entity::of(message.tenant_id)
        .filter(message_attempt::Column::MessageId.eq(message.id))
        .order_by_desc(message_attempt::Column::Number)
        .one(tx)
        .await
}

/// Unwrites an attempt whose request never reached Twilio's queue: it counts as none.
async fn unmark(
    tx: &impl ConnectionTrait,
    outgoing: &Outgoing,
    message: message::Model,
    now: DateTime<Utc>,
    next: DateTime<Utc>,
) -> Result<message::Model, DbErr> {
    outgoing.attempt.clone().delete(tx).await?;
    let attempts = message.attempts - 1;
    let mut row = message.into_active_model();
    row.status = Set(MessageStatus::Queued);
    row.attempts = Set(attempts);
    row.next_attempt_at = Set(Some(next));
    row.updated_at = Set(now);
    let message = row.update(tx).await?;
    touch_thread(tx, &message).await?;
    Ok(message)
}
