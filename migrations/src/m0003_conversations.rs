//! Leads, conversations, and who must not be texted.

use sea_orm_migration::prelude::*;

use crate::columns::{
    ROOM, cascade, cascade_within, create, drop, flag, id, index, integer, json, maybe_id,
    maybe_text, maybe_time, partial, table, text, time, tune, unique, updated_minute,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["leads", "lead_tags", "conversations", "opt_outs"];

/// Every text moves its conversation within the indexes by which lists go: what it leaves behind has to
/// go long before a fifth of the table is dead, which is when PostgreSQL would begin.
const CHURN: &str = "fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, \
     autovacuum_vacuum_cost_delay = 0";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            table(
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
                &["tenant_id", "id"],
            )
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take(),
            table(
                "lead_tags",
                vec![id("tenant_id"), text("tag"), id("lead_id")],
                &["tenant_id", "tag", "lead_id"],
            )
            .foreign_key(&mut cascade_within("lead_id", "leads"))
            .take(),
            table(
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
                    updated_minute(manager.get_database_backend()),
                ],
                &["tenant_id", "id"],
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
            index("leads", &["tenant_id", "status", "id"]),
            index("lead_tags", &["tenant_id", "lead_id"]),
            unique("conversations", &["tenant_id", "channel_id", "remote_jid"]),
            index("conversations", &["tenant_id", "last_message_at", "id"]),
            index("conversations", &["tenant_id", "updated_minute", "id"]),
            index("conversations", &["tenant_id", "lead_id"]),
            // The order of the inbox by who waits, and that by what is unread; those that are in neither
            // follow in an order that is there already.
            partial(
                "conversations_waiting",
                "conversations",
                &["tenant_id", "waiting_since", "id"],
                Expr::col(Alias::new("waiting_since")).is_not_null(),
            ),
            partial(
                "conversations_unread_newest",
                "conversations",
                &["tenant_id", "last_message_at", "id"],
                Expr::col(Alias::new("unread_count")).gt(0),
            ),
            partial(
                "conversations_snoozed",
                "conversations",
                &["snoozed_until"],
                Expr::col(Alias::new("snoozed_until")).is_not_null(),
            ),
        ];
        create(manager, tables, indexes).await?;
        tune(manager, "leads", ROOM).await?;
        tune(manager, "conversations", CHURN).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
