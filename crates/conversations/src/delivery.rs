//! What Twilio tells of a text on its way.
//!
//! Status callbacks come in any order, more than once, before the request that they speak of has
//! been answered, or never. Every one is kept. Within an attempt the status only rises; what a
//! callback says of the latest attempt, the message follows.

use entity::clock::Clock;
use entity::id::{MessageEventId, MessageId, TenantId};
use entity::value::{AttemptOutcome, MessageStatus};
use entity::{TenantScoped, channel, message, message_attempt, message_event};
use events::{Kind, Outbox};
use routing::Routed;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter,
};
use twilio::client::MessageResource;
use twilio::error_codes::classify_callback;
use twilio::webhook::{MessageStatus as Told, MessageStatusUpdate, WebhookError};

use crate::messages;
use crate::outbound::{self, ids, touch_thread};
use crate::sending::{Failure, RetryPolicy, accepted, after_failure, heed_opt_out};

mod rank;

use rank::{at_least, supersedes};

/// A status callback that Twilio vouches for, and the tenants it may be meant for.
#[derive(Clone, Debug)]
pub struct StatusUpdate {
    channels: Vec<channel::Model>,
    update: MessageStatusUpdate,
    message: Option<MessageId>,
    attempt: Option<i32>,
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
            channels: vec![channel],
            update,
            message: None,
            attempt: None,
        })
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
    batch: &[StatusUpdate],
) -> Result<Vec<Tracked>, DbErr> {
    let mut results = Vec::with_capacity(batch.len());
    for update in batch {
        results.push(record_one(tx, clock, outbox, policy, update).await?);
    }
    Ok(results)
}

async fn record_one(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    update: &StatusUpdate,
) -> Result<Tracked, DbErr> {
    let Some((message, attempt)) = find(tx, update).await? else {
        if let Some(channel) = update.channels.first() {
            keep(tx, clock, update, channel.tenant_id, None).await?;
        }
        return Ok(Tracked::Foreign);
    };
    let id = message.id;
    keep(tx, clock, update, message.tenant_id, Some(&attempt)).await?;
    apply(tx, clock, outbox, policy, &update.update, message, attempt).await?;
    Ok(Tracked::Message(id))
}

/// The message and the attempt: by what our URL named, else by SID, within the tenants that the
/// signature vouches for. The message is locked.
async fn find(
    tx: &impl ConnectionTrait,
    update: &StatusUpdate,
) -> Result<Option<(message::Model, message_attempt::Model)>, DbErr> {
    let mut tenants: Vec<TenantId> = update.channels.iter().map(|row| row.tenant_id).collect();
    tenants.sort_unstable();
    tenants.dedup();
    let sid = update.update.message_sid.as_str();
    let of_account = |row: &message_attempt::Model| {
        update
            .channels
            .iter()
            .any(|channel| channel.account_sid == row.account_sid)
    };
    for tenant in tenants {
        let named = named_attempt(tx, tenant, update).await?;
        // A SID that differs means that the URL speaks of another text than the signed body.
        let named = named.filter(|row| row.sid.as_deref().is_none_or(|known| known == sid));
        let attempt = match named {
            Some(attempt) => Some(attempt),
            None => by_sid(tx, tenant, sid).await?,
        };
        let Some(attempt) = attempt.filter(of_account) else {
            continue;
        };
        if let Some(message) = messages::lock(tx, tenant, attempt.message_id).await? {
            // Read again under the lock: two callbacks may be at it at once.
            let attempt = message_attempt::Entity::of(tenant)
                .filter(message_attempt::Column::Id.eq(attempt.id))
                .one(tx)
                .await?;
            return Ok(attempt.map(|attempt| (message, attempt)));
        }
    }
    Ok(None)
}

async fn named_attempt(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    update: &StatusUpdate,
) -> Result<Option<message_attempt::Model>, DbErr> {
    let (Some(message), Some(number)) = (update.message, update.attempt) else {
        return Ok(None);
    };
    message_attempt::Entity::of(tenant)
        .filter(message_attempt::Column::MessageId.eq(message))
        .filter(message_attempt::Column::Number.eq(number))
        .one(tx)
        .await
}

async fn by_sid(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    sid: &str,
) -> Result<Option<message_attempt::Model>, DbErr> {
    message_attempt::Entity::of(tenant)
        .filter(message_attempt::Column::Sid.eq(sid))
        .one(tx)
        .await
}

async fn keep(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    update: &StatusUpdate,
    tenant: TenantId,
    attempt: Option<&message_attempt::Model>,
) -> Result<(), DbErr> {
    let told = &update.update;
    let row = message_event::ActiveModel {
        id: Set(MessageEventId::new(clock)),
        tenant_id: Set(tenant),
        message_id: Set(attempt.map(|attempt| attempt.message_id)),
        attempt: Set(attempt.map(|attempt| attempt.number)),
        sid: Set(told.message_sid.clone()),
        status: Set(told.status.as_str().to_owned()),
        error_code: Set(told.error_code),
        received_at: Set(clock.now()),
    };
    message_event::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

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
    let mut row = attempt.into_active_model();
    row.outcome = Set(AttemptOutcome::Accepted);
    row.sid = Set(Some(told.message_sid.clone()));
    row.status = Set(Some(told.status.as_str().to_owned()));
    row.error_code = Set(told.error_code);
    row.error_message = Set(told.error_message.clone());
    row.updated_at = Set(clock.now());
    row.update(tx).await?;
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
    let status = match told.status {
        Told::Delivered => MessageStatus::Delivered,
        Told::Read => MessageStatus::Read,
        Told::Canceled => MessageStatus::Canceled,
        Told::Undelivered => {
            return failed(
                tx,
                clock,
                outbox,
                policy,
                told,
                message,
                MessageStatus::Undelivered,
            )
            .await;
        }
        Told::Failed => {
            return failed(
                tx,
                clock,
                outbox,
                policy,
                told,
                message,
                MessageStatus::Failed,
            )
            .await;
        }
        // Twilio has it, which `accepted` has seen to.
        _ => return Ok(()),
    };
    if !at_least(message.status, status) {
        raise(tx, clock, outbox, message, status).await?;
    }
    Ok(())
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
    let now = clock.now();
    let arrived = matches!(status, MessageStatus::Delivered | MessageStatus::Read);
    let (sent_at, delivered_at) = (message.sent_at, message.delivered_at);
    let mut row = message.into_active_model();
    row.status = Set(status);
    row.next_attempt_at = Set(None);
    row.reason = Set(None);
    row.held_reason = Set(None);
    if arrived {
        row.sent_at = Set(sent_at.or(Some(now)));
        row.delivered_at = Set(delivered_at.or(Some(now)));
        row.error_code = Set(None);
        row.error_message = Set(None);
    }
    row.updated_at = Set(now);
    let message = row.update(tx).await?;
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
