//! Many rows of our own database, out of the few that the program has made.

use super::copy::Copy;
use super::ours::{CAME_IN, WENT_OUT};
use super::{ACTIVITY, CONVERSATIONS, LEADS, MESSAGES};
use crate::data::Size;
use crate::outcome::Outcome;
use crate::sql::Sql;

/// Which channel has which running number: a table of ours, beside the program's.
const NUMBERS: &str = "INSERT INTO bench_numbers \
     SELECT row_number() OVER (ORDER BY phone_number) - 1, \
     tenant_id, id, account_sid, phone_number FROM channels";

/// A database that is being filled.
pub(super) struct Filling<'a> {
    pub(super) sql: &'a Sql,
    pub(super) size: Size,
}

impl Filling<'_> {
    pub(super) async fn all(&self) -> Outcome {
        self.numbers().await?;
        self.people().await?;
        self.told().await?;
        self.texts().await?;
        self.lanes().await?;
        self.newest().await?;
        self.index().await
    }

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
    pub(super) fn series(&self, count: u64, conversation: &str) -> String {
        format!(
            "{} JOIN bench_numbers AS b ON b.n = {}",
            self.sql.series(count),
            self.size.tenant_sql(conversation)
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

    /// What the program wrote down when somebody texted for the first time.
    async fn told(&self) -> Outcome {
        let lead = format!("(SELECT id FROM leads WHERE phone = '{}')", CAME_IN.1);
        Copy {
            table: "activity",
            pattern: format!("p.lead_id = {lead}"),
            from: self.series(self.size.conversations, "s.n"),
            differing: vec![
                ("id", self.sql.id(ACTIVITY, "s.n")),
                ("tenant_id", "b.tenant_id".into()),
                ("conversation_id", self.sql.id(CONVERSATIONS, "s.n")),
                ("lead_id", self.sql.id(LEADS, "s.n")),
                ("channel_id", "b.channel_id".into()),
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
        let mut inbound = text(them.clone(), us.clone());
        inbound.push(("inbound_sid", self.sid("s.n")));
        let came = of("messages", came, &format!("NOT {out}"), inbound);
        came.run(self.sql).await?;
        let went = format!("p.to_number = '{WENT_OUT}'");
        let went = of("messages", went, &out, text(us, them));
        went.run(self.sql).await?;
        let attempt = vec![
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
                 last_message_at = (SELECT created_at {of}), updated_at = (SELECT created_at {of})"
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
pub(super) fn phone(conversation: &str) -> String {
    format!("('+1415' || (2000000 + {conversation}))")
}
