//! The queue: a lane per sending number and the work in it. Times are milliseconds since 1970.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, cascade, create, drop, id, index, integer, maybe_big, maybe_id, maybe_text, table,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["lanes", "lane_entries"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            table(
                "lanes",
                vec![
                    id("id"),
                    id("tenant_id"),
                    big("gap_ms"),
                    big("ready_at_ms"),
                    maybe_big("wake_at_ms"),
                    maybe_text("pause_reason"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade("id", "channels"))
            .take(),
            table(
                "lane_entries",
                vec![
                    id("id"),
                    id("tenant_id"),
                    id("lane_id"),
                    id("payload_id"),
                    integer("class"),
                    integer("weight"),
                    big("due_at_ms"),
                    maybe_id("lease_id"),
                    maybe_big("lease_until_ms"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade("lane_id", "lanes"))
            .take(),
        ];
        let indexes = vec![
            index("lanes", &["wake_at_ms"]),
            index("lane_entries", &["lane_id", "class", "due_at_ms", "id"]),
            index("lane_entries", &["lane_id", "due_at_ms"]),
            index("lane_entries", &["lease_until_ms"]),
            index("lane_entries", &["tenant_id", "payload_id"]),
        ];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
