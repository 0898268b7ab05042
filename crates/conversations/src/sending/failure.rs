//! A text that could not be sent or delivered: again, or never.

use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::message;
use entity::value::{MessageStatus, OptOutSource};
use events::{Kind, Outbox};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr, IntoActiveModel};
use twilio::error_codes::Class;

use super::RetryPolicy;
use crate::outbound::{cancel_opted_out, ids, touch_thread};
use crate::{leads, opt_out};

/// Twilio's code for a recipient who said STOP.
const OPTED_OUT: i32 = 21610;

/// Why an attempt failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// Twilio's error code.
    pub(crate) code: Option<i32>,
    /// Twilio's words.
    pub(crate) message: Option<String>,
    /// What the error calls for.
    pub(crate) class: Class,
    /// What the message is if nothing more is done: failed or undelivered.
    pub(crate) status: MessageStatus,
}

/// Decides what follows a failed attempt and writes it down. Gives the time of the next attempt;
/// the caller sees to it that the message comes up then.
pub(crate) async fn after_failure(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    message: message::Model,
    failure: Failure,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let now = clock.now();
    let next = next_attempt(policy, failure.class, message.retries, now);
    let retries = message.retries;
    let words = if failure.code == Some(OPTED_OUT) {
        // Twilio's words don't say which number it was.
        let ours = &message.from_number;
        Some(format!("The recipient has opted out of texts from {ours}."))
    } else {
        failure.message
    };
    let mut row = message.into_active_model();
    row.error_code = Set(failure.code);
    row.error_message = Set(words);
    row.next_attempt_at = Set(next);
    row.updated_at = Set(now);
    if next.is_some() {
        row.status = Set(MessageStatus::Queued);
        row.retries = Set(retries + 1);
    } else {
        row.status = Set(failure.status);
    }
    let message = row.update(tx).await?;
    touch_thread(tx, &message).await?;
    outbox.push(message.tenant_id, Kind::SmsStatusUpdate, ids(&message));
    if next.is_none() {
        outbox.push(message.tenant_id, Kind::SmsDeliveryFailed, ids(&message));
    }
    heed_opt_out(tx, clock, outbox, &message, failure.code).await?;
    Ok(next)
}

/// Does as a recipient wants who said STOP to one of our numbers, if that is what Twilio's code
/// says: it holds for all of them, as if we had been told of the STOP. Where START had re-opened
/// another number, it may be news.
pub(crate) async fn heed_opt_out(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: &message::Model,
    code: Option<i32>,
) -> Result<(), DbErr> {
    if code != Some(OPTED_OUT) {
        return Ok(());
    }
    let tenant = message.tenant_id;
    let whose = opt_out::Whose {
        tenant,
        lead: message.lead_id,
        phone: &message.to_number,
    };
    let by = Some((message.channel_id, message.from_number.as_str()));
    let source = OptOutSource::Carrier;
    let opted_out = opt_out::add(tx, clock, outbox, whose, source, by).await?;
    if let Some(lead) = leads::lock(tx, tenant, message.lead_id).await? {
        cancel_opted_out(tx, clock, outbox, &lead, &opted_out).await?;
    }
    Ok(())
}

/// When to try again, if at all: what may pass is tried as often as the policy says, what is
/// unclear once more, and what is permanent never.
fn next_attempt(
    policy: &RetryPolicy,
    class: Class,
    retries: i32,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let used = usize::try_from(retries).unwrap_or(usize::MAX);
    let allowed = match class {
        Class::Retry | Class::RetryLater => policy.delays.len(),
        Class::Once => Ord::min(policy.delays.len(), 1),
        Class::Recipient | Class::Fix | Class::Input | Class::Endpoint => 0,
    };
    if used >= allowed {
        return None;
    }
    let delay = TimeDelta::from_std(*policy.delays.get(used)?).ok()?;
    // Up to a tenth more, so that what failed together does not come back together.
    let jitter = delay.num_milliseconds() * i64::from(entity::random::bytes::<1>()[0]) / 2560;
    Some(now + delay + TimeDelta::milliseconds(jitter))
}
