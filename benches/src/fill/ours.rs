//! Fills our own database: businesses and channels by the API, which seals their tokens, then many
//! rows out of a few that the program has made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::copy::Copy;
use super::{ATTEMPTS, CONVERSATIONS, ENTRIES, LEADS, MESSAGES, QUEUED, text_of};
use crate::data::{Size, Tenant};
use crate::http::Client;
use crate::load::{Feed, Pace, Plan, send};
use crate::outcome::Outcome;
use crate::sql::Sql;
use crate::subject::{Ours, PASSWORD, PUBLIC_URL, Subject};
use crate::twilio::Twilio;
use crate::webhook;

/// The patterns are texts between the first tenant and these people.
const CAME_IN: (&str, &str) = ("SM2a000000000000000000000000000000", "+14155550101");
const WENT_OUT: &str = "+14155550102";
const WAITS: &str = "+14155550103";

/// How fast a number may send: the most that the API takes, so that no number's pace is what is
/// measured.
const PACE: f64 = 1000.0;

/// How long the pattern may take to be sent.
const SENT_WITHIN: Duration = Duration::from_secs(30);

pub(crate) async fn fill(ours: &Ours, twilio: &Twilio) -> Outcome {
    let server = ours.start(&twilio.url(), true).await?;
    let client = Client::new(server.address());
    server.explain(tenants(&client, ours.size()).await)?;
    server.explain(patterns(ours, &client, server.address()).await)?;
    server.stop().await?;
    let sql = ours.sql();
    if !sql.is_postgres() {
        // Nobody needs a half-filled file after a power cut.
        sql.run("PRAGMA synchronous = OFF").await?;
        sql.run("PRAGMA cache_size = -500000").await?;
        sql.run("PRAGMA foreign_keys = OFF").await?;
    }
    let filling = Filling {
        sql,
        size: ours.size(),
    };
    filling.numbers().await?;
    filling.people().await?;
    filling.texts().await?;
    filling.lanes().await?;
    filling.newest().await?;
    filling.index().await?;
    sql.tidy().await
}

