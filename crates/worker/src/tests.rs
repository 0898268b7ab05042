//! A worker, a database and a stand-in Twilio; the tests stand in the modules.

mod files;
mod keeping;
mod sending;
mod unclear;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use channels::{CredentialsInput, KeyRing, MasterKey, NewChannel, Patch, SettingsPatch};
use conversations::outbound::{self, Draft, Recipient, Terms, Validity};
use conversations::sending::RetryPolicy;
use db::Db;
use entity::clock::Clock;
use entity::id::{MediaId, MessageId, TenantId};
use entity::json::QuietHours;
use entity::value::{
    AttemptOutcome, ChannelMode, ChannelStatus, ChannelType, MessageSource, MessageStatus,
    SendPriority,
};
use entity::{TenantScoped, channel, lane_entry, message, message_attempt, tenant};
use events::{Bell, Outbox};
use media::picture::Studio;
use media::{Links, Store};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};
use simulator::{AccountSeed, Number, Simulator};
use tempfile::TempDir;
use test_db::TestDb;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use twilio::client::Timeouts;

use crate::Worker;

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const PUBLIC_URL: &str = "http://127.0.0.1:9";
const OURS: &str = "+15551230001";
const THEIRS: &str = "+14155550100";

/// A tenant with one fast channel, and the Twilio it belongs to.
struct Bench {
    db: Db,
    // Dropped last of what the tests use: the database goes with it.
    _scratch: TestDb,
    clock: Clock,
    bell: Bell,
    keys: Arc<KeyRing>,
    tenant: TenantId,
    channel: channel::Model,
    twilio: Simulator,
    store: Store,
    _files: TempDir,
    policy: RetryPolicy,
    alive: Arc<AtomicBool>,
}

fn links() -> Links {
    Links::new(PUBLIC_URL, vec![vec![7; 32].into()])
}

/// A worker at work.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// An account that keeps what it is sent.
fn account() -> AccountSeed {
    AccountSeed {
        sid: ACCOUNT.to_owned(),
        auth_token: TOKEN.into(),
        numbers: vec![Number {
            phone_number: OURS.to_owned(),
            ..Number::default()
        }],
        ..AccountSeed::default()
    }
}

fn quick() -> RetryPolicy {
    RetryPolicy {
        delays: vec![Duration::from_millis(20); 3],
        settle_after: Duration::from_millis(60),
        settle_again: Duration::from_millis(40),
    }
}

impl Bench {
    async fn new(db: TestDb) -> Self {
        Self::with(db, account(), OURS).await
    }

    async fn with(scratch: TestDb, account: AccountSeed, number: &str) -> Self {
        let service = account
            .messaging_services
            .first()
            .map(|service| service.sid.clone());
        let options = simulator::Options {
            accounts: vec![account],
            ..Default::default()
        };
        let twilio = simulator::start(options).await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let (db, clock) = (scratch.db().clone(), Clock::System);
        let keys = Arc::new(KeyRing::new(vec![MasterKey::generate()]).unwrap());
        let tenant = some_tenant(&db, &clock).await;
        let credentials = credentials(number, service);
        let channel = some_channel(&db, &clock, &keys, tenant, credentials).await;
        Self {
            db,
            _scratch: scratch,
            store: Store::open(&format!("file://{}", files.path().display())).unwrap(),
            _files: files,
            clock,
            bell: Bell::default(),
            keys,
            tenant,
            channel,
            twilio,
            policy: quick(),
            alive: Arc::default(),
        }
    }

    fn client(&self) -> twilio::Client {
        let timeouts = Timeouts {
            connect: Duration::from_secs(2),
            request: Duration::from_secs(5),
        };
        twilio::Client::new(self.twilio.url().parse().unwrap(), timeouts).unwrap()
    }

    fn worker(&self) -> Worker {
        Worker {
            db: self.db.clone(),
            clock: self.clock.clone(),
            bell: self.bell.clone(),
            keys: Arc::clone(&self.keys),
            twilio: self.client(),
            public_url: PUBLIC_URL.to_owned(),
            store: self.store.clone(),
            studio: Studio::open().unwrap(),
            links: links(),
            keep_media: None,
            policy: self.policy.clone(),
            wake: Arc::new(Notify::new()),
            alive: Arc::clone(&self.alive),
            concurrency: 8,
            account_concurrency: 8,
            lease: Duration::from_secs(45),
            catch_up: Duration::from_secs(300),
        }
    }

