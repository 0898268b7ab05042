//! A queue that is long already: thousands of texts, made faster than the API takes them.
//!
//! One text is handed in by the API, for tomorrow; its rows are then copied within the database,
//! each copy with another person. Which columns there are is asked of the database, so that only
//! what differs from text to text has to be known here.

use serde_json::json;

use super::Rows;
use super::numbers::{Sender, person};

/// What one copy says and how many segments that is, as SQL over its number `s.n`.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    body: &'static str,
    segments: &'static str,
}

impl Words {
    pub(crate) const SHORT: Self = Self {
        body: "'Bulk ' || s.n",
        segments: "1",
    };

    /// One, two and three segments in turn: alone a segment has 160 characters, as a part 153.
    pub(crate) const MIXED: Self = Self {
        body: "'Bulk ' || s.n || substr('REPEATED', 1, (s.n % 3) * 155)",
        segments: "(s.n % 3 + 1)",
    };

    fn body(self) -> String {
        self.body.replace("REPEATED", &"Long words. ".repeat(30))
    }
}

/// Queues texts in bulk, due now, to the people from `first` on.
pub(crate) async fn fill(rows: &Rows, sender: &Sender, first: usize, texts: usize, words: Words) {
    let tomorrow = tomorrow(sender).await;
    let body = json!({
        "to": person(first), "body": "Bulk", "channel_id": sender.channel.id,
        "priority": "bulk", "send_at": tomorrow,
    });
    let taken = sender.api.post("/api/v1/messages", body).await.expect(202);
    let (message, lead) = (taken.text("/id"), taken.text("/lead_id"));
    let conversation = taken.text("/conversation_id");
    let copy = Copy { rows, first, texts };
    let phone = copy.phone();
    copy.table(LEADS, "id", &lead, &[("phone", phone.clone())])
        .await;
    let jid = format!("'sms_' || substr({phone}, 2)");
    let of_conversation = [
        ("lead_id", copy.id(LEADS)),
        ("remote_jid", jid),
        ("remote_address", phone.clone()),
        ("last_message_id", "NULL".to_owned()),
    ];
    copy.table(CONVERSATIONS, "id", &conversation, &of_conversation)
        .await;
    let of_message = [
        ("lead_id", copy.id(LEADS)),
        ("conversation_id", copy.id(CONVERSATIONS)),
        ("to_number", phone),
        ("body", words.body()),
        ("num_segments", words.segments.to_owned()),
        ("status", "'queued'".to_owned()),
        ("scheduled_at", "NULL".to_owned()),
    ];
    copy.table(MESSAGES, "id", &message, &of_message).await;
    let of_entry = [
        ("payload_id", copy.id(MESSAGES)),
        ("weight", words.segments.to_owned()),
        ("due_at_ms", rows.now_ms().to_owned()),
    ];
    copy.table(ENTRIES, "payload_id", &message, &of_entry).await;
    rows.run("ANALYZE").await;
    let cancel = format!("/api/v1/messages/{message}/cancel");
    sender.api.post(&cancel, json!({})).await.expect(200);
}

/// Queues one more by the API, which tells the lane that there is something to do.
pub(crate) async fn wake(sender: &Sender, to: usize) {
    let body = json!({
        "to": person(to), "body": "Wake up", "channel_id": sender.channel.id, "priority": "bulk",
    });
    sender.api.post("/api/v1/messages", body).await.expect(202);
}

async fn tomorrow(sender: &Sender) -> String {
    use chrono::{DateTime, TimeDelta};
    let now = sender.api.get("/healthz").await.header("date").to_owned();
    (DateTime::parse_from_rfc2822(&now).unwrap() + TimeDelta::days(1)).to_rfc3339()
}

/// The tables that a text has a row in, and what keeps their copies' ids apart.
type Table = (&'static str, u8);
const LEADS: Table = ("leads", 1);
const CONVERSATIONS: Table = ("conversations", 2);
const MESSAGES: Table = ("messages", 3);
const ENTRIES: Table = ("lane_entries", 4);

struct Copy<'a> {
    rows: &'a Rows,
    first: usize,
    texts: usize,
}

impl Copy<'_> {
    fn id(&self, (_, kind): Table) -> String {
        self.rows
            .copied_id(kind, &format!("({} + s.n)", self.first))
    }

    fn phone(&self) -> String {
        format!("('+1415' || (2000000 + {} + s.n))", self.first)
    }

    async fn table(&self, table: Table, key: &str, id: &str, differing: &[(&str, String)]) {
        let own = self.id(table);
        let mut differing: Vec<_> = differing
            .iter()
            .map(|(column, sql)| (*column, sql.as_str()))
            .collect();
        differing.push(("id", &own));
        self.rows
            .copy(table.0, (key, id), self.texts, &differing)
            .await;
    }
}
