//! How far each account's list at Twilio has been compared with ours, and what must not come back.

use sea_orm_migration::prelude::*;

use crate::columns::{big, create, drop, id, index, integer, table, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["catch_ups", "erased_texts"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            table(
                "catch_ups",
                vec![
                    id("tenant_id"),
                    text("account_sid"),
                    time("through"),
                    big("next_at_ms"),
                    integer("failures"),
                ],
                &["tenant_id", "account_sid"],
            ),
            table(
                "erased_texts",
                vec![id("tenant_id"), text("sid"), time("erased_at")],
                &["tenant_id", "sid"],
            ),
        ];
        let indexes = vec![
            index("catch_ups", &["next_at_ms"]),
            index("erased_texts", &["erased_at"]),
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
