//! Leads, conversations, and who must not be texted.

use sea_orm_migration::prelude::*;

use crate::columns::{
    cascade, cascade_within, create, drop, flag, id, index, integer, json, maybe_id, maybe_text,
    maybe_time, referred_to, table, text, time, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["leads", "conversations", "opt_outs"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            referred_to(
                "leads",
                vec![
                    id("id"),
                    id("tenant_id"),
                    maybe_text("phone"),
                    maybe_text("name"),
                    maybe_text("email"),
                    text("source"),
                    text("status"),
                    json("tags"),
                    flag("sms_enabled"),
                    maybe_time("last_sms_at"),
                    flag("sms_opt_out"),
                    maybe_time("last_contact_at"),
                    maybe_text("country"),
                    maybe_text("timezone"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
            referred_to(
                "conversations",
                vec![
                    id("id"),
                    id("tenant_id"),
                    id("channel_id"),
                    id("lead_id"),
                    text("remote_jid"),
                    text("remote_address"),
                    text("status"),
                    maybe_time("snoozed_until"),
                    maybe_id("assigned_user_id"),
                    text("control"),
                    maybe_time("control_since"),
                    maybe_id("control_user_id"),
                    integer("unread_count"),
                    text("priority"),
                    json("labels"),
                    maybe_id("last_message_id"),
                    time("last_message_at"),
                    maybe_time("waiting_since"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut cascade_within("channel_id", "channels"))
            .take()
            .foreign_key(&mut cascade_within("lead_id", "leads"))
            .take(),
            table(
                "opt_outs",
                vec![
                    id("tenant_id"),
                    text("phone"),
                    text("source"),
                    maybe_id("channel_id"),
                    maybe_text("our_number"),
                    time("created_at"),
                ],
                &["tenant_id", "phone"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
        ];
        let indexes = vec![
            unique("leads", &["tenant_id", "phone"]),
            index("leads", &["tenant_id", "updated_at", "id"]),
            unique("conversations", &["tenant_id", "channel_id", "remote_jid"]),
            index("conversations", &["tenant_id", "last_message_at", "id"]),
            index("conversations", &["tenant_id", "updated_at", "id"]),
            index("conversations", &["tenant_id", "lead_id"]),
            index("conversations", &["snoozed_until"]),
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
