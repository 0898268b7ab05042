//! What Twilio tells of a text on its way.
//!
//! Status callbacks come in any order, more than once, before the request that they speak of has
//! been answered, or never. Every one is kept. Within an attempt the status only rises; what a
//! callback says of the latest attempt, the message follows.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use db::each;
use entity::clock::Clock;
use entity::id::{MessageEventId, MessageId, TenantId};
use entity::value::{AttemptOutcome, MessageStatus};
use entity::{channel, message, message_attempt, message_event};
use events::{Kind, Outbox};
use routing::Routed;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, IntoActiveModel};
use twilio::client::MessageResource;
use twilio::error_codes::classify_callback;
use twilio::webhook::{MessageStatus as Told, MessageStatusUpdate, WebhookError};

use crate::messages;
use crate::outbound::{self, ids, touch_thread};
use crate::sending::{Failure, RetryPolicy, Taken, accepted, after_failure, heed_opt_out};

mod rank;
mod rows;

use rank::{at_least, supersedes};
use rows::{Rows, Spoken};

/// A status callback that Twilio vouches for, and the tenants it may be meant for.
#[derive(Clone, Debug)]
pub struct StatusUpdate {
    channels: Vec<Arc<channel::Model>>,
    update: MessageStatusUpdate,
    message: Option<MessageId>,
    attempt: Option<i32>,
    /// Whether the channel may have changed since it was read.
    is_kept: bool,
}

impl StatusUpdate {
    /// Reads the callback out of a webhook. `message` and `attempt` are what our own callback
    /// URL said; they are no proof, and are believed only within the tenants of `routed`.
    ///
    /// # Errors
    /// When `MessageSid` is missing.
    pub fn read(
        routed: &Routed,
        message: Option<MessageId>,
        attempt: Option<i32>,
    ) -> Result<Self, WebhookError> {
        Ok(Self {
            channels: routed.channels().to_vec(),
            update: MessageStatusUpdate::from_form(routed.form())?,
            message,
            attempt,
            is_kept: routed.kept().is_some(),
        })
    }

    /// What Twilio said when it was asked for a text that went by `channel`.
    #[must_use]
    pub fn asked(channel: channel::Model, told: MessageResource) -> Option<Self> {
        let update = MessageStatusUpdate {
            message_sid: told.sid,
            account_sid: told.account_sid,
            messaging_service_sid: told.messaging_service_sid,
            status: told.status?,
            error_code: told.error_code,
            error_message: told.error_message,
            from: told.from,
            to: told.to,
            raw_dlr_done_date: None,
        };
        Some(Self {
            channels: vec![Arc::new(channel)],
            update,
            message: None,
            attempt: None,
            is_kept: false,
        })
    }

    /// The channel whose secret is its proof, if that may have changed since it was read: see
    /// [`Routed::kept`].
    #[must_use]
    pub fn kept_channel(&self) -> Option<&channel::Model> {
        self.channels
            .first()
            .filter(|_| self.is_kept)
            .map(|row| &**row)
    }

    /// One of the tenants that it may be meant for.
    #[must_use]
    pub fn tenant_id(&self) -> Option<TenantId> {
        self.channels.first().map(|row| row.tenant_id)
    }

    /// The tenants that it may be meant for, each once.
    fn tenants(&self) -> BTreeSet<TenantId> {
        self.channels.iter().map(|row| row.tenant_id).collect()
    }

    /// Whether who signed it can know anything of this attempt.
    fn vouches_for(&self, attempt: &message_attempt::Model) -> bool {
        self.channels
            .iter()
            .any(|channel| channel.account_sid == attempt.account_sid)
    }
}

/// The statuses after which none but a late `delivered` or `read` comes, in Twilio's words.
pub(crate) const LAST_WORDS: [&str; 5] = ["delivered", "undelivered", "failed", "canceled", "read"];

/// Whether a status is one of these.
pub(crate) fn is_last_word(told: &Told) -> bool {
    LAST_WORDS.contains(&told.as_str())
}

/// Whether an attempt that stands at `known` would move.
pub(crate) fn is_news(known: Option<&str>, told: &Told) -> bool {
    supersedes(known, told)
}

/// What became of one callback of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracked {
    /// It speaks of this message.
    Message(MessageId),
    /// It speaks of none of ours: sent by somebody else by the same account. It is kept.
    Foreign,
}

