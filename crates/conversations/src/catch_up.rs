//! What Twilio knows and we were not told: texts and statuses that came while nobody answered here.
//!
//! Twilio tries a webhook for 15 seconds and never again. But it keeps a list, so that what a
//! webhook would have said can be read there: whoever works compares that list, account by account,
//! with what is here. The functions say which account is to be looked at, and which of the listed
//! messages are missing; the texts then take the way of [`crate::inbound::receive`], the statuses
//! that of [`crate::delivery::record`], and a webhook that comes after all finds them there.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{LeadId, TenantId};
use entity::value::{AttemptOutcome, ChannelMode, ChannelStatus, Direction};
use entity::{TenantScoped, catch_up, channel, erased_text, message, message_attempt};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use twilio::client::MessageResource;

use crate::delivery::{self, StatusUpdate};

/// How far back Twilio's list is read at most, after however long an absence.
pub const FURTHEST: TimeDelta = TimeDelta::days(7);

/// How far back an account is looked at that is new here: what was sent before concerned another
/// system.
const FIRST_LOOK: TimeDelta = TimeDelta::minutes(15);

/// How old a text is when Twilio is asked once more for the last word on it, if none has come. After
/// the last of these times `sent` is taken for it: some carriers never say more.
const ASKED_AFTER: [TimeDelta; 4] = [
    TimeDelta::minutes(10),
    TimeDelta::hours(1),
    TimeDelta::hours(6),
    TimeDelta::hours(24),
];

/// How many texts are asked for one by one at a time.
const ASKED_AT_ONCE: u64 = 50;

/// As many values as both databases take in one statement, and more than a page has.
const CHUNK: usize = 1000;

/// The channels whose accounts are looked at.
const LOOKED_AT: &str = "channels.tenant_id = catch_ups.tenant_id \
     AND channels.account_sid = catch_ups.account_sid AND channels.deleted_at IS NULL \
     AND channels.status <> 'inactive' AND channels.mode <> 'test'";

/// Takes in the accounts that have a channel now, and leaves out those that have none any more.
///
/// # Errors
/// When the database is away.
pub async fn enrol(tx: &impl ConnectionTrait, clock: &Clock) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let insert = format!(
        "INSERT INTO catch_ups (tenant_id, account_sid, through, next_at_ms, failures) \
         SELECT tenant_id, account_sid, $1, $2, 0 FROM channels \
         WHERE deleted_at IS NULL AND status <> 'inactive' AND mode <> 'test' \
         AND NOT EXISTS (SELECT 1 FROM catch_ups WHERE {LOOKED_AT}) \
         GROUP BY tenant_id, account_sid ON CONFLICT DO NOTHING"
    );
    let values = [(clock.now() - FIRST_LOOK).into(), clock.now_ms().into()];
    tx.execute_raw(Statement::from_sql_and_values(backend, insert, values))
        .await?;
    let delete = format!(
        "DELETE FROM catch_ups WHERE NOT EXISTS (SELECT 1 FROM channels WHERE {LOOKED_AT})"
    );
    tx.execute_raw(Statement::from_string(backend, delete))
        .await
        .map(drop)
}

/// Makes every account due that was not looked at after `since`: we may have been away.
///
/// # Errors
/// When the database is away.
pub async fn hurry(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    since: DateTime<Utc>,
) -> Result<(), DbErr> {
    catch_up::Entity::update_many()
        .col_expr(catch_up::Column::NextAtMs, Expr::value(clock.now_ms()))
        .filter(catch_up::Column::Through.lt(since))
        .filter(catch_up::Column::NextAtMs.gt(clock.now_ms()))
        // One that can't be read is not read sooner because we were away.
        .filter(catch_up::Column::Failures.eq(0))
        .exec(tx)
        .await
        .map(drop)
}

/// Whether any account is due: to be asked before [`take`], which writes.
///
/// # Errors
/// When the database is away.
pub async fn is_any_due(conn: &impl ConnectionTrait, clock: &Clock) -> Result<bool, DbErr> {
    let due = catch_up::Entity::find()
        .filter(catch_up::Column::NextAtMs.lte(clock.now_ms()))
        .limit(1)
        .one(conn)
        .await?;
    Ok(due.is_some())
}

