//! Tenants, the people in them, their logins and keys.

use sea_orm_migration::prelude::*;

use crate::columns::{
    cascade, create, drop, id, index, integer, json, maybe_json, maybe_text, maybe_time, table,
    text, time, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["tenants", "users", "memberships", "sessions", "api_keys"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            table(
                "tenants",
                vec![
                    id("id"),
                    text("name"),
                    text("default_country"),
                    text("timezone"),
                    json("quiet_hours"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["id"],
            ),
            table(
                "users",
                vec![
                    id("id"),
                    text("email"),
                    text("name"),
                    text("password_hash"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["id"],
            ),
            table(
                "memberships",
                vec![
                    id("tenant_id"),
                    id("user_id"),
                    text("role"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["tenant_id", "user_id"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take()
            .foreign_key(&mut cascade("user_id", "users"))
            .take(),
            table(
                "sessions",
                vec![
                    id("id"),
                    id("tenant_id"),
                    id("user_id"),
                    integer("generation"),
                    time("rotated_at"),
                    maybe_text("attempt_digest"),
                    time("expires_at"),
                    maybe_time("revoked_at"),
                    time("created_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take()
            .foreign_key(&mut cascade("user_id", "users"))
            .take(),
            table(
                "api_keys",
                vec![
                    id("id"),
                    id("tenant_id"),
                    id("created_by"),
                    text("name"),
                    text("prefix"),
                    text("key_hash"),
                    maybe_json("scopes"),
                    maybe_time("expires_at"),
                    maybe_time("last_used_at"),
                    maybe_time("revoked_at"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
        ];
        let indexes = vec![
            unique("users", &["email"]),
            index("memberships", &["user_id"]),
            index("sessions", &["tenant_id", "user_id"]),
            index("sessions", &["expires_at"]),
            unique("api_keys", &["key_hash"]),
            index("api_keys", &["tenant_id", "id"]),
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
