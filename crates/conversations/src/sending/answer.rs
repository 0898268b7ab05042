//! What Twilio answered to a request, written down.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::value::{AttemptOutcome, MessageStatus};
use entity::{TenantScoped, message, message_attempt};
use events::{Kind, Outbox};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel,
    QueryFilter,
};
use twilio::error_codes::Class;

use super::{After, Failure, Outgoing, RetryPolicy, after_failure, unmark};
use crate::messages;
use crate::outbound::{ids, touch_thread};

/// What came of a request to send.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Twilio took the text.
    Accepted {
        /// Its MessageSid.
        sid: String,
        /// The status that Twilio gave it at first.
        status: Option<String>,
    },
    /// Twilio did not take it.
    Refused {
        /// Twilio's error code.
        code: Option<i32>,
        /// Twilio's words.
        message: String,
        /// What the error calls for.
        class: Class,
        /// Whether it was a 429: then nothing was processed, and this was no attempt.
        throttled: bool,
        /// How long Twilio asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The request never left: Twilio could not be reached.
    NotSent,
    /// The request left, and no clear answer came back.
    Unknown,
}

/// How long a number stands still when its queue at Twilio is full: that takes minutes.
const QUEUE_FULL_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// How long to leave Twilio alone when it can't be reached.
const UNREACHABLE_PAUSE: TimeDelta = TimeDelta::seconds(5);

/// Records the answer to a request and says what becomes of the lane entry.
///
/// # Errors
/// When the database is away.
pub async fn record(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    outgoing: &Outgoing,
    answer: Answer,
) -> Result<After, DbErr> {
    let (tenant, id) = (outgoing.message.tenant_id, outgoing.message.id);
    // The lead may have been erased meanwhile, and the message with it.
    let Some(message) = messages::lock(tx, tenant, id).await? else {
        return Ok(After::DONE);
    };
    let Some(attempt) = reload(tx, &outgoing.attempt).await? else {
        return Ok(After::DONE);
    };
    let now = clock.now();
    // A callback was faster than the answer, or this is recorded a second time: what stands there
    // is newer.
    let open = [AttemptOutcome::Sending, AttemptOutcome::Unknown].contains(&attempt.outcome);
    let latest = message.attempts == attempt.number && message.status == MessageStatus::Sending;
    match answer {
        Answer::Accepted { sid, status } => {
            accepted(tx, clock, outbox, message, attempt, &sid, status).await?;
            Ok(After::DONE)
        }
        _ if !open || !latest => Ok(After::DONE),
        Answer::Unknown => {
            outbox.touch(tenant);
            unknown(tx, attempt, now, policy).await
        }
        Answer::NotSent => {
            let until = now + UNREACHABLE_PAUSE;
            unmark(tx, outgoing, message, now, until).await?;
            outbox.touch(tenant);
            Ok(After {
                again_at: Some(until),
                pause: Some((until, "Twilio can't be reached.")),
            })
        }
        Answer::Refused {
            throttled: true,
            class,
            retry_after,
            ..
        } => {
            let (until, pause) = if class == Class::RetryLater {
                let until = now + QUEUE_FULL_PAUSE;
                (
                    until,
                    Some((until, "The number's queue at Twilio is full.")),
                )
            } else {
                (slow_down(tx, clock, outgoing, retry_after).await?, None)
            };
            unmark(tx, outgoing, message, now, until).await?;
            outbox.touch(tenant);
            Ok(After {
                again_at: Some(until),
                pause,
            })
        }
        Answer::Refused {
            code,
            message: words,
            class,
            ..
        } => {
            let failure = Failure {
                code,
                message: Some(words),
                class,
                status: MessageStatus::Failed,
            };
            refused(tx, outgoing, &failure, now).await?;
            let next = after_failure(tx, clock, outbox, policy, message, failure).await?;
            Ok(next.map_or(After::DONE, After::again))
        }
    }
}

/// The attempt as it stands now, under the message's lock.
pub(super) async fn reload(
    tx: &impl ConnectionTrait,
    attempt: &message_attempt::Model,
) -> Result<Option<message_attempt::Model>, DbErr> {
    message_attempt::Entity::of(attempt.tenant_id)
        .filter(message_attempt::Column::MessageId.eq(attempt.message_id))
        .filter(message_attempt::Column::Number.eq(attempt.number))
        .one(tx)
        .await
}

