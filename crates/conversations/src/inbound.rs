//! A text comes in.
//!
//! [`receive`] writes a batch in the caller's transaction: commits are shared, since the commit
//! is what costs. Nothing about a text's content can make it fail: a genuine text is the
//! customer's word and is kept as it came. The same MessageSid again, one after the other or at
//! the same time, is stored once.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{LeadId, MessageId, TenantId};
use entity::phone::Sender;
use entity::value::{
    Control, ConversationStatus, Direction, LeadSource, MessageSource, MessageStatus, OptOutSource,
    SendPriority,
};
use entity::{TenantScoped, channel, conversation, lead, message};
use events::{Kind, Outbox};
use routing::Routed;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter,
};
use serde_json::json;
use sms_text::Keyword;
use twilio::client::MessageResource;
use twilio::webhook::{InboundMedia, InboundMessage, OptOutType, WebhookError};

use crate::{attachments, leads, opt_out, outbound, threads};

/// A text whose sender Twilio vouches for: it can only be read from a [`Routed`] webhook, or from
/// what Twilio itself has listed.
#[derive(Clone, Debug)]
pub struct Inbound {
    channel: channel::Model,
    text: InboundMessage,
    /// When Twilio got it, if we have only found it in the list.
    listed_at: Option<DateTime<Utc>>,
}

impl Inbound {
    /// Reads the text out of a webhook.
    ///
    /// # Errors
    /// When `MessageSid` or `From` is missing: without them it can't be told from another text.
    pub fn read(routed: &Routed) -> Result<Self, WebhookError> {
        Ok(Self {
            channel: routed.channel().clone(),
            text: InboundMessage::from_form(routed.form())?,
            listed_at: None,
        })
    }

    /// Reads a text out of Twilio's list, which was asked for with the channel's own credentials:
    /// as good a proof as the signature of a webhook. `media` is what came with it.
    ///
    /// Nothing when it has no sender or no time: such a text can't be told from another.
    #[must_use]
    pub fn listed(
        channel: channel::Model,
        listed: MessageResource,
        media: Vec<InboundMedia>,
    ) -> Option<Self> {
        let listed_at = listed.date_sent.or(listed.date_created)?;
        let text = InboundMessage {
            message_sid: listed.sid,
            account_sid: listed.account_sid,
            messaging_service_sid: listed.messaging_service_sid,
            from: listed.from?,
            to: listed.to,
            // PostgreSQL takes no NUL.
            body: listed.body.unwrap_or_default().replace('\0', ""),
            num_segments: listed.num_segments,
            media,
            from_city: None,
            from_state: None,
            from_zip: None,
            from_country: None,
            to_country: None,
            opt_out_type: None,
            profile_name: None,
        };
        Some(Self {
            channel,
            text,
            listed_at: Some(listed_at),
        })
    }

    /// Whose it is.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.channel.tenant_id
    }

    /// The sender as leads and conversations are found by it. Any sender is taken, but an index
    /// holds only so much of one; the message keeps all of it.
    fn sender(&self) -> Sender {
        let text = &self.text.from;
        let end = text
            .char_indices()
            .nth(LONGEST_KEY)
            .map_or(text.len(), |(end, _)| end);
        Sender::parse(&text[..end])
    }
}

/// How many characters of a sender are told apart.
const LONGEST_KEY: usize = 200;

/// What became of one text of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is new and now stored.
    Stored(MessageId),
    /// It had been stored before.
    Duplicate,
}

/// Stores a batch of texts, those of a person in order of arrival.
///
/// # Errors
/// When the database is away; then none of the batch is stored.
pub async fn receive(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    batch: &[Inbound],
) -> Result<Vec<Received>, DbErr> {
    let senders: Vec<_> = batch.iter().map(Inbound::sender).collect();
    lock_people(tx, batch, &senders).await?;
    // New people are made in the order of their numbers: two batches that made the same ones
    // crosswise would deadlock.
    let mut order: Vec<_> = (0..batch.len()).collect();
    order.sort_by_key(|&n| (batch[n].tenant_id(), senders[n].as_str()));
    let mut received = vec![Received::Duplicate; batch.len()];
    for n in order {
        received[n] = receive_one(tx, clock, outbox, &batch[n], &senders[n]).await?;
    }
    Ok(received)
}

/// Locks whom the batch is from, as far as they are known.
async fn lock_people(
    tx: &impl ConnectionTrait,
    batch: &[Inbound],
    senders: &[Sender],
) -> Result<(), DbErr> {
    if batch.len() < 2 {
        return Ok(());
    }
    let mut phones: BTreeMap<TenantId, Vec<&str>> = BTreeMap::new();
    for (inbound, sender) in batch.iter().zip(senders) {
        let phones = phones.entry(inbound.tenant_id()).or_default();
        phones.push(sender.as_str());
    }
    let known = lead::Entity::find()
        .filter(lead::Entity::of_each(lead::Column::Phone, &phones))
        .all(tx)
        .await?;
    let mut people: BTreeMap<TenantId, Vec<LeadId>> = BTreeMap::new();
    for lead in known {
        people.entry(lead.tenant_id).or_default().push(lead.id);
    }
    leads::lock_each(tx, &people).await
}

