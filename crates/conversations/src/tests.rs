//! Both paths on a real database, with webhooks that are signed and routed as in earnest.

use channels::{CredentialsInput, KeyRing, MasterKey, NewChannel, Patch, SettingsPatch};
use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{ChannelId, MessageId, TenantId};
use entity::json::QuietHours;
use entity::value::{
    ChannelMode, ChannelStatus, ChannelType, MessageReason, MessageSource, MessageStatus,
    OptOutSource, SendPriority,
};
use entity::{TenantScoped, channel, lead, message, tenant};
use events::{Bell, Outbox};
use media::Links;
use routing::{Directory, Kind, Routed, Webhook};
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryOrder, Set,
};
use test_db::TestDb;
use twilio::Form;
use twilio::signature::{Algorithm, Body, compute};

use crate::delivery::{self, StatusUpdate, Tracked};
use crate::inbound::{self, Inbound, Received};
use crate::leads::{self, LeadChange};
use crate::messages::MessageView;
use crate::outbound::{self, Draft, Edit, Recipient, Terms, Validity};
use crate::sending::{self, After, Answer, Begin, Outgoing, RetryPolicy};
use crate::{Error, messages};

mod batches;
mod cost;
mod files;
mod incoming;
mod opting_out;
mod outgoing;
mod paging;
mod people;
mod quiet;
mod reading;
mod scheduled;
mod search_cost;
mod statuses;
mod team;
mod together;
mod validity;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "9f86d081884c7d659a2feaa0c55ad015";
const OURS: &str = "+15551230000";
const CUSTOMER: &str = "+15557654321";

/// A tenant with one channel, and a clock that stands still.
struct World<'a> {
    db: &'a TestDb,
    ring: KeyRing,
    clock: Clock,
    policy: RetryPolicy,
    tenant: TenantId,
}

impl<'a> World<'a> {
    async fn new(db: &'a TestDb) -> Self {
        let clock = Clock::manual(DateTime::from_timestamp(1_790_000_000, 0).unwrap());
        let ring = KeyRing::new(vec![MasterKey::generate()]).unwrap();
        let tenant = tenant(db, &clock).await;
        let (tx, mut outbox) = (db.db().write_tx().await.unwrap(), Outbox::new());
        let new = new_channel();
        let channel = channels::create(&tx, &ring, &clock, &mut outbox, tenant, None, new).await;
        outbox
            .commit(tx, clock.now(), &Bell::default())
            .await
            .unwrap();
        channel.unwrap();
        Self {
            db,
            ring,
            clock,
            policy: RetryPolicy::default(),
            tenant,
        }
    }

    async fn tx(&self) -> DatabaseTransaction {
        self.db.db().write_tx().await.unwrap()
    }

    async fn finish(&self, tx: DatabaseTransaction, outbox: Outbox) {
        let ended = outbox.commit(tx, self.clock.now(), &Bell::default()).await;
        ended.unwrap();
    }

    async fn routed(&self, kind: Kind, fields: &[(&str, &str)]) -> Routed {
        let url = "https://example.com/api/webhooks/twilio/sms";
        let form: Form = fields.iter().copied().collect();
        let signature = compute(
            url,
            Body::Form(&form),
            &TOKEN.to_owned().into(),
            Algorithm::HmacSha1,
        );
        let body = encoded(fields);
        let webhook = Webhook {
            kind,
            channel: None,
            url,
            body: body.as_bytes(),
            content_type: Some("application/x-www-form-urlencoded"),
            signature: Some(&signature),
            signature_settings: None,
        };
        let directory = Directory::new(self.db.db().clone());
        routing::route(&directory, &self.ring, self.clock.now(), &webhook)
            .await
            .unwrap()
    }

    async fn inbound(&self, sid: &str, from: &str, body: &str, more: &[(&str, &str)]) -> Inbound {
        let mut fields = vec![
            ("AccountSid", ACCOUNT),
            ("MessageSid", sid),
            ("From", from),
            ("To", OURS),
            ("Body", body),
        ];
        fields.extend_from_slice(more);
        Inbound::read(&self.routed(Kind::Inbound, &fields).await).unwrap()
    }

