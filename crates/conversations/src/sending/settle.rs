//! Settling an attempt whose outcome is unknown, by Twilio's own list.

use std::collections::HashSet;
use std::time::Duration;

use entity::clock::Clock;
use entity::id::TenantId;
use entity::value::{AttemptOutcome, MessageStatus};
use entity::{TenantScoped, message_attempt};
use events::Outbox;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel,
    QueryFilter,
};
use twilio::error_codes::Class;

use super::{After, Failure, Outgoing, RetryPolicy, accepted, after_failure};
use crate::messages;
use crate::outbound::WAITING;

/// Which of these MessageSids stand on an attempt of the tenant already.
///
/// # Errors
/// When the database is away.
pub async fn known_sids(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    sids: &[String],
) -> Result<HashSet<String>, DbErr> {
    let rows = message_attempt::Entity::of(tenant)
        .filter(message_attempt::Column::Sid.is_in(sids))
        .all(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|attempt| attempt.sid).collect())
}

/// Records what Twilio's list says: the SID of the text, or that it isn't there.
///
/// One empty list proves nothing, as the text may be on its way into it. After the second one the
/// text was never sent, and is tried again like any other failure that may pass.
///
/// # Errors
/// When the database is away.
pub async fn settle(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    policy: &RetryPolicy,
    outgoing: &Outgoing,
    found: Option<&str>,
) -> Result<After, DbErr> {
    let (tenant, id) = (outgoing.message.tenant_id, outgoing.message.id);
    let Some(message) = messages::lock(tx, tenant, id).await? else {
        return Ok(After::DONE);
    };
    if WAITING.contains(&message.status) {
        // It is to be sent again already, and this entry may be the only one to do it by.
        return Ok(After::again(
            message.next_attempt_at.unwrap_or_else(|| clock.now()),
        ));
    }
    if message.status != MessageStatus::Sending {
        // A callback was faster.
        return Ok(After::DONE);
    }
    let Some(attempt) = super::answer::reload(tx, &outgoing.attempt).await? else {
        return Ok(After::DONE);
    };
    let now = clock.now();
    if let Some(sid) = found {
        accepted(tx, clock, outbox, message, attempt, sid, None).await?;
        return Ok(After::DONE);
    }
    let first = attempt.absent_since.is_none();
    if attempt
        .absent_since
        .is_some_and(|since| now < since + policy.settle_again)
    {
        // This very list has been recorded before.
        return Ok(After::again(now + policy.settle_again));
    }
    let mut row = attempt.into_active_model();
    row.updated_at = Set(now);
    if first {
        row.outcome = Set(AttemptOutcome::Unknown);
        row.absent_since = Set(Some(now));
        row.update(tx).await?;
        outbox.touch(tenant);
        return Ok(After::again(now + policy.settle_again));
    }
    row.outcome = Set(AttemptOutcome::Absent);
    row.update(tx).await?;
    let failure = Failure {
        code: None,
        message: Some("No answer came from Twilio, and the text never got there.".to_owned()),
        class: Class::Retry,
        status: MessageStatus::Failed,
    };
    // The waiting is behind us: what was never sent goes at once.
    let at_once = RetryPolicy {
        delays: vec![Duration::ZERO; policy.delays.len()],
        ..policy.clone()
    };
    let next = after_failure(tx, clock, outbox, &at_once, message, failure).await?;
    Ok(next.map_or(After::DONE, After::again))
}