/// Records a batch of callbacks, in order of arrival.
///
/// # Errors
/// When the database is away; then none of the batch is recorded.
pub async fn record(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    batch: &[impl Borrow<StatusUpdate>],
) -> Result<Vec<Tracked>, DbErr> {
    let batch: Vec<_> = batch.iter().map(Borrow::borrow).collect();
    let (mut rows, spoken) = Rows::lock(tx, &batch).await?;
    keep(tx, clock, &batch, &spoken, &rows).await?;
    // What is queued again takes its lane's lock: in one order, or two batches would deadlock. What
    // is told of one message goes by one channel and stays in its order.
    let mut order: Vec<_> = batch.iter().zip(&spoken).collect();
    order.sort_by_key(|(_, spoken)| {
        let message = spoken.and_then(|spoken| rows.get(spoken));
        message.map(|(message, _)| message.channel_id)
    });
    for (update, spoken) in order {
        let Some(spoken) = *spoken else { continue };
        let told = &update.update;
        if !step(clock, outbox, told, &mut rows, spoken) {
            // What it takes part in must be seen by its queries, and it may change other rows.
            rows.write(tx).await?;
            if let Some((message, attempt)) = rows.get(spoken) {
                let (message, attempt) = (message.clone(), attempt.clone());
                apply(tx, clock, outbox, policy, told, message, attempt).await?;
            }
            rows.reload(tx).await?;
        }
    }
    rows.write(tx).await?;
    let tracked = |spoken: Option<Spoken>| match spoken {
        Some(spoken) => Tracked::Message(spoken.message),
        None => Tracked::Foreign,
    };
    Ok(spoken.into_iter().map(tracked).collect())
}

/// Keeps every callback as it came.
async fn keep(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    batch: &[&StatusUpdate],
    spoken: &[Option<Spoken>],
    rows: &Rows,
) -> Result<(), DbErr> {
    let now = clock.now();
    let kept = batch.iter().zip(spoken).filter_map(|(update, spoken)| {
        let attempt = spoken.and_then(|spoken| rows.get(spoken));
        let attempt = attempt.map(|(_, attempt)| attempt);
        let tenant = match attempt {
            Some(attempt) => attempt.tenant_id,
            None => update.tenant_id()?,
        };
        let told = &update.update;
        Some(message_event::Model {
            id: MessageEventId::new(clock),
            tenant_id: tenant,
            message_id: attempt.map(|attempt| attempt.message_id),
            attempt: attempt.map(|attempt| attempt.number),
            sid: told.message_sid.clone(),
            status: told.status.as_str().to_owned(),
            error_code: told.error_code,
            received_at: now,
        })
    });
    let kept: Vec<_> = kept.collect();
    each::insert_new(tx, &kept).await
}

/// What nearly every callback says, done in memory: that Twilio has a text, that it is further on its
/// way, or nothing new. False for everything else, and then nothing was done.
fn step(
    clock: &Clock,
    outbox: &mut Outbox,
    told: &MessageStatusUpdate,
    rows: &mut Rows,
    spoken: Spoken,
) -> bool {
    let Some((message, attempt)) = rows.get(spoken) else {
        return true;
    };
    if matches!(told.status, Told::Undelivered | Told::Failed) || told.error_code.is_some() {
        return false;
    }
    let (mut message, mut attempt) = (message.clone(), attempt.clone());
    if attempt.outcome != AttemptOutcome::Accepted || attempt.sid.is_none() {
        let taken = Taken::new(message, attempt, &told.message_sid, None, clock.now());
        taken.tell(outbox);
        let is_latest = taken.is_latest;
        (message, attempt) = (taken.message, taken.attempt);
        rows.change_attempt(attempt.clone());
        if is_latest {
            rows.change_message(message.clone());
        }
    }
    if !supersedes(attempt.status.as_deref(), &told.status) {
        return true;
    }
    let latest = attempt.number >= message.attempts;
    let status = raised_to(&told.status)
        .filter(|status| latest || *status != MessageStatus::Canceled)
        .filter(|status| !at_least(message.status, *status));
    outbox.touch(message.tenant_id);
    rows.change_attempt(stepped(attempt, told, clock.now()));
    if let Some(status) = status {
        let message = raised(message, status, clock.now());
        outbox.push(message.tenant_id, Kind::SmsStatusUpdate, ids(&message));
        rows.change_message(message);
    }
    true
}

