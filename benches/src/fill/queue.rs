//! What waits to be sent in our own database.

use super::copy::Copy;
use super::ours::WAITS;
use super::rows::{Filling, phone};
use super::{CONVERSATIONS, ENTRIES, LEADS, QUEUED, text_of};
use crate::data::Size;
use crate::outcome::Outcome;
use crate::sql::Sql;

/// Puts texts into the queue, half of them replies, spread over all numbers.
pub(crate) async fn fill(sql: &Sql, size: Size, run: u32, texts: u64) -> Outcome {
    let filling = Filling { sql, size };
    let conversation = size.waiting_sql("s.n");
    let from = filling.series(texts, &conversation);
    let number = format!("(s.n + {})", u64::from(run & 0xffff) * 10_000_000);
    let reply = format!("(s.n / {}) % 2 = 0", size.large);
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
    // Only those in which something waits, as the program does: the others have nothing to wake for.
    sql.run(&format!(
        "UPDATE lanes SET wake_at_ms = {0} WHERE id IN \
         (SELECT lane_id FROM lane_entries WHERE due_at_ms <= {0})",
        sql.now_ms()
    ))
    .await?;
    sql.run("COMMIT").await
}
