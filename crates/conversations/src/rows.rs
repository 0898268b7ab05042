//! Messages and attempts read and written many at once.

use std::collections::HashMap;

use db::each::{self, Change};
use entity::id::{MessageId, TenantId};
use entity::{message, message_attempt};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};

/// The messages with these ids, in no order.
pub(crate) async fn messages(
    conn: &impl ConnectionTrait,
    ids: impl Iterator<Item = (TenantId, MessageId)>,
) -> Result<Vec<message::Model>, DbErr> {
    let keys = ids.map(|(tenant, id)| [tenant.into(), Value::from(id)]);
    each::find::<message::Entity, 2>(conn, ["tenant_id", "id"], keys.collect(), "").await
}

/// The messages with these ids, locked together with their people for the rest of the transaction; those
/// that somebody else has locked are left out.
pub(crate) async fn lock_messages(
    tx: &impl ConnectionTrait,
    ids: impl Iterator<Item = (TenantId, MessageId)>,
) -> Result<HashMap<MessageId, message::Model>, DbErr> {
    let keys = ids.map(|(tenant, id)| [tenant.into(), Value::from(id)]);
    let free = match tx.get_database_backend() {
        // The message too, as it is read again only where it is locked: somebody may have had the
        // person, and changed it, since the statement began.
        DbBackend::Postgres => " FOR UPDATE OF leads, messages SKIP LOCKED",
        // Who writes has the database.
        _ => "",
    };
    let join = "JOIN leads ON leads.tenant_id = messages.tenant_id AND leads.id = messages.lead_id";
    let columns = ["messages.tenant_id", "messages.id"];
    let found =
        each::find_joined::<message::Entity, 2>(tx, join, columns, keys.collect(), free).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// These attempts as the database has them, in no order.
pub(crate) async fn attempts<'row>(
    conn: &impl ConnectionTrait,
    rows: impl Iterator<Item = &'row message_attempt::Model>,
) -> Result<Vec<message_attempt::Model>, DbErr> {
    let key = |row: &message_attempt::Model| {
        [
            row.tenant_id.into(),
            row.message_id.into(),
            Value::from(row.number),
        ]
    };
    let columns = ["tenant_id", "message_id", "number"];
    each::find::<message_attempt::Entity, 3>(conn, columns, rows.map(key).collect(), "").await
}

/// What sending and its receipts change of messages; shown to who polls the conversations in which these
/// are the latest.
pub(crate) fn of_messages(rows: &[&message::Model]) -> [Change; 2] {
    let columns = [
        "tenant_id",
        "id",
        "external_id",
        "account_sid",
        "from_number",
        "status",
        "attempts",
        "next_attempt_at",
        "reason",
        "held_reason",
        "sent_at",
        "delivered_at",
        "error_code",
        "error_message",
        "updated_at",
    ];
    let values = rows.iter().map(|row| {
        [
            row.tenant_id.into(),
            row.id.into(),
            row.external_id.clone().into(),
            row.account_sid.clone().into(),
            row.from_number.clone().into(),
            row.status.into(),
            row.attempts.into(),
            row.next_attempt_at.into(),
            row.reason.into(),
            row.held_reason.clone().into(),
            row.sent_at.into(),
            row.delivered_at.into(),
            row.error_code.into(),
            row.error_message.clone().into(),
            Value::from(row.updated_at),
        ]
    });
    [
        Change::new("messages", 2, columns, values),
        of_threads(rows),
    ]
}

/// What is known of attempts.
pub(crate) fn of_attempts<'row>(
    rows: impl Iterator<Item = &'row message_attempt::Model>,
) -> Change {
    let columns = [
        "tenant_id",
        "message_id",
        "number",
        "outcome",
        "sid",
        "status",
        "error_code",
        "error_message",
        "updated_at",
    ];
    let values = rows.map(|row| {
        [
            row.tenant_id.into(),
            row.message_id.into(),
            row.number.into(),
            row.outcome.into(),
            row.sid.clone().into(),
            row.status.clone().into(),
            row.error_code.into(),
            row.error_message.clone().into(),
            Value::from(row.updated_at),
        ]
    });
    Change::new("message_attempts", 3, columns, values)
}

fn of_threads(changed: &[&message::Model]) -> Change {
    let columns = ["tenant_id", "id", "last_message_id", "updated_at"];
    let values = changed.iter().map(|row| {
        [
            row.tenant_id.into(),
            row.conversation_id.into(),
            row.id.into(),
            Value::from(row.updated_at),
        ]
    });
    Change::new("conversations", 3, columns, values)
}