/// Lets the whole account go slower, and says when it goes on.
async fn slow_down(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outgoing: &Outgoing,
    retry_after: Option<Duration>,
) -> Result<DateTime<Utc>, DbErr> {
    let group = queue::Group {
        tenant: outgoing.message.tenant_id,
        name: outgoing.attempt.account_sid.clone(),
    };
    let asked_ms = retry_after.map(|wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    let now_ms = queue::now_ms(tx, clock).await?;
    let [fraction] = entity::random::bytes();
    let reason = "Twilio asks to slow down.";
    let until = queue::slow_down(tx, &group, now_ms, asked_ms, fraction, reason).await?;
    Ok(DateTime::from_timestamp_millis(until).unwrap_or_else(|| clock.now()))
}

async fn unknown(
    tx: &impl ConnectionTrait,
    attempt: message_attempt::Model,
    now: DateTime<Utc>,
    policy: &RetryPolicy,
) -> Result<After, DbErr> {
    let mut row = attempt.into_active_model();
    row.outcome = Set(AttemptOutcome::Unknown);
    row.updated_at = Set(now);
    row.update(tx).await?;
    Ok(After::again(now + policy.settle_after))
}

async fn refused(
    tx: &impl ConnectionTrait,
    outgoing: &Outgoing,
    failure: &Failure,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut row = outgoing.attempt.clone().into_active_model();
    row.outcome = Set(AttemptOutcome::Refused);
    row.error_code = Set(failure.code);
    row.error_message = Set(failure.message.clone());
    row.updated_at = Set(now);
    row.update(tx).await?;
    Ok(())
}

/// Twilio has the text: its SID goes on the attempt, and the message is at least `sent`.
pub(crate) async fn accepted(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: message::Model,
    attempt: message_attempt::Model,
    sid: &str,
    status: Option<String>,
) -> Result<message::Model, DbErr> {
    let taken = Taken::new(message, attempt, sid, status, clock.now());
    taken
        .attempt
        .clone()
        .into_active_model()
        .reset_all()
        .update(tx)
        .await?;
    taken.tell(outbox);
    if taken.is_latest {
        let row = taken.message.clone().into_active_model();
        row.reset_all().update(tx).await?;
        touch_thread(tx, &taken.message).await?;
    }
    if taken.is_sent {
        // Given up for lost, and there after all: it must not go out a second time.
        queue::cancel(tx, taken.message.tenant_id, taken.message.id.0).await?;
    }
    Ok(taken.message)
}

/// What an attempt and its message become when Twilio is known to have the text.
pub(crate) struct Taken {
    pub(crate) attempt: message_attempt::Model,
    pub(crate) message: message::Model,
    /// Whether it is the latest attempt, and the message has changed with it.
    pub(crate) is_latest: bool,
    /// Whether the message is sent by that.
    pub(crate) is_sent: bool,
}

impl Taken {
    pub(crate) fn new(
        message: message::Model,
        attempt: message_attempt::Model,
        sid: &str,
        status: Option<String>,
        now: DateTime<Utc>,
    ) -> Self {
        let is_latest = attempt.number >= message.attempts;
        let given_up = attempt.outcome == AttemptOutcome::Absent
            && matches!(
                message.status,
                MessageStatus::Queued | MessageStatus::Failed
            );
        let is_sent = is_latest && (message.status == MessageStatus::Sending || given_up);
        let attempt = message_attempt::Model {
            sid: Some(sid.to_owned()),
            outcome: AttemptOutcome::Accepted,
            status: attempt.status.or(status),
            updated_at: now,
            ..attempt
        };
        let mut message = message;
        if is_latest {
            message.external_id = Some(sid.to_owned());
            message.updated_at = now;
        }
        if is_sent {
            message = message::Model {
                status: MessageStatus::Sent,
                sent_at: Some(now),
                next_attempt_at: None,
                error_code: None,
                error_message: None,
                reason: None,
                held_reason: None,
                ..message
            };
        }
        Self {
            attempt,
            message,
            is_latest,
            is_sent,
        }
    }

    /// Tells whoever follows.
    pub(crate) fn tell(&self, outbox: &mut Outbox) {
        let message = &self.message;
        outbox.touch(message.tenant_id);
        if self.is_sent {
            outbox.push(message.tenant_id, Kind::SmsSent, ids(message));
        }
    }
}