    /// A text of the customer's that Twilio's list has, from so long after now.
    async fn listed(&self, sid: &str, body: &str, after: TimeDelta) -> Inbound {
        let channel = channel::Entity::of(self.tenant)
            .one(self.db.db().read())
            .await;
        let listed = serde_json::json!({
            "sid": sid, "account_sid": ACCOUNT, "from": CUSTOMER, "to": OURS, "body": body,
            "direction": "inbound", "status": "received",
            "date_sent": (self.clock.now() + after).to_rfc2822(),
        });
        let listed = serde_json::from_value(listed).unwrap();
        Inbound::listed(channel.unwrap().unwrap(), listed, Vec::new()).unwrap()
    }

    async fn receive(&self, batch: &[Inbound]) -> Vec<Received> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let received = inbound::receive(&tx, &self.clock, &mut outbox, batch)
            .await
            .unwrap();
        self.finish(tx, outbox).await;
        received
    }

    /// The customer texts; the clock moves a second.
    async fn texts(&self, sid: &str, body: &str) -> Received {
        self.clock.advance(TimeDelta::seconds(1));
        let inbound = self.inbound(sid, CUSTOMER, body, &[]).await;
        self.receive(&[inbound]).await[0]
    }

    async fn submit(&self, draft: Draft) -> Result<MessageView, Error> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, terms) = (&self.clock, &terms());
        let view = outbound::submit(&tx, clock, &mut outbox, terms, self.tenant, draft).await?;
        self.finish(tx, outbox).await;
        Ok(view)
    }

    async fn begin(&self, id: MessageId) -> Begin {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, policy) = (&self.clock, &self.policy);
        let turn = clock.now();
        let begin = sending::begin(&tx, clock, &mut outbox, policy, self.tenant, id, turn).await;
        self.finish(tx, outbox).await;
        begin.unwrap()
    }

    /// The text leaves; Twilio's answer is yet to come.
    async fn leaves(&self, id: MessageId) -> Outgoing {
        match self.begin(id).await {
            Begin::Send(outgoing) => *outgoing,
            other => panic!("it should be sent, but: {other:?}"),
        }
    }

    async fn answer(&self, outgoing: &Outgoing, answer: Answer) -> After {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, policy) = (&self.clock, &self.policy);
        let after = sending::record(&tx, clock, &mut outbox, policy, outgoing, answer).await;
        self.finish(tx, outbox).await;
        after.unwrap()
    }

    /// Sends a text and has Twilio take it.
    async fn sent(&self, sid: &str) -> Outgoing {
        let view = self.submit(draft("Hello")).await.unwrap();
        let outgoing = self.leaves(view.message.id).await;
        self.answer(&outgoing, accepted(sid)).await;
        outgoing
    }

    async fn status(
        &self,
        sid: &str,
        status: &str,
        hint: Option<&Outgoing>,
        code: &str,
    ) -> Tracked {
        let update = self.update(sid, status, hint, code).await;
        self.record(&[update]).await[0]
    }

    async fn update(
        &self,
        sid: &str,
        status: &str,
        hint: Option<&Outgoing>,
        code: &str,
    ) -> StatusUpdate {
        let mut fields = vec![
            ("AccountSid", ACCOUNT),
            ("MessageSid", sid),
            ("MessageStatus", status),
            ("From", OURS),
            ("To", CUSTOMER),
        ];
        if !code.is_empty() {
            fields.push(("ErrorCode", code));
        }
        let routed = self.routed(Kind::Status, &fields).await;
        let message = hint.map(|hint| hint.message.id);
        let number = hint.map(|hint| hint.attempt.number);
        StatusUpdate::read(&routed, message, number).unwrap()
    }

    async fn record(&self, batch: &[StatusUpdate]) -> Vec<Tracked> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, policy) = (&self.clock, &self.policy);
        let tracked = delivery::record(&tx, clock, &mut outbox, policy, batch).await;
        self.finish(tx, outbox).await;
        tracked.unwrap()
    }

    /// Takes a text that is in order.
    async fn queued(&self, draft: Draft) -> message::Model {
        self.submit(draft).await.unwrap().message
    }

    async fn edit(&self, id: MessageId, edit: Edit) -> Result<message::Model, Error> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, links, tenant) = (&self.clock, &terms().links, self.tenant);
        let view = outbound::edit(&tx, clock, &mut outbox, links, tenant, id, edit).await?;
        self.finish(tx, outbox).await;
        Ok(view.message)
    }

    async fn retry(&self, id: MessageId) -> Result<message::Model, Error> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, validity) = (&self.clock, &Validity::default());
        let view = outbound::retry(&tx, clock, &mut outbox, validity, self.tenant, id).await?;
        self.finish(tx, outbox).await;
        Ok(view.message)
    }

    /// Changes the customer's lead.
    async fn change_lead(&self, change: LeadChange) -> Result<lead::Model, Error> {
        let tenant = tenant::Entity::find_by_id(self.tenant);
        let tenant = tenant.one(self.db.db().read()).await.unwrap().unwrap();
        let lead = self.lead().await.id;
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let changed = leads::update(&tx, &self.clock, &mut outbox, &tenant, lead, change).await?;
        self.finish(tx, outbox).await;
        Ok(changed)
    }

    /// Another number of the tenant's.
    async fn second_channel(&self, number: &str) -> ChannelId {
        let credentials = CredentialsInput {
            phone_number: Patch::Set(number.to_owned()),
            ..new_channel().credentials
        };
        let new = NewChannel {
            credentials,
            ..new_channel()
        };
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (ring, clock, tenant) = (&self.ring, &self.clock, self.tenant);
        let made = channels::create(&tx, ring, clock, &mut outbox, tenant, None, new).await;
        self.finish(tx, outbox).await;
        made.unwrap().id
    }

    /// When each piece in the queue is due.
    async fn due(&self) -> Vec<DateTime<Utc>> {
        let entries = entity::lane_entry::Entity::find();
        let entries = entries.all(self.db.db().read()).await.unwrap();
        let due = entries.into_iter().map(|entry| entry.due_at_ms);
        due.map(|ms| DateTime::from_timestamp_millis(ms).unwrap())
            .collect()
    }

    /// The kinds of the events so far that tell of a message.
    async fn told(&self, id: MessageId) -> Vec<String> {
        let rows = entity::event::Entity::of(self.tenant)
            .order_by_asc(entity::event::Column::Seq)
            .all(self.db.db().read())
            .await
            .unwrap();
        let id = id.to_string();
        rows.into_iter()
            .filter(|row| row.data["message_id"] == id.as_str())
            .map(|row| row.kind)
            .collect()
    }

    async fn message(&self, id: MessageId) -> message::Model {
        messages::get(self.db.db().read(), self.tenant, id)
            .await
            .unwrap()
            .message
    }

    async fn lead(&self) -> lead::Model {
        lead::Entity::of(self.tenant)
            .one(self.db.db().read())
            .await
            .unwrap()
            .unwrap()
    }

    async fn count<E: TenantScoped>(&self) -> usize {
        E::of(self.tenant)
            .all(self.db.db().read())
            .await
            .unwrap()
            .len()
    }

    /// Whether the queue holds anything.
    async fn is_queued(&self) -> bool {
        let entries = entity::lane_entry::Entity::find()
            .all(self.db.db().read())
            .await
            .unwrap();
        !entries.is_empty()
    }
}