    fn start(&self) -> Running {
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.worker().run(stop.clone()));
        Running { stop, task }
    }

    async fn submit(&self, to: &str, body: &str) -> MessageId {
        self.submit_with(to, body, Vec::new()).await
    }

    async fn submit_with(&self, to: &str, body: &str, media: Vec<MediaId>) -> MessageId {
        let draft = Draft {
            to: Recipient::Number(to.to_owned()),
            body: body.to_owned(),
            media,
            channel: None,
            priority: SendPriority::Normal,
            source: MessageSource::Api,
            sent_by: None,
            send_at: None,
            valid_for_seconds: None,
            cancel_on_reply: false,
        };
        let tx = self.db.write_tx().await.unwrap();
        let mut outbox = Outbox::new();
        let terms = Terms {
            validity: Validity::default(),
            links: links(),
        };
        let (clock, tenant) = (&self.clock, self.tenant);
        let view = outbound::submit(&tx, clock, &mut outbox, &terms, tenant, draft).await;
        let ended = outbox.commit(tx, self.clock.now(), &self.bell).await;
        ended.unwrap();
        view.unwrap().message.id
    }

    async fn message(&self, id: MessageId) -> message::Model {
        let row = message::Entity::find_by_id((id, self.tenant))
            .one(self.db.read())
            .await;
        row.unwrap().unwrap()
    }

    /// The message, once it is what it should become.
    async fn until(&self, id: MessageId, status: MessageStatus) -> message::Model {
        for _ in 0..1500 {
            let message = self.message(id).await;
            if message.status == status {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:#?} did not become {status}", self.message(id).await);
    }

    async fn attempts(&self, id: MessageId) -> Vec<message_attempt::Model> {
        let rows = message_attempt::Entity::of(self.tenant)
            .filter(message_attempt::Column::MessageId.eq(id))
            .order_by_asc(message_attempt::Column::Number);
        rows.all(self.db.read()).await.unwrap()
    }

    async fn outcomes(&self, id: MessageId) -> Vec<AttemptOutcome> {
        self.attempts(id)
            .await
            .into_iter()
            .map(|attempt| attempt.outcome)
            .collect()
    }

    async fn queued(&self) -> Vec<lane_entry::Model> {
        lane_entry::Entity::of(self.tenant)
            .all(self.db.read())
            .await
            .unwrap()
    }

    /// Something goes wrong at Twilio, `count` times.
    async fn fault(&self, kind: &str, count: u32, more: Value) {
        let mut fault = json!({ "kind": kind, "count": count });
        fault
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let url = format!("{}/_simulator/faults", self.twilio.url());
        let answer = reqwest::Client::new()
            .post(url)
            .json(&fault)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// What Twilio was given to send.
    async fn at_twilio(&self) -> Vec<Value> {
        let url = format!(
            "{}/_simulator/messages?direction=outbound",
            self.twilio.url()
        );
        let mut answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        serde_json::from_value(answer["messages"].take()).unwrap()
    }
}

async fn some_tenant(db: &Db, clock: &Clock) -> TenantId {
    let tenant = tenant::Model {
        id: TenantId::new(clock),
        name: "Casa Verde".to_owned(),
        default_country: "US".to_owned(),
        timezone: "UTC".to_owned(),
        quiet_hours: QuietHours::default(),
        created_at: clock.now(),
        updated_at: clock.now(),
    };
    tenant
        .into_active_model()
        .insert(db.writer())
        .await
        .unwrap()
        .id
}

fn credentials(number: &str, service: Option<String>) -> CredentialsInput {
    CredentialsInput {
        account_sid: Patch::Set(ACCOUNT.to_owned()),
        auth_token: Patch::Set(TOKEN.into()),
        phone_number: Patch::Set(number.to_owned()),
        messaging_service_sid: service.into(),
        ..CredentialsInput::default()
    }
}

async fn some_channel(
    db: &Db,
    clock: &Clock,
    keys: &KeyRing,
    tenant: TenantId,
    credentials: CredentialsInput,
) -> channel::Model {
    let new = NewChannel {
        r#type: ChannelType::TwilioSms,
        name: "Front desk".to_owned(),
        status: ChannelStatus::Active,
        mode: ChannelMode::Production,
        is_default: true,
        settings: SettingsPatch {
            messages_per_second: Patch::Set(200.0),
            ..SettingsPatch::default()
        },
        credentials,
        id: None,
    };
    let tx = db.write_tx().await.unwrap();
    let channel = channels::create(&tx, keys, clock, &mut Outbox::new(), tenant, None, new)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    channel
}
