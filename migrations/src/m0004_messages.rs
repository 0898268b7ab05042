//! Messages, the tries at sending them, what Twilio told of each, and the files of each.
//!
//! A text that goes out is changed several times, and no index names what changes then: PostgreSQL
//! enters a row anew into every index of its table as soon as one of them has to know. So what waits to
//! be sent is found in `lane_entries`, a text that went out by the SIDs of its attempts, and what has
//! changed by the minute in which it did.
//!
//! Texts and attempts have no foreign keys: each would look a row up once more that is locked already. A text
//! is written together with its conversation's row, and an attempt under its text's lock; who erases a
//! person takes both.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{
    ROOM, big, cascade, cascade_within, create, drop, flag, id, index, integer, maybe_big,
    maybe_id, maybe_integer, maybe_text, maybe_time, partial, table, text, time, tune, unique,
    updated_minute,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "messages",
    "message_attempts",
    "message_events",
    "media",
    "blobs",
];

/// The status where few texts have it, or have it for long: by it they are found among all.
///
/// Not the status itself: the index would have to know every change, and these come to few.
fn rare_status(backend: DbBackend) -> ColumnDef {
    let is_stored = backend == DbBackend::Postgres;
    let rare = "CASE WHEN status IN ('scheduled', 'undelivered', 'failed', 'canceled', 'read') \
        THEN status END";
    ColumnDef::new(Alias::new("rare_status"))
        .text()
        .generated(Expr::cust(rare), is_stored)
        .take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let tables = vec![
            table(
                "messages",
                vec![
                    id("id"),
                    id("tenant_id"),
                    id("conversation_id"),
                    id("lead_id"),
                    id("channel_id"),
                    text("direction"),
                    text("from_number"),
                    text("to_number"),
                    text("body"),
                    text("status"),
                    maybe_text("account_sid"),
                    maybe_text("external_id"),
                    maybe_text("inbound_sid"),
                    maybe_integer("error_code"),
                    maybe_text("error_message"),
                    integer("num_segments"),
                    text("encoding"),
                    integer("num_media"),
                    text("source"),
                    maybe_id("sent_by_user_id"),
                    text("priority"),
                    integer("attempts"),
                    integer("retries"),
                    maybe_time("scheduled_at"),
                    maybe_time("next_attempt_at"),
                    maybe_time("valid_until"),
                    flag("cancel_on_reply"),
                    flag("caught_up"),
                    maybe_time("sent_at"),
                    maybe_time("delivered_at"),
                    maybe_text("from_city"),
                    maybe_text("from_state"),
                    maybe_text("from_zip"),
                    maybe_text("from_country"),
                    time("created_at"),
                    time("updated_at"),
                    updated_minute(backend),
                    rare_status(backend),
                ],
                &["tenant_id", "id"],
            ),
            table(
                "message_attempts",
                vec![
                    id("tenant_id"),
                    id("message_id"),
                    integer("number"),
                    text("account_sid"),
                    maybe_text("sid"),
                    text("outcome"),
                    maybe_text("status"),
                    maybe_integer("error_code"),
                    maybe_text("error_message"),
                    maybe_time("absent_since"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["tenant_id", "message_id", "number"],
            ),
            // A journal: nothing has to be there for a row, and nothing else goes with it.
            table(
                "message_events",
                vec![
                    id("id"),
                    id("tenant_id"),
                    maybe_id("message_id"),
                    maybe_integer("attempt"),
                    text("sid"),
                    text("status"),
                    maybe_integer("error_code"),
                    time("received_at"),
                ],
                &["id"],
            ),
            table(
                "media",
                vec![
                    id("id"),
                    id("tenant_id"),
                    maybe_id("message_id"),
                    integer("position"),
                    text("content_type"),
                    maybe_text("filename"),
                    maybe_big("size"),
                    maybe_text("digest"),
                    maybe_integer("width"),
                    maybe_integer("height"),
                    maybe_text("fitted_digest"),
                    maybe_big("fitted_size"),
                    maybe_text("thumbnail_digest"),
                    maybe_text("sent_as"),
                    maybe_text("source_url"),
                    text("status"),
                    maybe_text("reason"),
                    integer("tries"),
                    maybe_big("next_try_ms"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade_within("message_id", "messages"))
            .take(),
            table(
                "blobs",
                vec![
                    id("tenant_id"),
                    text("digest"),
                    text("key"),
                    text("content_type"),
                    big("size"),
                    time("used_at"),
                ],
                &["tenant_id", "digest"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
        ];
        let there = |column: &str| Expr::col(Alias::new(column)).is_not_null();
        let missing = |column: &str| Expr::col(Alias::new(column)).is_null();
        let indexes = vec![
            unique("messages", &["tenant_id", "inbound_sid"]),
            index("messages", &["tenant_id", "conversation_id", "id"]),
            index("messages", &["tenant_id", "lead_id", "id"]),
            index("messages", &["tenant_id", "channel_id", "id"]),
            index("messages", &["tenant_id", "updated_minute", "id"]),
            partial(
                "messages_rare",
                "messages",
                &["tenant_id", "rare_status", "id"],
                there("rare_status"),
            ),
            // What a customer's word takes back, among all the texts there were.
            partial(
                "messages_droppable",
                "messages",
                &["tenant_id", "conversation_id"],
                Expr::col(Alias::new("cancel_on_reply")),
            ),
            unique("message_attempts", &["tenant_id", "sid", "account_sid"]),
            index("message_attempts", &["tenant_id", "created_at"]),
            index("message_events", &["tenant_id", "sid"]),
            index("media", &["tenant_id", "message_id", "position"]),
            // By these it is asked whether anything still uses a file.
            index("media", &["tenant_id", "digest"]),
            index("media", &["tenant_id", "fitted_digest"]),
            index("media", &["tenant_id", "thumbnail_digest"]),
            partial(
                "media_to_do",
                "media",
                &["next_try_ms"],
                there("next_try_ms"),
            ),
            partial(
                "media_unused",
                "media",
                &["created_at"],
                missing("message_id"),
            ),
            partial("media_kept", "media", &["created_at"], there("digest")),
            index("blobs", &["used_at"]),
            index("blobs", &["key"]),
        ];
        create(manager, tables, indexes).await?;
        tune(manager, "messages", ROOM).await?;
        tune(manager, "message_attempts", ROOM).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
