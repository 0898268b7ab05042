//! The one gate for texts that go out, whoever sends: agent, API, assistant, campaign, reminder.
//!
//! [`submit`] checks the recipient, the opt-out, the sender, the text and the recipient's quiet
//! hours, and writes message, lane entry and event in the caller's transaction. What may change
//! until the text's turn comes (opt-out, cancellation, the channel, the hour, the validity) is
//! checked again by [`crate::sending::begin`].

use ::media::Links;
use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{
    ChannelId, ConversationId, LaneEntryId, LeadId, MediaId, MessageId, TenantId, UserId,
};
use entity::phone::{PhoneNumber, Sender};
use entity::text::is_blank;
use entity::value::{Direction, Encoding, LeadSource, MessageSource, MessageStatus, SendPriority};
use entity::{TenantScoped, channel, conversation, lead, message};
use events::{Kind, Outbox};
use queue::{Class, NewEntry};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter,
};
use serde_json::json;

use crate::messages::{self, MessageView};
use crate::{Error, Problem, leads, opt_out, threads};

mod carriage;
mod quiet;
mod sender;
mod validity;
mod waiting;

use carriage::Load;
pub use carriage::fits;
pub(crate) use carriage::{media_urls, of_message, with_links};
pub use quiet::recheck_quiet_hours;
pub(crate) use quiet::{is_held, recheck};
pub use validity::{Validity, expire_waiting};
pub(crate) use validity::{expire, is_over};
pub use waiting::{Edit, cancel, cancel_channel, edit, follow_channel, retry};
pub(crate) use waiting::{WAITING, Why, cancel_on_reply, cancel_opted_out, requeue, take_back};

/// The longest text that Twilio takes, in characters.
const LONGEST_BODY: usize = 1600;

/// Twilio's own limit for a text that waits is ten hours; ours is about texts that wait here.
const LONGEST_VALIDITY: TimeDelta = TimeDelta::days(365);

/// To whom a text goes.
#[derive(Clone, Debug)]
pub enum Recipient {
    /// A number as somebody typed it. The lead is made if there is none.
    Number(String),
    /// A lead of the tenant.
    Lead(LeadId),
    /// The customer of a conversation, by the conversation's channel.
    Conversation(ConversationId),
}

/// A text to be sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// To whom.
    pub to: Recipient,
    /// The text, at most 1600 characters; may be empty where there are files.
    pub body: String,
    /// Files to go with it, at most ten.
    pub media: Vec<MediaId>,
    /// By which channel; without it, the lead's latest active one, else the tenant's default.
    pub channel: Option<ChannelId>,
    /// How urgent it is.
    pub priority: SendPriority,
    /// Who or what wrote it.
    pub source: MessageSource,
    /// Which person.
    pub sent_by: Option<UserId>,
    /// Not before this.
    pub send_at: Option<DateTime<Utc>>,
    /// Not later than this many seconds after it was due; what [`Validity`] says without it.
    pub valid_for_seconds: Option<i64>,
    /// Dropped when the customer writes before it is sent.
    pub cancel_on_reply: bool,
}

/// What the operator has set for all texts.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long a text makes sense where nobody says.
    pub validity: Validity,
    /// Links to files.
    pub links: Links,
}

/// Takes a text to be sent.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`], [`Error::OptedOut`], [`Error::NoChannel`],
/// [`Error::ChannelInactive`], [`Error::NotAnswerable`]; when the database is away.
pub async fn submit(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    terms: &Terms,
    tenant: TenantId,
    draft: Draft,
) -> Result<MessageView, Error> {
    check(&draft, clock.now())?;
    let files = carriage::files(tx, tenant, &draft.media).await?;
    let (lead, remote, fixed) = recipient(tx, clock, outbox, tenant, &draft).await?;
    opt_out::refuse(tx, tenant, remote.as_str()).await?;
    let channel = sender::choose(tx, tenant, lead.id, fixed.or(draft.channel)).await?;
    if channel.phone_number == remote {
        let detail = "this is the number of the channel itself";
        return Err(Error::invalid("/to", detail));
    }
    let load = Load::new(&channel, &remote, files);
    let measured = Measured::of(
        &load.text(&draft.body, &terms.links, clock.now()),
        load.is_mms(),
    )?;
    let sender = Sender::Number(remote);
    let thread = threads::find_or_create(tx, clock, tenant, channel.id, lead.id, &sender).await?;
    let row = message::Model {
        num_media: i32::try_from(load.len()).unwrap_or(i32::MAX),
        num_segments: measured.segments,
        encoding: measured.encoding,
        ..row(clock, &draft, &channel, &thread)
    };
    let turn = quiet::turn(tx, &row, row.scheduled_at.unwrap_or(row.created_at)).await?;
    let valid_for = match draft.valid_for_seconds {
        Some(seconds) => TimeDelta::seconds(seconds),
        None => terms.validity.of(draft.priority),
    };
    let mut row = row.into_active_model();
    turn.write(&mut row);
    row.valid_until = Set(Some(turn.at + valid_for));
    let row = row.insert(tx).await?;
    load.write(tx, clock, &row).await?;
    enqueue(tx, clock, &row, &channel, turn.at).await?;
    note(tx, outbox, lead, thread, &row).await?;
    messages::view(tx, row).await
}

