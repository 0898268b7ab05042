//! What came of it: at Twilio, in the database, and how doubts were settled.

use std::collections::HashSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::prelude::Uuid;
use serde_json::Value;

use crate::harness::Twilio;

use super::super::{Rows, evidence};
use super::watch::Attempt;
use super::{Sender, person, words};

/// All that can be wrong, and what is worth knowing.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    lost: Vec<usize>,
    doubled: Vec<usize>,
    /// Texts that we know less or something else of than Twilio told us.
    wrong: Vec<String>,
    stuck: i64,
    entries: i64,
    messages: String,
    attempts: String,
    struck: Value,
    lists: u64,
}

pub(super) async fn of(twilio: &Twilio, rows: &Rows, senders: &[Sender], texts: usize) -> Verdict {
    let mut at_twilio = evidence::at_twilio(twilio, senders).await;
    let statuses = evidence::statuses(rows).await;
    let state = twilio.state().await;
    let mut verdict = Verdict {
        stuck: rows
            .count("SELECT COUNT(*) FROM messages WHERE status IN ('queued', 'sending')")
            .await,
        entries: rows.count("SELECT COUNT(*) FROM lane_entries").await,
        messages: tally(rows, "messages", "status").await,
        attempts: tally(rows, "message_attempts", "outcome").await,
        struck: state["struck"].clone(),
        lists: state["requests"]["list"].as_u64().unwrap_or_default(),
        ..Verdict::default()
    };
    for n in 0..texts {
        let key = (person(n), words(n));
        let sent = at_twilio.remove(&key).unwrap_or_default();
        match sent.as_slice() {
            [] => verdict.lost.push(n),
            [sent] => verdict
                .wrong
                .extend(evidence::compare(n, sent, statuses.get(&key))),
            _ => verdict.doubled.push(n),
        }
    }
    let unasked = at_twilio.into_keys();
    verdict
        .wrong
        .extend(unasked.map(|key| format!("{key:?} was not asked for")));
    verdict
}

async fn tally(rows: &Rows, table: &str, column: &str) -> String {
    rows.tally(&format!(
        "SELECT {column}, COUNT(*) FROM {table} GROUP BY {column} ORDER BY {column}"
    ))
    .await
}

impl Verdict {
    #[track_caller]
    pub(super) fn expect_perfect(&self) {
        assert!(self.lost.is_empty(), "never sent: {:?}", self.lost);
        assert!(self.doubled.is_empty(), "sent twice: {:?}", self.doubled);
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        assert_eq!((self.stuck, self.entries), (0, 0), "stuck, left in lanes");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lost, {} doubled, {} wrong, {} stuck, {} left in lanes\n  messages: {}\n  \
             attempts: {}; {} lists asked for\n  faults that struck: {}",
            self.lost.len(),
            self.doubled.len(),
            self.wrong.len(),
            self.stuck,
            self.entries,
            self.messages,
            self.attempts,
            self.lists,
            self.struck,
        )
    }
}

/// How doubts were settled.
#[derive(Debug, Default)]
pub(super) struct Settled {
    by_callback: usize,
    by_list: usize,
    never_sent: usize,
    open: usize,
}

/// A list is never asked before its time, so what was told before that was told by a callback.
pub(super) async fn settled(rows: &Rows, doubtful: &HashSet<Attempt>, after: u64) -> Settled {
    let told = "SELECT a.message_id, a.outcome, a.created_at, \
         (SELECT MIN(e.received_at) FROM message_events e WHERE e.sid = a.sid), a.number \
         FROM message_attempts a";
    let mut settled = Settled::default();
    for row in rows.all(told).await {
        let message: Uuid = row.try_get_by_index(0).unwrap();
        if !doubtful.contains(&(message, row.try_get_by_index(4).unwrap())) {
            continue;
        }
        let outcome: String = row.try_get_by_index(1).unwrap();
        let begun: DateTime<Utc> = row.try_get_by_index(2).unwrap();
        let told: Option<DateTime<Utc>> = row.try_get_by_index(3).unwrap();
        let first_list = begun + TimeDelta::seconds(after as i64);
        match outcome.as_str() {
            "accepted" if told.is_some_and(|at| at < first_list) => settled.by_callback += 1,
            "accepted" => settled.by_list += 1,
            "absent" => settled.never_sent += 1,
            _ => settled.open += 1,
        }
    }
    settled
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "outcomes in doubt: {} settled by a callback, {} by Twilio's list, {} never sent and \
             sent again, {} open",
            self.by_callback, self.by_list, self.never_sent, self.open
        )
    }
}