/// The attempt as it stands after what was told.
fn stepped(
    attempt: message_attempt::Model,
    told: &MessageStatusUpdate,
    now: DateTime<Utc>,
) -> message_attempt::Model {
    message_attempt::Model {
        outcome: AttemptOutcome::Accepted,
        sid: Some(told.message_sid.clone()),
        status: Some(told.status.as_str().to_owned()),
        error_code: told.error_code,
        error_message: told.error_message.clone(),
        updated_at: now,
        ..attempt
    }
}

/// What a message becomes by what is told, if that is no failure.
const fn raised_to(told: &Told) -> Option<MessageStatus> {
    match told {
        Told::Delivered => Some(MessageStatus::Delivered),
        Told::Read => Some(MessageStatus::Read),
        Told::Canceled => Some(MessageStatus::Canceled),
        // Twilio has it, which `accepted` has seen to.
        _ => None,
    }
}

/// The message as it stands after what was told.
fn raised(message: message::Model, status: MessageStatus, now: DateTime<Utc>) -> message::Model {
    let raised = message::Model {
        status,
        next_attempt_at: None,
        reason: None,
        held_reason: None,
        updated_at: now,
        ..message
    };
    if status == MessageStatus::Canceled {
        return raised;
    }
    message::Model {
        sent_at: raised.sent_at.or(Some(now)),
        delivered_at: raised.delivered_at.or(Some(now)),
        error_code: None,
        error_message: None,
        ..raised
    }
}

/// What asks for more than a step: failures, and what goes with an error code.
async fn apply(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    told: &MessageStatusUpdate,
    message: message::Model,
    attempt: message_attempt::Model,
) -> Result<(), DbErr> {
    let mut attempt = attempt;
    let mut message = message;
    if attempt.outcome != AttemptOutcome::Accepted || attempt.sid.is_none() {
        let sid = told.message_sid.as_str();
        message = accepted(tx, clock, outbox, message, attempt.clone(), sid, None).await?;
        attempt.sid = Some(sid.to_owned());
    }
    if !supersedes(attempt.status.as_deref(), &told.status) {
        return Ok(());
    }
    let latest = attempt.number >= message.attempts;
    stepped(attempt, told, clock.now())
        .into_active_model()
        .reset_all()
        .update(tx)
        .await?;
    outbox.touch(message.tenant_id);
    let arrived = matches!(told.status, Told::Delivered | Told::Read);
    if latest || arrived {
        return follow(tx, clock, outbox, policy, told, message).await;
    }
    heed_opt_out(tx, clock, outbox, &message, told.error_code).await
}

/// Moves the message to where its attempt is.
async fn follow(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    told: &MessageStatusUpdate,
    message: message::Model,
) -> Result<(), DbErr> {
    let failed_as = match told.status {
        Told::Undelivered => Some(MessageStatus::Undelivered),
        Told::Failed => Some(MessageStatus::Failed),
        _ => None,
    };
    if let Some(status) = failed_as {
        return failed(tx, clock, outbox, policy, told, message, status).await;
    }
    match raised_to(&told.status) {
        Some(status) if !at_least(message.status, status) => {
            raise(tx, clock, outbox, message, status).await
        }
        _ => Ok(()),
    }
}

async fn raise(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: message::Model,
    status: MessageStatus,
) -> Result<(), DbErr> {
    // It arrived after all: an attempt that still waits must not go out.
    queue::cancel(tx, message.tenant_id, message.id.0).await?;
    let message = raised(message, status, clock.now());
    let message = message.into_active_model().reset_all().update(tx).await?;
    touch_thread(tx, &message).await?;
    outbox.push(message.tenant_id, Kind::SmsStatusUpdate, ids(&message));
    Ok(())
}

async fn failed(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    told: &MessageStatusUpdate,
    message: message::Model,
    status: MessageStatus,
) -> Result<(), DbErr> {
    if at_least(message.status, status) {
        return heed_opt_out(tx, clock, outbox, &message, told.error_code).await;
    }
    let failure = Failure {
        code: told.error_code,
        message: told.error_message.clone(),
        class: classify_callback(told.error_code),
        status,
    };
    let (id, tenant) = (message.id, message.tenant_id);
    let next = after_failure(tx, clock, outbox, policy, message, failure).await?;
    if let (Some(at), Some(message)) = (next, messages::lock(tx, tenant, id).await?) {
        outbound::requeue(tx, clock, &message, at).await?;
    }
    Ok(())
}
