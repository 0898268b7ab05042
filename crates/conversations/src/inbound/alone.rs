//! A text by itself: one that may be a word to obey, or is from somebody who is not known yet.

use chrono::{DateTime, TimeDelta, Utc};
use db::each;
use entity::clock::Clock;
use entity::id::MessageId;
use entity::phone::Sender;
use entity::value::{Direction, OptOutSource};
use entity::{TenantScoped, channel, lead, message};
use events::Outbox;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use sms_text::Keyword;
use twilio::webhook::OptOutType;

use super::rows::{lead_after, of_leads, of_threads, row, stranger, tell, thread_after};
use super::{Inbound, Received};
use crate::{attachments, leads, opt_out, outbound, threads};

/// Stores one text, whatever it says and whoever it is from.
///
/// # Errors
/// When the database is away.
pub(super) async fn receive(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    inbound: &Inbound,
    sender: &Sender,
) -> Result<Received, DbErr> {
    let Inbound { channel, text, .. } = inbound;
    let tenant = channel.tenant_id;
    // Again asked of the unique key below, for the same text at the same time.
    if is_stored(tx, channel, &text.message_sid).await? {
        return Ok(Received::Duplicate);
    }
    let lead = leads::find_or_create(tx, clock, outbox, stranger(clock, inbound, sender)).await?;
    let thread = threads::find_or_create(tx, clock, tenant, channel.id, lead.id, sender).await?;
    let now = clock.now();
    let row = row(MessageId::new(clock), inbound, &thread, now);
    if !insert(tx, &row).await? {
        return Ok(Received::Duplicate);
    }
    attachments::expect(tx, clock, &row, &text.media).await?;
    let lead = follow_keyword(tx, clock, outbox, inbound, lead).await?;
    let came_at = inbound.listed_at.unwrap_or(now);
    let lead = lead_after(outbox, lead, text, came_at, now);
    let thread = thread_after(thread, &row, &lead, came_at, now);
    each::update(tx, [of_leads([&lead]), of_threads([&thread])]).await?;
    outbound::cancel_on_reply(tx, clock, outbox, tenant, row.conversation_id).await?;
    tell(outbox, &row, &thread);
    Ok(Received::Stored(row.id))
}

async fn is_stored(
    tx: &impl ConnectionTrait,
    channel: &channel::Model,
    sid: &str,
) -> Result<bool, DbErr> {
    let row = message::Entity::of(channel.tenant_id)
        .filter(message::Column::InboundSid.eq(sid))
        .one(tx)
        .await?;
    Ok(row.is_some())
}

/// False when the text had been stored before. While another transaction stores the same one,
/// the database makes this wait for it.
async fn insert(tx: &impl ConnectionTrait, row: &message::Model) -> Result<bool, DbErr> {
    let key = [message::Column::TenantId, message::Column::InboundSid];
    let inserted = message::Entity::insert(row.clone().into_active_model())
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(inserted > 0)
}

/// Obeys STOP and START. What Twilio says the text was decides; its words are compared only when
/// Twilio says nothing. Nothing is answered: Twilio answers, and an answer of ours would fail.
async fn follow_keyword(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    Inbound {
        channel,
        text,
        listed_at,
        ..
    }: &Inbound,
    lead: lead::Model,
) -> Result<lead::Model, DbErr> {
    let stop = match &text.opt_out_type {
        Some(OptOutType::Stop) => true,
        Some(OptOutType::Start) => false,
        Some(OptOutType::Help) => return Ok(lead),
        Some(OptOutType::Other(_)) | None => match sms_text::keyword(&text.body) {
            Some(Keyword::Stop) => true,
            Some(Keyword::Start { explicit: true }) => false,
            // YES means START only from somebody who had said STOP, and is an answer from others.
            Some(Keyword::Start { explicit: false }) => {
                let phone = lead.phone.as_deref().unwrap_or_default();
                let opted_out = opt_out::find(tx, lead.tenant_id, phone).await?;
                if opted_out.is_none_or(|row| row.source != OptOutSource::Keyword) {
                    return Ok(lead);
                }
                false
            }
            Some(Keyword::Help) | None => return Ok(lead),
        },
    };
    // Twilio's list knows whole seconds. Of a STOP and a START in one, the STOP is believed.
    let second = TimeDelta::seconds(i64::from(stop));
    if let Some(at) = *listed_at
        && is_outdated(tx, &lead, at + second).await?
    {
        return Ok(lead);
    }
    let whose = opt_out::Whose {
        tenant: lead.tenant_id,
        lead: lead.id,
        phone: lead.phone.as_deref().unwrap_or_default(),
    };
    let by = Some((channel.id, channel.phone_number.as_str()));
    let source = OptOutSource::Keyword;
    if stop {
        let opted_out = opt_out::add(tx, clock, outbox, whose, source, by).await?;
        outbound::cancel_opted_out(tx, clock, outbox, &lead, &opted_out).await?;
    } else if lead.sms_opt_out {
        opt_out::remove(tx, clock, outbox, whose, source, by).await?;
    }
    Ok(lead::Model {
        sms_opt_out: stop,
        ..lead
    })
}

/// Whether there is a later word on texting this person than what was said at `at`: what was found
/// in Twilio's list may be hours old.
async fn is_outdated(
    tx: &impl ConnectionTrait,
    lead: &lead::Model,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let later = message::Entity::of(lead.tenant_id)
        .filter(message::Column::LeadId.eq(lead.id))
        .filter(message::Column::Direction.eq(Direction::Inbound))
        .filter(message::Column::SentAt.gt(at))
        .all(tx)
        .await?;
    let is_word = |row: &message::Model| {
        matches!(
            sms_text::keyword(&row.body),
            Some(Keyword::Stop | Keyword::Start { explicit: true })
        )
    };
    let phone = lead.phone.as_deref().unwrap_or_default();
    let opted_out = opt_out::find(tx, lead.tenant_id, phone).await?;
    // An opt-out by a word is known by its text, which says when it was said; the row says when it
    // was heard of.
    let otherwise = opted_out.filter(|row| row.source != OptOutSource::Keyword);
    Ok(later.iter().any(is_word) || otherwise.is_some_and(|row| row.created_at > at))
}