/// Takes at most `most` accounts that are due, the longest due first. Until `lease` has passed nobody
/// else takes them.
///
/// # Errors
/// When the database is away.
pub async fn take(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    most: u64,
    lease: TimeDelta,
) -> Result<Vec<catch_up::Model>, DbErr> {
    let due = catch_up::Entity::find()
        .filter(catch_up::Column::NextAtMs.lte(clock.now_ms()))
        .order_by_asc(catch_up::Column::NextAtMs)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    let mut taken = Vec::with_capacity(due.len());
    for account in due {
        let mut row = account.into_active_model();
        row.next_at_ms = Set((clock.now() + lease).timestamp_millis());
        taken.push(row.update(tx).await?);
    }
    Ok(taken)
}

/// Gives an account back: looked at up to `through`, and to be looked at again at `next_at`.
///
/// # Errors
/// When the database is away.
pub async fn give_back(
    tx: &impl ConnectionTrait,
    account: &catch_up::Model,
    through: DateTime<Utc>,
    next_at: DateTime<Utc>,
    failures: i32,
) -> Result<(), DbErr> {
    use catch_up::Column::{AccountSid, Failures, NextAtMs, TenantId, Through};
    catch_up::Entity::update_many()
        .col_expr(Through, Expr::value(through))
        .col_expr(NextAtMs, Expr::value(next_at.timestamp_millis()))
        .col_expr(Failures, Expr::value(failures))
        .filter(TenantId.eq(account.tenant_id))
        .filter(AccountSid.eq(&account.account_sid))
        // It took too long, and somebody else has it.
        .filter(NextAtMs.eq(account.next_at_ms))
        .exec(tx)
        .await
        .map(drop)
}

/// The channels by which an account is looked at.
///
/// # Errors
/// When the database is away.
pub async fn channels(
    conn: &impl ConnectionTrait,
    account: &catch_up::Model,
) -> Result<Vec<channel::Model>, DbErr> {
    channel::Entity::of(account.tenant_id)
        .filter(channel::Column::AccountSid.eq(&account.account_sid))
        .filter(channel::Column::DeletedAt.is_null())
        .filter(channel::Column::Status.ne(ChannelStatus::Inactive))
        .filter(channel::Column::Mode.ne(ChannelMode::Test))
        .order_by_asc(channel::Column::Id)
        .all(conn)
        .await
}

/// What of a part of Twilio's list is not here.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    /// Texts to one of our numbers, oldest first.
    pub texts: Vec<(channel::Model, MessageResource)>,
    /// Last words on texts of ours.
    pub statuses: Vec<StatusUpdate>,
}

/// Compares a part of Twilio's list with what is here. `channels` are those of [`channels`].
///
/// # Errors
/// When the database is away.
pub async fn missing(
    conn: &impl ConnectionTrait,
    channels: &[channel::Model],
    listed: Vec<MessageResource>,
) -> Result<Missing, DbErr> {
    let Some(tenant) = channels.first().map(|channel| channel.tenant_id) else {
        return Ok(Missing::default());
    };
    let (inbound, outbound): (Vec<_>, Vec<_>) = listed
        .into_iter()
        .partition(|row| row.direction.as_deref() == Some("inbound"));
    let mut texts: Vec<_> = inbound
        .into_iter()
        .filter_map(|row| Some((addressee(channels, &row)?.clone(), row)))
        .collect();
    let sids: Vec<_> = texts.iter().map(|(_, row)| row.sid.clone()).collect();
    let known = known_texts(conn, tenant, &sids).await?;
    texts.retain(|(_, row)| !known.contains(&row.sid));
    // The list has the newest first, and dates of whole seconds only.
    texts.reverse();
    texts.sort_by_key(|(_, row)| row.date_sent.or(row.date_created));
    Ok(Missing {
        texts,
        statuses: last_words(conn, channels, outbound).await?,
    })
}

/// Whose number a text was sent to, if it was ours by then.
fn addressee<'a>(
    channels: &'a [channel::Model],
    row: &MessageResource,
) -> Option<&'a channel::Model> {
    let to = row.to.as_deref()?;
    // In whole seconds, as Twilio counts.
    let sent_at = row.date_sent.or(row.date_created)?.timestamp();
    channels.iter().find(|channel| {
        channel.phone_number.as_str() == to && channel.created_at.timestamp() <= sent_at
    })
}

