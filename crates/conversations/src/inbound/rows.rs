//! The rows that a text becomes and changes.

use chrono::{DateTime, Utc};
use db::each::Change;
use entity::clock::Clock;
use entity::id::MessageId;
use entity::phone::Sender;
use entity::value::{
    Control, ConversationStatus, Direction, LeadSource, MessageSource, MessageStatus, SendPriority,
};
use entity::{conversation, lead, message};
use events::{Kind, Outbox};
use sea_orm::Value;
use serde_json::json;
use twilio::webhook::InboundMessage;

use super::Inbound;
use crate::{leads, outbound, threads};

/// The lead that somebody becomes who writes for the first time.
pub(super) fn stranger(clock: &Clock, inbound: &Inbound, sender: &Sender) -> lead::Model {
    let country = inbound.text.from_country.clone();
    let country = country.filter(|country| country.len() == 2);
    lead::Model {
        name: inbound.text.profile_name.clone(),
        ..threads::fresh_lead(clock, inbound.tenant_id(), sender, LeadSource::Sms, country)
    }
}

/// The message.
pub(super) fn row(
    id: MessageId,
    Inbound {
        channel,
        text,
        listed_at,
        ..
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
        inbound_sid: Some(text.message_sid.clone()),
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

/// The lead after a text that came at `came_at`; tells if their name is known by it.
pub(super) fn lead_after(
    outbox: &mut Outbox,
    lead: lead::Model,
    text: &InboundMessage,
    came_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> lead::Model {
    if lead.name.is_none() && text.profile_name.is_some() {
        leads::tell(outbox, lead.tenant_id, lead.id);
    }
    lead::Model {
        sms_enabled: true,
        // Of two times the later one: nothing comes before a time.
        last_sms_at: lead.last_sms_at.max(Some(came_at)),
        last_contact_at: lead.last_contact_at.max(Some(came_at)),
        name: lead.name.or_else(|| text.profile_name.clone()),
        updated_at: now,
        ..lead
    }
}

/// The conversation after a text of this lead that came at `came_at`.
pub(super) fn thread_after(
    thread: conversation::Model,
    message: &message::Model,
    lead: &lead::Model,
    came_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> conversation::Model {
    let was_put_away = matches!(
        thread.status,
        ConversationStatus::Closed | ConversationStatus::Snoozed
    );
    let (status, snoozed_until) = if was_put_away {
        (ConversationStatus::Open, None)
    } else {
        (thread.status, thread.snoozed_until)
    };
    // Who said STOP waits for nothing, nor could be answered.
    let waiting_since = thread.waiting_since.or(Some(came_at));
    conversation::Model {
        status,
        snoozed_until,
        unread_count: thread.unread_count.saturating_add(1),
        last_message_id: Some(message.id),
        last_message_at: now,
        waiting_since: waiting_since.filter(|_| !lead.sms_opt_out),
        updated_at: now,
        ..thread
    }
}

/// What texts change of leads.
pub(super) fn of_leads<'row>(leads: impl IntoIterator<Item = &'row lead::Model>) -> Change {
    let columns = [
        "tenant_id",
        "id",
        "sms_enabled",
        "last_sms_at",
        "last_contact_at",
        "sms_opt_out",
        "name",
        "updated_at",
    ];
    let values = leads.into_iter().map(|lead| {
        [
            lead.tenant_id.into(),
            lead.id.into(),
            lead.sms_enabled.into(),
            lead.last_sms_at.into(),
            lead.last_contact_at.into(),
            lead.sms_opt_out.into(),
            lead.name.clone().into(),
            Value::from(lead.updated_at),
        ]
    });
    Change::new("leads", 2, columns, values)
}

/// What texts change of conversations.
pub(super) fn of_threads<'row>(
    threads: impl IntoIterator<Item = &'row conversation::Model>,
) -> Change {
    let columns = [
        "tenant_id",
        "id",
        "status",
        "snoozed_until",
        "unread_count",
        "last_message_id",
        "last_message_at",
        "waiting_since",
        "updated_at",
    ];
    let values = threads.into_iter().map(|thread| {
        [
            thread.tenant_id.into(),
            thread.id.into(),
            thread.status.into(),
            thread.snoozed_until.into(),
            thread.unread_count.into(),
            thread.last_message_id.into(),
            thread.last_message_at.into(),
            thread.waiting_since.into(),
            Value::from(thread.updated_at),
        ]
    });
    Change::new("conversations", 2, columns, values)
}

/// Tells that the text came in, and if a person has taken the conversation over, that too.
pub(super) fn tell(outbox: &mut Outbox, message: &message::Model, thread: &conversation::Model) {
    let ids = json!({
        "message_id": message.id,
        "conversation_id": message.conversation_id,
        "lead_id": message.lead_id,
        "channel_id": message.channel_id,
    });
    if thread.control == Control::Human {
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