async fn tenants(client: &Client, size: Size) -> Outcome {
    // Each password takes memory and a processor.
    let turns = Arc::new(Semaphore::new(4));
    let mut tasks = JoinSet::new();
    for n in 0..size.tenants {
        let (client, turns) = (client.clone(), Arc::clone(&turns));
        tasks.spawn(async move {
            let _turn = turns.acquire().await?;
            tenant(&client, &Tenant::nth(n)).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn tenant(client: &Client, tenant: &Tenant) -> Outcome {
    let owner = json!({
        "tenant_name": format!("Business {}", tenant.n), "name": "Ann",
        "email": tenant.email(), "password": PASSWORD,
    });
    let login = client.post("/api/v1/auth/register", owner, 201).await?;
    let api = client.with_token(login["token"].as_str().unwrap_or_default());
    let channel = json!({
        "type": "twilio_sms", "name": "Front desk", "status": "active",
        "settings": {"messages_per_second": PACE},
        "credentials": {
            "accountSid": tenant.account_sid, "authToken": tenant.auth_token,
            "phoneNumber": tenant.number,
        },
    });
    api.post("/api/v1/channels", channel, 201).await.map(drop)
}

/// One text that came in, one that went out, and one that waits.
async fn patterns(ours: &Ours, client: &Client, address: &str) -> Outcome {
    let first = Tenant::nth(0);
    let fields = webhook::inbound(&first, CAME_IN.0, CAME_IN.1, "Is there a table tonight?");
    let request = webhook::prepare(PUBLIC_URL, ours.sms_path(), &first, &fields)?;
    let load = send(Plan {
        address: address.to_owned(),
        feed: Feed::Once(Arc::new(vec![request])),
        pace: Pace::Closed,
        connections: 1,
        length: Duration::from_secs(5),
    });
    let load = load.await?;
    if load.answered != 1 {
        return Err(format!("the first webhook was not taken: {:?}", load.failures).into());
    }
    let owner = json!({"email": first.email(), "password": PASSWORD});
    let login = client.post("/api/v1/auth/login", owner, 200).await?;
    let api = client.with_token(login["token"].as_str().unwrap_or_default());
    let text = "Your table is booked.";
    let out = json!({"to": WENT_OUT, "body": text});
    api.post("/api/v1/messages", out, 202).await?;
    let tomorrow = if ours.sql().is_postgres() {
        r#"SELECT to_char((now() AT TIME ZONE 'utc') + interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#
    } else {
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+1 day')"
    };
    let waits = json!({"to": WAITS, "body": text, "send_at": ours.sql().text(tomorrow).await?});
    api.post("/api/v1/messages", waits, 202).await?;
    let end = Instant::now() + SENT_WITHIN;
    let sent = format!(
        "SELECT COUNT(*) FROM messages WHERE to_number = '{WENT_OUT}' AND external_id IS NOT NULL"
    );
    while ours.sql().count(&sent).await? == 0 {
        if Instant::now() > end {
            return Err("the first text was not sent".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Which channel has which running number: a table of ours, beside the program's.
const NUMBERS: &str = "INSERT INTO bench_numbers \
     SELECT row_number() OVER (ORDER BY phone_number) - 1, \
     tenant_id, id, account_sid, phone_number FROM channels";

struct Filling<'a> {
    sql: &'a Sql,
    size: Size,
}

impl Filling<'_> {
    async fn numbers(&self) -> Outcome {
        let id = if self.sql.is_postgres() {
            "uuid"
        } else {
            "blob"
        };
        self.sql
            .run(&format!(
                "CREATE TABLE bench_numbers (n bigint PRIMARY KEY, tenant_id {id} NOT NULL, \
                 channel_id {id} NOT NULL, account_sid text NOT NULL, number text NOT NULL)"
            ))
            .await?;
        self.sql.run(NUMBERS).await
    }

    /// The numbers from 0 with the channel that each is a conversation of.
    fn series(&self, count: u64, conversation: &str) -> String {
        format!(
            "{} JOIN bench_numbers AS b ON b.n = {conversation} % {}",
            self.sql.series(count),
            self.size.tenants
        )
    }

    async fn people(&self) -> Outcome {
        let from = self.series(self.size.conversations, "s.n");
        Copy {
            table: "leads",
            pattern: format!("p.phone = '{}'", CAME_IN.1),
            from: from.clone(),
            differing: vec![
                ("id", self.sql.id(LEADS, "s.n")),
                ("tenant_id", "b.tenant_id".into()),
                ("phone", phone("s.n")),
            ],
        }
        .run(self.sql)
        .await?;
        Copy {
            table: "conversations",
            pattern: format!("p.remote_address = '{}'", CAME_IN.1),
            from,
            differing: vec![
                ("id", self.sql.id(CONVERSATIONS, "s.n")),
                ("tenant_id", "b.tenant_id".into()),
                ("channel_id", "b.channel_id".into()),
                ("lead_id", self.sql.id(LEADS, "s.n")),
                (
                    "remote_jid",
                    format!("'sms_' || substr({}, 2)", phone("s.n")),
                ),
                ("remote_address", phone("s.n")),
            ],
        }
        .run(self.sql)
        .await
    }

    async fn texts(&self) -> Outcome {
        let conversation = self.size.conversation_sql("s.n");
        let out = self.size.went_out_sql("s.n");
        let of = |table, pattern, condition: &str, more: Vec<(&'static str, String)>| {
            let mut differing = vec![
                ("tenant_id", "b.tenant_id".to_owned()),
                ("account_sid", "b.account_sid".to_owned()),
                ("created_at", self.earlier("s.n")),
                ("updated_at", self.earlier("s.n")),
            ];
            differing.extend(more);
            Copy {
                table,
                pattern,
                from: format!(
                    "{} AND {condition}",
                    self.series(self.size.messages, &conversation)
                ),
                differing,
            }
        };
        let text = |from: String, to: String| {
            vec![
                ("id", self.sql.id(MESSAGES, "s.n")),
                ("conversation_id", self.sql.id(CONVERSATIONS, &conversation)),
                ("lead_id", self.sql.id(LEADS, &conversation)),
                ("channel_id", "b.channel_id".to_owned()),
                ("external_id", self.sid("s.n")),
                ("from_number", from),
                ("to_number", to),
                (
                    "body",
                    "'A text as people write them, no. ' || s.n".to_owned(),
                ),
            ]
        };
        let (them, us) = (phone(&conversation), "b.number".to_owned());
        let came = format!("p.external_id = '{}'", CAME_IN.0);
        let came = of(
            "messages",
            came,
            &format!("NOT {out}"),
            text(them.clone(), us.clone()),
        );
        came.run(self.sql).await?;
        let went = format!("p.to_number = '{WENT_OUT}'");
        let went = of("messages", went, &out, text(us, them));
        went.run(self.sql).await?;
        let attempt = vec![
            ("id", self.sql.id(ATTEMPTS, "s.n")),
            ("message_id", self.sql.id(MESSAGES, "s.n")),
            ("sid", self.sid("s.n")),
        ];
        // There is one attempt so far.
        let attempt = of(
            "message_attempts",
            "p.sid IS NOT NULL".into(),
            &out,
            attempt,
        );
        attempt.run(self.sql).await
    }

    /// As in [`crate::data::old_sid`].
    fn sid(&self, n: &str) -> String {
        format!("'SM0' || {}", self.sql.hex(n, 31))
    }

    /// The later a message's number, the later its time: a second between two.
    fn earlier(&self, n: &str) -> String {
        let ago = format!("({} - {n})", self.size.messages);
        if self.sql.is_postgres() {
            return format!("p.created_at - {ago} * interval '1 second'");
        }
        format!(
            "strftime('%Y-%m-%dT%H:%M:%f', p.created_at, '-' || {ago} || ' seconds') || '+00:00'"
        )
    }

    /// A lane for each number but the first, which has one; asleep.
    async fn lanes(&self) -> Outcome {
        Copy {
            table: "lanes",
            pattern: "p.id = (SELECT channel_id FROM bench_numbers WHERE n = 0)".into(),
            from: "(SELECT * FROM bench_numbers WHERE n > 0) AS b".into(),
            differing: vec![
                ("id", "b.channel_id".into()),
                ("tenant_id", "b.tenant_id".into()),
                ("group_name", "b.account_sid".into()),
                ("wake_at_ms", "NULL".into()),
            ],
        }
        .run(self.sql)
        .await
    }

    /// Each conversation's latest text, found as the program would.
    async fn newest(&self) -> Outcome {
        let of = "FROM messages WHERE messages.tenant_id = conversations.tenant_id \
             AND messages.conversation_id = conversations.id ORDER BY messages.id DESC LIMIT 1";
        self.sql
            .run(&format!(
                "UPDATE conversations SET last_message_id = (SELECT id {of}), \
                 last_message_at = (SELECT created_at {of})"
            ))
            .await
    }

    /// The search's index takes what was there before as known: filling it in belongs to no path, and
    /// would run beside all of them.
    async fn index(&self) -> Outcome {
        self.sql
            .run(
                "INSERT INTO search_progress (tenant_id, seq, turn, updated_at) \
                 SELECT tenant_seq.tenant_id, seq, 0, created_at FROM tenant_seq \
                 JOIN tenants ON tenants.id = tenant_seq.tenant_id WHERE TRUE \
                 ON CONFLICT (tenant_id) DO UPDATE SET filling_kind = NULL, filled_from = NULL",
            )
            .await
    }
}

/// As in [`crate::data::customer`].
fn phone(conversation: &str) -> String {
    format!("('+1415' || (2000000 + {conversation}))")
}

/// Puts texts into the queue, half of them replies, spread over all numbers.
pub(crate) async fn queue(sql: &Sql, size: Size, run: u32, texts: u64) -> Outcome {
    let filling = Filling { sql, size };
    let conversation = format!("(s.n % {})", size.conversations);
    let from = filling.series(texts, &conversation);
    let number = format!("(s.n + {})", u64::from(run & 0xffff) * 10_000_000);
    let reply = format!("(s.n / {}) % 2 = 0", size.tenants);
    let message = Copy {
        table: "messages",
        pattern: format!("p.to_number = '{WAITS}'"),
        from: from.clone(),
        differing: vec![
            ("id", sql.id(QUEUED, &number)),
            ("tenant_id", "b.tenant_id".into()),
            ("conversation_id", sql.id(CONVERSATIONS, &conversation)),
            ("lead_id", sql.id(LEADS, &conversation)),
            ("channel_id", "b.channel_id".into()),
            ("from_number", "b.number".into()),
            ("to_number", phone(&conversation)),
            ("body", format!("'{}' || s.n", text_of(run))),
            (
                "priority",
                format!("CASE WHEN {reply} THEN 'reply' ELSE 'normal' END"),
            ),
            ("status", "'queued'".into()),
            ("scheduled_at", "NULL".into()),
        ],
    };
    let entry = Copy {
        table: "lane_entries",
        pattern: format!("p.payload_id = (SELECT id FROM messages WHERE to_number = '{WAITS}')"),
        from,
        differing: vec![
            ("id", sql.id(ENTRIES, &number)),
            ("tenant_id", "b.tenant_id".into()),
            ("lane_id", "b.channel_id".into()),
            ("payload_id", sql.id(QUEUED, &number)),
            ("class", format!("CASE WHEN {reply} THEN 0 ELSE 1 END")),
            ("due_at_ms", sql.now_ms().into()),
        ],
    };
    // SQLite's lock is taken at once: what reads first may not write any more when others have.
    let begin = if sql.is_postgres() {
        "BEGIN"
    } else {
        "BEGIN IMMEDIATE"
    };
    sql.run(begin).await?;
    message.run(sql).await?;
    entry.run(sql).await?;
    sql.run("ANALYZE lane_entries").await?;
    sql.run(&format!("UPDATE lanes SET wake_at_ms = {}", sql.now_ms()))
        .await?;
    sql.run("COMMIT").await
}