/// Which of these texts are here, or were erased.
async fn known_texts(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    sids: &[String],
) -> Result<HashSet<String>, DbErr> {
    let mut known = HashSet::new();
    for sids in sids.chunks(CHUNK) {
        let here: Vec<Option<String>> = message::Entity::of(tenant)
            .select_only()
            .column(message::Column::InboundSid)
            .filter(message::Column::InboundSid.is_in(sids))
            .into_tuple()
            .all(conn)
            .await?;
        known.extend(here.into_iter().flatten());
        let erased = erased_text::Entity::of(tenant)
            .filter(erased_text::Column::Sid.is_in(sids))
            .all(conn)
            .await?;
        known.extend(erased.into_iter().map(|row| row.sid));
    }
    Ok(known)
}

/// Which of these messages have come to an end that we have not been told of.
async fn last_words(
    conn: &impl ConnectionTrait,
    channels: &[channel::Model],
    outbound: Vec<MessageResource>,
) -> Result<Vec<StatusUpdate>, DbErr> {
    let Some(channel) = channels.first() else {
        return Ok(Vec::new());
    };
    let ended: Vec<_> = outbound
        .into_iter()
        .filter(|row| row.status.as_ref().is_some_and(delivery::is_last_word))
        .collect();
    let mut told = HashMap::new();
    for rows in ended.chunks(CHUNK) {
        let attempts = message_attempt::Entity::of(channel.tenant_id)
            .filter(message_attempt::Column::Sid.is_in(rows.iter().map(|row| row.sid.as_str())))
            .all(conn)
            .await?;
        told.extend(attempts.into_iter().map(|row| (row.sid, row.status)));
    }
    let is_news = |row: &MessageResource| {
        let status = row.status.as_ref()?;
        let known = told.get(&Some(row.sid.clone()))?;
        delivery::is_news(known.as_deref(), status).then_some(())
    };
    Ok(ended
        .into_iter()
        .filter(|row| is_news(row).is_some())
        .filter_map(|row| StatusUpdate::asked(channel.clone(), row))
        .collect())
}

/// The texts of an account whose last word has not come and is to be asked for, by Twilio's name.
///
/// A text is asked for at some ages only. Those are the ones that reached such an age between the
/// last look and this one, so that nothing has to be written down about it.
///
/// # Errors
/// When the database is away.
pub async fn without_last_word(
    conn: &impl ConnectionTrait,
    account: &catch_up::Model,
    until: DateTime<Utc>,
) -> Result<Vec<String>, DbErr> {
    use message_attempt::Column::{AccountSid, CreatedAt, Outcome, Sid, Status};
    let mut sids = Vec::new();
    for age in ASKED_AFTER {
        let open = message_attempt::Entity::of(account.tenant_id)
            .filter(CreatedAt.gt(account.through - age))
            .filter(CreatedAt.lte(until - age))
            .filter(AccountSid.eq(&account.account_sid))
            .filter(Outcome.eq(AttemptOutcome::Accepted))
            .filter(Status.is_null().or(Status.is_not_in(delivery::LAST_WORDS)))
            .filter(Sid.is_not_null())
            .order_by_desc(CreatedAt)
            .limit(ASKED_AT_ONCE)
            .all(conn)
            .await?;
        sids.extend(open.into_iter().filter_map(|attempt| attempt.sid));
    }
    Ok(sids)
}

/// Keeps the names of the texts that are erased with a lead: Twilio's list still has them, and they
/// would be found missing.
pub(crate) async fn remember_erased(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    lead: LeadId,
) -> Result<(), DbErr> {
    let now = clock.now();
    let sids: Vec<Option<String>> = message::Entity::of(tenant)
        .select_only()
        .column(message::Column::InboundSid)
        .filter(message::Column::LeadId.eq(lead))
        .filter(message::Column::Direction.eq(Direction::Inbound))
        .filter(message::Column::CreatedAt.gt(now - FURTHEST))
        .into_tuple()
        .all(tx)
        .await?;
    let sids: Vec<_> = sids.into_iter().flatten().collect();
    for sids in sids.chunks(CHUNK) {
        let rows = sids.iter().map(|sid| erased_text::ActiveModel {
            tenant_id: Set(tenant),
            sid: Set(sid.clone()),
            erased_at: Set(now),
        });
        let key = [erased_text::Column::TenantId, erased_text::Column::Sid];
        erased_text::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
