//! Numbers with their sealed credentials. The indexes without a tenant serve routing, which has to find the tenant.

use sea_orm_migration::prelude::*;

use crate::columns::{
    cascade, create, drop, flag, id, index, integer, json, maybe_id, maybe_time, referred_to, text,
    time, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["channels"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            referred_to(
                "channels",
                vec![
                    id("id"),
                    id("tenant_id"),
                    maybe_id("user_id"),
                    text("type"),
                    text("name"),
                    text("status"),
                    text("mode"),
                    flag("is_default"),
                    text("phone_number"),
                    text("account_sid"),
                    json("credentials"),
                    text("key_id"),
                    json("settings"),
                    integer("version"),
                    maybe_time("deleted_at"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
        ];
        let indexes = vec![
            unique("channels", &["tenant_id", "account_sid", "phone_number"]),
            index("channels", &["account_sid", "phone_number"]),
            index("channels", &["key_id", "id"]),
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