fn check(draft: &Draft, now: DateTime<Utc>) -> Result<(), Error> {
    let mut problems = Vec::new();
    let mut wrong = |pointer: &str, detail: String| {
        problems.push(Problem {
            pointer: pointer.to_owned(),
            detail,
        });
    };
    if let Some(detail) = body_problem(&draft.body, !draft.media.is_empty()) {
        wrong("/body", detail);
    }
    if draft.send_at.is_some_and(|at| is_too_far(at, now)) {
        wrong("/send_at", TOO_FAR.to_owned());
    }
    if let Some(detail) = draft.valid_for_seconds.and_then(validity_problem) {
        wrong("/valid_for_seconds", detail);
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}

/// What is said of a time that is too far ahead.
const TOO_FAR: &str = "must be within a year from now";

fn is_too_far(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at > now + TimeDelta::days(366)
}

fn validity_problem(seconds: i64) -> Option<String> {
    let longest = LONGEST_VALIDITY.num_seconds();
    let fits = (1..=longest).contains(&seconds);
    (!fits).then(|| format!("must be from 1 to {longest}"))
}

fn body_problem(body: &str, has_files: bool) -> Option<String> {
    let length = body.chars().count();
    if is_blank(body) && !has_files {
        Some("a text needs at least one character".to_owned())
    } else if length > LONGEST_BODY {
        Some(format!(
            "has {length} characters; at most {LONGEST_BODY} can be sent"
        ))
    } else {
        None
    }
}

/// What a text takes on its way.
struct Measured {
    segments: i32,
    encoding: Encoding,
}

impl Measured {
    /// Of a text as it leaves, with its links.
    fn of(text: &str, is_mms: bool) -> Result<Self, Error> {
        let length = text.chars().count();
        if length > LONGEST_BODY {
            let detail = format!(
                "has {length} characters with the links to files that can't go with it; at most \
                 {LONGEST_BODY} can be sent"
            );
            return Err(Error::invalid("/body", detail));
        }
        let counted = sms_text::count(text);
        let segments = if is_mms { 1 } else { counted.segments };
        Ok(Self {
            segments: i32::try_from(segments).unwrap_or(i32::MAX),
            encoding: encoding(counted.encoding),
        })
    }
}

/// The lead, the number, and the channel if the recipient fixes it.
async fn recipient(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    draft: &Draft,
) -> Result<(lead::Model, PhoneNumber, Option<ChannelId>), Error> {
    match &draft.to {
        Recipient::Number(text) => {
            let row = threads::tenant(tx, tenant).await?;
            let number = PhoneNumber::parse(text, &leads::default_country(&row)?)
                .map_err(|error| Error::invalid("/to", error.to_string()))?;
            let source = if draft.source == MessageSource::Api {
                LeadSource::Api
            } else {
                LeadSource::Manual
            };
            let country = number.country().map(|country| country.to_string());
            let sender = Sender::Number(number.clone());
            let lead =
                threads::lead_for(tx, clock, outbox, tenant, &sender, source, country).await?;
            Ok((lead, number, None))
        }
        Recipient::Lead(id) => {
            let lead = leads::lock(tx, tenant, *id)
                .await?
                .ok_or(Error::NotFound("lead"))?;
            let number = answerable(lead.phone.as_deref().unwrap_or_default())?;
            Ok((lead, number, None))
        }
        Recipient::Conversation(id) => {
            let thread = threads::get(tx, tenant, *id).await?.conversation;
            let number = answerable(&thread.remote_address)?;
            let lead = leads::lock(tx, tenant, thread.lead_id).await?;
            let lead = lead.ok_or(Error::NotFound("conversation"))?;
            Ok((lead, number, Some(thread.channel_id)))
        }
    }
}

fn answerable(address: &str) -> Result<PhoneNumber, Error> {
    match Sender::parse(address) {
        Sender::Number(number) => Ok(number),
        Sender::Other(address) => Err(Error::NotAnswerable { address }),
    }
}

fn row(
    clock: &Clock,
    draft: &Draft,
    channel: &channel::Model,
    thread: &conversation::Model,
) -> message::Model {
    let now = clock.now();
    let later = draft.send_at.filter(|at| *at > now);
    message::Model {
        id: MessageId::new(clock),
        tenant_id: thread.tenant_id,
        conversation_id: thread.id,
        lead_id: thread.lead_id,
        channel_id: channel.id,
        direction: Direction::Outbound,
        from_number: channel.phone_number.to_string(),
        to_number: thread.remote_address.clone(),
        body: draft.body.clone(),
        status: if later.is_some() {
            MessageStatus::Scheduled
        } else {
            MessageStatus::Queued
        },
        account_sid: Some(channel.account_sid.clone()),
        external_id: None,
        inbound_sid: None,
        error_code: None,
        error_message: None,
        reason: None,
        held_reason: None,
        num_segments: 1,
        encoding: Encoding::Gsm7,
        num_media: 0,
        source: draft.source,
        sent_by_user_id: draft.sent_by,
        priority: draft.priority,
        attempts: 0,
        retries: 0,
        scheduled_at: later,
        next_attempt_at: None,
        valid_until: None,
        cancel_on_reply: draft.cancel_on_reply,
        caught_up: false,
        sent_at: None,
        delivered_at: None,
        from_city: None,
        from_state: None,
        from_zip: None,
        from_country: None,
        created_at: now,
        updated_at: now,
    }
}

/// How a text is carried, as the column has it.
pub(crate) const fn encoding(encoding: sms_text::Encoding) -> Encoding {
    match encoding {
        sms_text::Encoding::Gsm7 => Encoding::Gsm7,
        sms_text::Encoding::Ucs2 => Encoding::Ucs2,
    }
}

/// Puts a message into its channel's lane, due at `at`.
pub(crate) async fn enqueue(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    message: &message::Model,
    channel: &channel::Model,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let entry = NewEntry {
        id: LaneEntryId::new(clock),
        tenant: message.tenant_id,
        lane: channel.id,
        group: channel.account_sid.clone(),
        gap_us: sender::gap_us(channel),
        payload: message.id.0,
        class: match message.priority {
            SendPriority::Reply => Class::Reply,
            SendPriority::Normal => Class::Normal,
            SendPriority::Bulk => Class::Bulk,
        },
        weight: message.num_segments,
        due_at_ms: at.timestamp_millis(),
    };
    queue::enqueue(tx, &entry).await
}

async fn note(
    tx: &impl ConnectionTrait,
    outbox: &mut Outbox,
    lead: lead::Model,
    thread: conversation::Model,
    message: &message::Model,
) -> Result<(), DbErr> {
    let now = message.created_at;
    let mut lead = lead.into_active_model();
    lead.sms_enabled = Set(true);
    lead.last_sms_at = Set(Some(now));
    lead.last_contact_at = Set(Some(now));
    lead.updated_at = Set(now);
    lead.update(tx).await?;
    let bulk = matches!(
        message.source,
        MessageSource::Campaign | MessageSource::Notification
    );
    let answers = !bulk && message.status != MessageStatus::Scheduled;
    let mut row = thread.into_active_model();
    row.last_message_id = Set(Some(message.id));
    row.last_message_at = Set(now);
    if answers {
        row.waiting_since = Set(None);
    }
    row.updated_at = Set(now);
    row.update(tx).await?;
    outbox.push(message.tenant_id, Kind::MessageQueued, ids(message));
    Ok(())
}

/// The ids that every event about a message carries.
pub(crate) fn ids(message: &message::Model) -> serde_json::Value {
    json!({
        "message_id": message.id,
        "conversation_id": message.conversation_id,
        "lead_id": message.lead_id,
        "channel_id": message.channel_id,
        "status": message.status,
    })
}

/// Shows a change of the message to who polls its conversation, if it is the latest there.
pub(crate) async fn touch_thread(
    tx: &impl ConnectionTrait,
    message: &message::Model,
) -> Result<(), DbErr> {
    conversation::Entity::update_many()
        .col_expr(conversation::Column::UpdatedAt, message.updated_at.into())
        .filter(conversation::Column::TenantId.eq(message.tenant_id))
        .filter(conversation::Column::Id.eq(message.conversation_id))
        .filter(conversation::Column::LastMessageId.eq(message.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The channel of a message, also when it has been removed since.
pub(crate) async fn channel_of(
    tx: &impl ConnectionTrait,
    message: &message::Model,
) -> Result<Option<channel::Model>, DbErr> {
    channel::Entity::of(message.tenant_id)
        .filter(channel::Column::Id.eq(message.channel_id))
        .one(tx)
        .await
}