async fn receive_one(
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
    let country = text
        .from_country
        .clone()
        .filter(|country| country.len() == 2);
    let lead =
        threads::lead_for(tx, clock, outbox, tenant, sender, LeadSource::Sms, country).await?;
    let thread = threads::find_or_create(tx, clock, tenant, channel.id, lead.id, sender).await?;
    let now = clock.now();
    let row = row(MessageId::new(clock), inbound, &thread, now);
    if !insert(tx, &row).await? {
        return Ok(Received::Duplicate);
    }
    attachments::expect(tx, clock, &row, &text.media).await?;
    let lead = follow_keyword(tx, clock, outbox, inbound, lead).await?;
    let opted_out = lead.sms_opt_out;
    let came_at = inbound.listed_at.unwrap_or(now);
    update_lead(tx, text, lead, came_at, now).await?;
    let human = thread.control == Control::Human;
    update_thread(tx, thread, &row, opted_out, came_at, now).await?;
    outbound::cancel_on_reply(tx, clock, outbox, tenant, row.conversation_id).await?;
    tell(outbox, &row, human);
    Ok(Received::Stored(row.id))
}

fn row(
    id: MessageId,
    Inbound {
        channel,
        text,
        listed_at,
    }: &Inbound,
    thread: &conversation::Model,
    now: DateTime<Utc>,
) -> message::Model {
    let counted = sms_text::count(&text.body);
    let counted_segments = i32::try_from(counted.segments).unwrap_or(i32::MAX);
    message::Model {
        id,
        tenant_id: channel.tenant_id,
        conversation_id: thread.id,
        lead_id: thread.lead_id,
        channel_id: channel.id,
        direction: Direction::Inbound,
        from_number: text.from.clone(),
        to_number: text
            .to
            .clone()
            .unwrap_or_else(|| channel.phone_number.to_string()),
        body: text.body.clone(),
        status: MessageStatus::Received,
        account_sid: Some(channel.account_sid.clone()),
        external_id: Some(text.message_sid.clone()),
        error_code: None,
        error_message: None,
        reason: None,
        held_reason: None,
        num_segments: text
            .num_segments
            .and_then(|segments| i32::try_from(segments).ok())
            .unwrap_or(counted_segments),
        encoding: outbound::encoding(counted.encoding),
        num_media: i32::try_from(text.media.len()).unwrap_or(i32::MAX),
        source: MessageSource::Customer,
        sent_by_user_id: None,
        priority: SendPriority::Normal,
        attempts: 0,
        retries: 0,
        scheduled_at: None,
        next_attempt_at: None,
        valid_until: None,
        cancel_on_reply: false,
        caught_up: listed_at.is_some(),
        sent_at: listed_at.or(Some(now)),
        delivered_at: None,
        from_city: text.from_city.clone(),
        from_state: text.from_state.clone(),
        from_zip: text.from_zip.clone(),
        from_country: text.from_country.clone(),
        created_at: now,
        updated_at: now,
    }
}

async fn is_stored(
    tx: &impl ConnectionTrait,
    channel: &channel::Model,
    sid: &str,
) -> Result<bool, DbErr> {
    let row = message::Entity::of(channel.tenant_id)
        .filter(message::Column::ExternalId.eq(sid))
        .filter(message::Column::AccountSid.eq(channel.account_sid.as_str()))
        .one(tx)
        .await?;
    Ok(row.is_some())
}

/// False when the text had been stored before. While another transaction stores the same one,
/// the database makes this wait for it.
async fn insert(tx: &impl ConnectionTrait, row: &message::Model) -> Result<bool, DbErr> {
    let key = [
        message::Column::TenantId,
        message::Column::ExternalId,
        message::Column::AccountSid,
    ];
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

async fn update_lead(
    tx: &impl ConnectionTrait,
    text: &InboundMessage,
    lead: lead::Model,
    came_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut row = lead.clone().into_active_model();
    row.sms_enabled = Set(true);
    // Of two times the later one: nothing comes before a time.
    row.last_sms_at = Set(lead.last_sms_at.max(Some(came_at)));
    row.last_contact_at = Set(lead.last_contact_at.max(Some(came_at)));
    row.sms_opt_out = Set(lead.sms_opt_out);
    if lead.name.is_none() {
        row.name = Set(text.profile_name.clone());
    }
    row.updated_at = Set(now);
    row.update(tx).await?;
    Ok(())
}

async fn update_thread(
    tx: &impl ConnectionTrait,
    thread: conversation::Model,
    message: &message::Model,
    opted_out: bool,
    came_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut row = thread.clone().into_active_model();
    if matches!(
        thread.status,
        ConversationStatus::Closed | ConversationStatus::Snoozed
    ) {
        row.status = Set(ConversationStatus::Open);
        row.snoozed_until = Set(None);
    }
    row.unread_count = Set(thread.unread_count.saturating_add(1));
    row.last_message_id = Set(Some(message.id));
    row.last_message_at = Set(now);
    // Who said STOP waits for nothing, nor could be answered.
    row.waiting_since = Set(thread
        .waiting_since
        .or(Some(came_at))
        .filter(|_| !opted_out));
    row.updated_at = Set(now);
    row.update(tx).await?;
    Ok(())
}

fn tell(outbox: &mut Outbox, message: &message::Model, human: bool) {
    let ids = json!({
        "message_id": message.id,
        "conversation_id": message.conversation_id,
        "lead_id": message.lead_id,
        "channel_id": message.channel_id,
    });
    if human {
        let kind = Kind::CustomerSmsDuringHumanControl;
        outbox.push(message.tenant_id, kind, ids.clone());
        outbox.push(
            message.tenant_id,
            Kind::CustomerMessageReceived,
            ids.clone(),
        );
    }
    outbox.push(message.tenant_id, Kind::SmsReceived, ids);
}
