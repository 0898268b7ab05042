//! A business with much of everything, and many small ones: some rows that the program has made, copied
//! many times.

use std::time::Duration;

use serde_json::json;
use test_db::Backend;
use test_plans::Known;

use super::MANY;
use crate::harness::{Channel, Client, Tenant, World, poll_within};
use crate::soak::Rows;

/// Kinds of copied ids: one for each table, and as many for the small businesses.
const LEADS: u8 = 1;
const CONVERSATIONS: u8 = 2;
const MESSAGES: u8 = 3;
const NOTES: u8 = 4;
const ACTIVITY: u8 = 5;
const OF_SMALL: u8 = 0x10;
const TENANTS: u8 = 0x20;

/// What Twilio calls a copied text.
const SID: &str = "'SMcopy' || s.n";

/// One business's rows to copy.
struct Patterns {
    tenant: Tenant,
    channel: Channel,
    lead: String,
    conversation: String,
    message: String,
    note: String,
    label: String,
    activity: String,
}

/// Waits until all of it can be found by its words.
async fn indexed(rows: &Rows) {
    // As if none of it had been there for the index.
    rows.run("UPDATE search_progress SET turn = turn + 1, filling_kind = 1, filled_from = NULL")
        .await;
    let still = "SELECT count(*) FROM search_progress WHERE filling_kind IS NOT NULL";
    let is_done = async || (rows.count(still).await == 0).then_some(());
    poll_within(
        Duration::from_secs(120),
        "the index being filled in",
        is_done,
    )
    .await;
}

/// Fills a world's database, and says who may ask for what.
pub(super) async fn fill(world: &World) -> (Client, Known) {
    let rows = Rows::of(world.scratch.url()).await;
    let (one, small) = (patterns(world).await, patterns(world).await);
    // The small ones are there by their rows alone.
    rows.run(match world.scratch.backend() {
        Backend::Postgres => "SET session_replication_role = replica",
        Backend::Sqlite => "PRAGMA foreign_keys = OFF",
    })
    .await;
    for (patterns, of) in [(&one, 0), (&small, OF_SMALL)] {
        Copies {
            rows: &rows,
            backend: world.scratch.backend(),
            patterns,
            of,
        }
        .all()
        .await;
    }
    indexed(&rows).await;
    // As a server does by itself after a while.
    rows.run(match world.scratch.backend() {
        Backend::Postgres => "VACUUM ANALYZE",
        Backend::Sqlite => "ANALYZE",
    })
    .await;
    let known = Known {
        user: one
            .tenant
            .api
            .get("/api/v1/auth/me")
            .await
            .expect(200)
            .text("/user/id"),
        conversation: one.conversation,
        lead: one.lead,
        phone: "+14155550199".to_owned(),
        channel: one.channel.id,
        message: one.message,
        sid: "SMcopy8".to_owned(),
        since: "2020-01-01T00:00:00Z".to_owned(),
        word: "hello".to_owned(),
    };
    (one.tenant.api, known)
}

/// Somebody has texted, and the team has looked at it.
async fn patterns(world: &World) -> Patterns {
    let tenant = world.register().await;
    let channel = world.connect_channel(&tenant).await;
    world
        .customer_texts(&channel, "+14155550199", "Hello there")
        .await;
    let api = &tenant.api;
    let inbox = api.get("/api/v1/conversations").await.expect(200);
    let id = |pointer: &str| inbox.text(&format!("/data/0/{pointer}"));
    let conversation = id("id");
    let path = format!("/api/v1/conversations/{conversation}");
    let changed = json!({"labels": ["vip"]});
    api.patch(&path, changed).await.expect(200);
    let lead = format!("/api/v1/leads/{}", id("lead/id"));
    let changed = json!({"tags": ["vip"]});
    api.patch(&lead, changed).await.expect(200);
    let note = json!({"body": "Prefers mornings"});
    let note = api.post(&format!("{path}/notes"), note).await.expect(201);
    let messages = api.get(&format!("{path}/messages")).await.expect(200);
    let told = api
        .get("/api/v1/activity?kind=labels_changed")
        .await
        .expect(200);
    let labels = api.get("/api/v1/labels").await.expect(200);
    Patterns {
        lead: messages.text("/data/0/lead_id"),
        message: messages.text("/data/0/id"),
        note: note.text("/id"),
        label: labels.text("/data/0/id"),
        activity: told.text("/data/0/id"),
        conversation,
        tenant,
        channel,
    }
}

