//! The queue: a lane per sending number, the work in it, and who works. Times are milliseconds since
//! 1970, microseconds where the pace counts.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, cascade, create, drop, id, index, integer, maybe_big, maybe_id, maybe_text, partial,
    table, text, tune,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["lane_groups", "lanes", "lane_entries", "workers"];

/// Rows here live for seconds and change several times: dead ones have to go long before a fifth
/// of the table is dead, which is when PostgreSQL would begin.
const CHURN: &str = "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, \
     autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            table(
                "lane_groups",
                vec![
                    id("tenant_id"),
                    text("name"),
                    big("ready_at_ms"),
                    maybe_text("pause_reason"),
                    integer("level"),
                    big("slowed_at_ms"),
                ],
                &["tenant_id", "name"],
            ),
            table(
                "lanes",
                vec![
                    id("id"),
                    id("tenant_id"),
                    text("group_name"),
                    big("gap_us"),
                    big("ready_at_us"),
                    maybe_big("wake_at_ms"),
                    integer("turn"),
                    maybe_id("holder_id"),
                    big("holder_until_ms"),
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
            table("workers", vec![id("id"), big("seen_at_ms")], &["id"]),
        ];
        let free = || Expr::col(Alias::new("lease_id")).is_null();
        let held = Expr::col(Alias::new("lease_until_ms")).is_not_null();
        let indexes = vec![
            index("lanes", &["wake_at_ms"]),
            // A claim reads the beginning of each class; everything else is about the earliest.
            partial(
                "lane_entries_next",
                "lane_entries",
                &["lane_id", "class", "due_at_ms", "id"],
                free(),
            ),
            partial(
                "lane_entries_earliest",
                "lane_entries",
                &["lane_id", "due_at_ms"],
                free(),
            ),
            partial(
                "lane_entries_oldest",
                "lane_entries",
                &["class", "due_at_ms"],
                free(),
            ),
            partial(
                "lane_entries_held",
                "lane_entries",
                &["lease_until_ms"],
                held,
            ),
            index("lane_entries", &["tenant_id", "payload_id"]),
        ];
        create(manager, tables, indexes).await?;
        tune(manager, "lanes", CHURN).await?;
        tune(manager, "lane_entries", CHURN).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
