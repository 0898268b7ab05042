//! Fills the peer's database with the same.

use super::text_of;
use crate::data::{Size, Tenant};
use crate::outcome::Outcome;
use crate::sql::Sql;
use crate::subject::{Peer, Subject};

pub(crate) async fn fill(peer: &Peer) -> Outcome {
    let (sql, size) = (peer.sql(), peer.size());
    tenants(sql, size).await?;
    let of_channel = format!("{} + 1", size.tenant_sql("s.n"));
    let series = sql.series(size.conversations);
    sql.run(&format!(
        "INSERT INTO leads (id, tenant_id, phone, last_contact_at) \
         SELECT s.n + 1, {of_channel}, '+1415' || (2000000 + s.n), now() FROM {series}"
    ))
    .await?;
    sql.run(&format!(
        "INSERT INTO conversations (id, tenant_id, channel_id, lead_id, unread_count) \
         SELECT s.n + 1, {of_channel}, {of_channel}, s.n + 1, 1 FROM {series}"
    ))
    .await?;
    messages(sql, size).await?;
    newest(sql).await?;
    for table in ["leads", "conversations", "messages"] {
        sql.run(&format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        ))
        .await?;
    }
    sql.tidy().await
}

async fn tenants(sql: &Sql, size: Size) -> Outcome {
    let mut rows = Vec::new();
    for tenant in (0..size.tenants).map(Tenant::nth) {
        let id = tenant.n + 1;
        rows.push(format!(
            "({id}, '{}', '{}', '{}', '{}')",
            tenant.email(),
            tenant.account_sid,
            tenant.auth_token,
            tenant.number
        ));
    }
    let given = format!(
        "(VALUES {}) AS v (id, email, account_sid, auth_token, number)",
        rows.join(", ")
    );
    for insert in [
        "INSERT INTO tenants (id, name) SELECT id, 'Business ' || id",
        "INSERT INTO users (id, tenant_id, email, role) SELECT id, id, email, 'owner'",
        "INSERT INTO sessions (id, user_id, expires_at) SELECT id, id, now() + interval '30 days'",
        "INSERT INTO channels (id, tenant_id, account_sid, auth_token, phone_number) \
         SELECT id, id, account_sid, auth_token, number",
    ] {
        sql.run(&format!("{insert} FROM {given}")).await?;
    }
    Ok(())
}

async fn messages(sql: &Sql, size: Size) -> Outcome {
    let (conversation, out) = (size.conversation_sql("s.n"), size.went_out_sql("s.n"));
    let (series, sid) = (sql.series(size.messages), sql.hex("s.n", 31));
    let (us, them) = ("c.phone_number", "l.phone");
    let later = format!("now() - ({} - s.n) * interval '1 second'", size.messages);
    sql.run(&format!(
        "INSERT INTO messages (id, tenant_id, conversation_id, direction, from_number, to_number, \
           body, status, status_rank, sid, from_city, from_state, from_zip, from_country, \
           created_at, updated_at) \
         SELECT s.n + 1, l.tenant_id, l.id, \
           CASE WHEN {out} THEN 'outbound' ELSE 'inbound' END, \
           CASE WHEN {out} THEN {us} ELSE {them} END, CASE WHEN {out} THEN {them} ELSE {us} END, \
           'A text as people write them, no. ' || s.n, \
           CASE WHEN {out} THEN 'sent' ELSE 'received' END, CASE WHEN {out} THEN 3 ELSE 0 END, \
           'SM0' || {sid}, 'SAN FRANCISCO', 'CA', '94103', 'US', {later}, {later} \
         FROM {series} JOIN leads l ON l.id = {conversation} + 1 \
         JOIN channels c ON c.id = l.tenant_id ORDER BY s.n"
    ))
    .await
}

async fn newest(sql: &Sql) -> Outcome {
    sql.run(
        "UPDATE conversations SET last_message_body = m.body, \
           last_message_direction = m.direction, last_message_at = m.created_at \
         FROM (SELECT DISTINCT ON (conversation_id) conversation_id, body, direction, created_at \
           FROM messages ORDER BY conversation_id, id DESC) AS m \
         WHERE m.conversation_id = conversations.id",
    )
    .await
}

/// Puts texts into the queue, spread over all numbers.
pub(crate) async fn queue(sql: &Sql, size: Size, run: u32, texts: u64) -> Outcome {
    let series = sql.series(texts);
    sql.run("BEGIN").await?;
    sql.run(&format!(
        "INSERT INTO messages (tenant_id, conversation_id, direction, from_number, to_number, \
           body, status, status_rank) \
         SELECT l.tenant_id, l.id, 'outbound', c.phone_number, l.phone, '{}' || s.n, 'queued', 1 \
         FROM {series} JOIN leads l ON l.id = {} + 1 \
         JOIN channels c ON c.id = l.tenant_id",
        text_of(run),
        size.waiting_sql("s.n")
    ))
    .await?;
    sql.run("ANALYZE messages").await?;
    sql.run("COMMIT").await
}