fn terms() -> Terms {
    Terms {
        validity: Validity::default(),
        links: Links::new("https://example.com", vec![vec![7; 32].into()]),
    }
}

async fn tenant(db: &TestDb, clock: &Clock) -> TenantId {
    let id = TenantId::new(clock);
    let row = tenant::ActiveModel {
        id: Set(id),
        name: Set("Dental practice".to_owned()),
        default_country: Set("US".to_owned()),
        timezone: Set("America/New_York".to_owned()),
        quiet_hours: Set(QuietHours::default()),
        created_at: Set(clock.now()),
        updated_at: Set(clock.now()),
    };
    row.insert(db.db().writer()).await.unwrap();
    id
}

fn new_channel() -> NewChannel {
    NewChannel {
        r#type: ChannelType::TwilioSms,
        name: "Front desk".to_owned(),
        status: ChannelStatus::Active,
        mode: ChannelMode::Production,
        is_default: false,
        settings: SettingsPatch::default(),
        credentials: CredentialsInput {
            account_sid: Patch::Set(ACCOUNT.to_owned()),
            auth_token: Patch::Set(TOKEN.to_owned().into()),
            phone_number: Patch::Set(OURS.to_owned()),
            ..CredentialsInput::default()
        },
        id: None,
    }
}

fn draft(body: &str) -> Draft {
    Draft {
        to: Recipient::Number(CUSTOMER.to_owned()),
        body: body.to_owned(),
        media: Vec::new(),
        channel: None,
        priority: SendPriority::Normal,
        source: MessageSource::Api,
        sent_by: None,
        send_at: None,
        valid_for_seconds: None,
        cancel_on_reply: false,
    }
}

fn accepted(sid: &str) -> Answer {
    Answer::Accepted {
        sid: sid.to_owned(),
        status: Some("queued".to_owned()),
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let encode =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}
