//! Many texts begun and recorded at once: those with which all is well. A handful of statements reads and
//! writes them all.
//!
//! Nothing here waits for a person whose lock somebody else has: such a text, and every other with which
//! more is to be done, is left to be done alone, by [`begin`](super::begin) and
//! [`record`](super::record), which say what is right. What is done here ends the same.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use db::each;
use entity::clock::Clock;
use entity::id::{MessageId, TenantId};
use entity::value::{AttemptOutcome, MessageReason};
use entity::{channel, message, message_attempt, opt_out};
use events::{Kind, Outbox};
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::{Begin, Outgoing, Taken, attempted, marked};
use crate::outbound::{self, WAITING, ids};
use crate::rows::{self, of_attempts, of_messages};

/// A text whose turn comes.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// Whose it is.
    pub tenant: TenantId,
    /// The text.
    pub id: MessageId,
    /// The instant at which it may leave.
    pub turn: DateTime<Utc>,
}

/// As [`begin`](super::begin) for each of these texts, or nothing where it is to be done alone.
///
/// # Errors
/// When the database is away; then none is begun.
pub async fn begin_each(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    due: &[Due],
) -> Result<Vec<Option<Begin>>, DbErr> {
    let now = clock.now();
    let waiting = rows::lock_messages(tx, due.iter().map(|due| (due.tenant, due.id))).await?;
    let mut ready = Vec::new();
    for due in due {
        let message = waiting.get(&due.id);
        let usual = message.filter(|row| is_usual(row, Ord::max(due.turn, now), clock));
        let Some(message) = usual else { continue };
        if !outbound::is_held(tx, message, Ord::max(due.turn, now)).await? {
            ready.push(message.clone());
        }
    }
    let channels = channels_of(tx, &ready).await?;
    let opted_out = opted_out(tx, &ready).await?;
    let marked = ready.into_iter().filter_map(|message| {
        let channel = channels.get(&message.channel_id)?;
        let may_go = channel.deleted_at.is_none() && channel.status.takes_part();
        let wants_none = opted_out.contains(&(message.tenant_id, message.to_number.clone()));
        let attempt = attempted(clock, &message, 1, channel);
        let message = marked(message, &attempt, channel);
        let outgoing = Outgoing {
            message,
            channel: channel.clone(),
            attempt,
            media: Vec::new(),
        };
        (may_go && !wants_none).then_some(outgoing)
    });
    let marked: Vec<_> = marked.collect();
    let made = insert(tx, &marked).await?;
    let mut begun: HashMap<_, _> = marked
        .into_iter()
        .filter(|outgoing| made.contains(&outgoing.message.id))
        .map(|outgoing| (outgoing.message.id, outgoing))
        .collect();
    let messages: Vec<_> = begun.values().map(|outgoing| &outgoing.message).collect();
    each::update(tx, of_messages(&messages)).await?;
    for message in messages {
        outbox.push(message.tenant_id, Kind::SmsStatusUpdate, ids(message));
    }
    let begin = |due: &Due| Some(Begin::Send(Box::new(begun.remove(&due.id)?)));
    Ok(due.iter().map(begin).collect())
}

/// Whether nothing is to be done with the text but to send it, for the first time.
fn is_usual(message: &message::Model, turn: DateTime<Utc>, clock: &Clock) -> bool {
    // In milliseconds, as the lane counts.
    let later = |due: &DateTime<Utc>| due.timestamp_millis() > turn.timestamp_millis();
    let due = message.next_attempt_at.or(message.scheduled_at);
    WAITING.contains(&message.status)
        && message.attempts == 0
        && message.num_media == 0
        && message.reason != Some(MessageReason::QuietHours)
        && !outbound::is_over(message, clock)
        && !due.as_ref().is_some_and(later)
}

async fn channels_of(
    tx: &impl ConnectionTrait,
    messages: &[message::Model],
) -> Result<HashMap<entity::id::ChannelId, channel::Model>, DbErr> {
    let each: HashSet<_> = messages
        .iter()
        .map(|row| (row.tenant_id, row.channel_id))
        .collect();
    let keys = each
        .into_iter()
        .map(|(tenant, id)| [tenant.into(), Value::from(id)]);
    let columns = ["tenant_id", "id"];
    let found = each::find::<channel::Entity, 2>(tx, columns, keys.collect(), "").await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

async fn opted_out(
    tx: &impl ConnectionTrait,
    messages: &[message::Model],
) -> Result<HashSet<(TenantId, String)>, DbErr> {
    let keys = messages.iter().map(|row| {
        let phone = row.to_number.as_str();
        [row.tenant_id.into(), Value::from(phone)]
    });
    let columns = ["tenant_id", "phone"];
    let found = each::find::<opt_out::Entity, 2>(tx, columns, keys.collect(), "").await?;
    Ok(found
        .into_iter()
        .map(|row| (row.tenant_id, row.phone))
        .collect())
}

/// Writes the attempts down; says of which messages: of the others there is one already.
async fn insert(
    tx: &impl ConnectionTrait,
    marked: &[Outgoing],
) -> Result<HashSet<MessageId>, DbErr> {
    let attempts = marked.iter().map(|outgoing| &outgoing.attempt);
    each::insert(tx, attempts, message_attempt::Column::MessageId).await
}

/// A text that Twilio has taken.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<'a> {
    /// The text, as it was begun.
    pub outgoing: &'a Outgoing,
    /// Its MessageSid.
    pub sid: &'a str,
    /// The status that Twilio gave it at first.
    pub status: Option<&'a str>,
}

/// As [`record`](super::record) for each of these texts; says which of them it was done for. Nothing
/// follows for their lanes but that they are done.
///
/// # Errors
/// When the database is away; then nothing is recorded.
pub async fn record_each(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    accepted: &[Accepted<'_>],
) -> Result<Vec<bool>, DbErr> {
    let now = clock.now();
    let texts = accepted.iter().map(|one| &one.outgoing.message);
    let mut messages = rows::lock_messages(tx, texts.map(|row| (row.tenant_id, row.id))).await?;
    let attempts = accepted.iter().map(|one| &one.outgoing.attempt);
    let attempts = rows::attempts(tx, attempts).await?;
    let mut attempts: HashMap<_, _> = attempts
        .into_iter()
        .map(|row| ((row.message_id, row.number), row))
        .collect();
    let mut taken = Vec::new();
    let mut done = Vec::new();
    for one in accepted {
        let message = messages.remove(&one.outgoing.message.id);
        let attempt = &one.outgoing.attempt;
        let attempt = attempts.remove(&(attempt.message_id, attempt.number));
        let both = message.zip(attempt).filter(|(_, attempt)| {
            // One that was given up may be on its way a second time.
            attempt.outcome != AttemptOutcome::Absent
        });
        done.push(both.is_some());
        taken.extend(both.map(|(message, attempt)| {
            let status = one.status.map(str::to_owned);
            Taken::new(message, attempt, one.sid, status, now)
        }));
    }
    let attempts = of_attempts(taken.iter().map(|taken| &taken.attempt));
    let changed = taken.iter().filter(|taken| taken.is_latest);
    let changed: Vec<_> = changed.map(|taken| &taken.message).collect();
    let [messages, threads] = of_messages(&changed);
    each::update(tx, [attempts, messages, threads]).await?;
    for taken in &taken {
        taken.tell(outbox);
    }
    Ok(done)
}