struct Copies<'a> {
    rows: &'a Rows,
    backend: Backend,
    patterns: &'a Patterns,
    of: u8,
}

impl Copies<'_> {
    fn id(&self, kind: u8) -> String {
        self.rows.copied_id(self.of + kind, "s.n")
    }

    /// Ten seconds between two: not all of it changed in one moment.
    fn earlier(&self, column: &str) -> String {
        match self.backend {
            Backend::Postgres => format!("t.{column} - s.n * interval '10 seconds'"),
            Backend::Sqlite => format!(
                "strftime('%Y-%m-%dT%H:%M:%f', t.{column}, '-' || (s.n * 10) || ' seconds') || '+00:00'"
            ),
        }
    }

    /// One thing of eleven belongs to the conversation that was there, the others to one each.
    fn own_or(&self, kind: u8, pattern: &str) -> String {
        format!(
            "CASE WHEN s.n % 11 = 0 THEN t.{pattern} ELSE {} END",
            self.id(kind)
        )
    }

    async fn table(&self, table: &str, id: &str, differing: &[(&str, &str)]) {
        let tenant = self.rows.copied_id(TENANTS, "(s.n % 1000)");
        let mut differing = differing.to_vec();
        if self.of == OF_SMALL {
            differing.push(("tenant_id", &tenant));
        }
        self.rows.copy(table, ("id", id), MANY, &differing).await;
    }

    async fn all(&self) {
        let phone = "'+1628' || (2000000 + s.n)";
        let its = self.patterns;
        let (lead, conversation) = (self.id(LEADS), self.id(CONVERSATIONS));
        self.table("leads", &its.lead, &[("id", &lead), ("phone", phone)])
            .await;
        let of_conversation = [
            ("id", conversation.as_str()),
            ("lead_id", &lead),
            ("remote_jid", "'sms_' || (16282000000 + s.n)"),
            ("remote_address", phone),
            (
                "status",
                "CASE s.n % 3 WHEN 0 THEN 'closed' ELSE 'open' END",
            ),
            ("unread_count", "s.n % 4"),
            ("last_message_at", &self.earlier("last_message_at")),
            ("updated_at", &self.earlier("updated_at")),
        ];
        self.table("conversations", &its.conversation, &of_conversation)
            .await;
        let of_message = [
            ("id", &*self.id(MESSAGES)),
            (
                "conversation_id",
                &self.own_or(CONVERSATIONS, "conversation_id"),
            ),
            ("lead_id", &self.own_or(LEADS, "lead_id")),
            ("updated_at", &self.earlier("updated_at")),
            ("external_id", SID),
            (
                "inbound_sid",
                &*format!("CASE s.n % 2 WHEN 0 THEN {SID} END"),
            ),
            (
                "direction",
                "CASE s.n % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END",
            ),
        ];
        self.table("messages", &its.message, &of_message).await;
        let of_note = [
            ("id", &*self.id(NOTES)),
            (
                "conversation_id",
                &self.own_or(CONVERSATIONS, "conversation_id"),
            ),
        ];
        self.table("notes", &its.note, &of_note).await;
        let of_activity = [
            ("id", &*self.id(ACTIVITY)),
            (
                "conversation_id",
                &self.own_or(CONVERSATIONS, "conversation_id"),
            ),
            ("lead_id", &self.own_or(LEADS, "lead_id")),
        ];
        self.table("activity", &its.activity, &of_activity).await;
        let carried = self.rows.copied_id(self.of + CONVERSATIONS, "(s.n * 10)");
        let label = ("label_id", its.label.as_str());
        let times = MANY / 10;
        let of_label = [("conversation_id", carried.as_str())];
        self.rows
            .copy("conversation_labels", label, times, &of_label)
            .await;
        let tagged = self.rows.copied_id(self.of + LEADS, "(s.n * 10)");
        let of_tag = [("lead_id", tagged.as_str())];
        self.rows
            .copy("lead_tags", ("lead_id", &its.lead), times, &of_tag)
            .await;
    }
}
