//! What happened, per tenant and in order, and the answers kept for repeated requests.

use sea_orm_migration::prelude::*;

use crate::columns::{
    big, cascade, create, drop, id, index, json, maybe_integer, maybe_text, table, text, time, tune,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The counters change with everything: there is room to do it in place.
const CHURN: &str = "fillfactor = 50, autovacuum_vacuum_cost_delay = 0";

const TABLES: &[&str] = &["tenant_seq", "events", "idempotency_keys"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            table(
                "tenant_seq",
                vec![
                    id("tenant_id"),
                    big("seq"),
                    big("content_seq"),
                    big("content_minute"),
                    big("forgotten"),
                ],
                &["tenant_id"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
            // The counter above is there for as long as the tenant is, and no event without it.
            table(
                "events",
                vec![
                    id("tenant_id"),
                    big("seq"),
                    text("kind"),
                    json("data"),
                    time("occurred_at"),
                ],
                &["tenant_id", "seq"],
            ),
            table(
                "idempotency_keys",
                vec![
                    id("tenant_id"),
                    text("route"),
                    text("key"),
                    text("body_digest"),
                    maybe_integer("status"),
                    maybe_text("answer"),
                    time("started_at"),
                    time("expires_at"),
                ],
                &["tenant_id", "route", "key"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
        ];
        let indexes = vec![
            index("tenant_seq", &["content_minute"]),
            index("events", &["occurred_at"]),
            index("idempotency_keys", &["expires_at"]),
        ];
        create(manager, tables, indexes).await?;
        tune(manager, "tenant_seq", CHURN).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
