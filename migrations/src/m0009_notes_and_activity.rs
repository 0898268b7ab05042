//! Notes, activity, labels as things of their own, and what the counts of the inbox are read from.
//!
//! Labels were texts in a list that each conversation had. The step makes a label of each and ties
//! it to those conversations; of names that differ in case alone, the first is kept. The list goes:
//! nothing has been released that reads it.
//!
//! What the step names has to be the same for ever, so it folds names by itself and does not ask
//! the crates above.

use sea_orm_migration::prelude::*;

use crate::columns::{
    cascade, cascade_within, create, drop, id, index, json, maybe_id, partial, table, text, time,
    unique,
};
use crate::labels;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["notes", "activity", "labels", "conversation_labels"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, tables(), indexes()).await?;
        labels::from_lists(manager).await?;
        manager
            .alter_table(list().drop_column("labels").take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = json("labels");
        column.default("[]");
        manager
            .alter_table(list().add_column(column).take())
            .await?;
        labels::into_lists(manager).await?;
        for name in COUNTS {
            let index = Index::drop().name(name).table("conversations").to_owned();
            manager.drop_index(index).await?;
        }
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn list() -> TableAlterStatement {
    Table::alter().table("conversations").take()
}

fn tables() -> Vec<TableCreateStatement> {
    let notes = vec![
        id("tenant_id"),
        id("id"),
        id("conversation_id"),
        maybe_id("author_id"),
        text("body"),
        time("created_at"),
        time("updated_at"),
    ];
    let activity = vec![
        id("tenant_id"),
        id("id"),
        text("kind"),
        maybe_id("actor_id"),
        maybe_id("conversation_id"),
        maybe_id("lead_id"),
        maybe_id("channel_id"),
        json("data"),
        time("created_at"),
    ];
    let labels = vec![
        id("tenant_id"),
        id("id"),
        text("name"),
        text("folded"),
        text("color"),
        time("created_at"),
        time("updated_at"),
    ];
    let carried = vec![id("tenant_id"), id("conversation_id"), id("label_id")];
    let of_tenant = |table: TableCreateStatement| {
        let mut table = table;
        table
            .foreign_key(&mut cascade("tenant_id", "tenants"))
            .take()
    };
    let carried = table(
        "conversation_labels",
        carried,
        &["tenant_id", "conversation_id", "label_id"],
    )
    // A label that is removed is taken off.
    .foreign_key(&mut cascade_within("label_id", "labels"))
    .take();
    vec![
        of_tenant(table("notes", notes, &["tenant_id", "id"])),
        of_tenant(table("activity", activity, &["tenant_id", "id"])),
        of_tenant(table("labels", labels, &["tenant_id", "id"])),
        of_tenant(carried),
    ]
}

/// The indexes on `conversations`, by name.
const COUNTS: [&str; 2] = ["conversations_standing", "conversations_unread"];

fn indexes() -> Vec<IndexCreateStatement> {
    let is_wide = Expr::col("conversation_id").is_null();
    let is_unread = Expr::col("unread_count").gt(0);
    vec![
        index("notes", &["tenant_id", "conversation_id", "id"]),
        index("activity", &["tenant_id", "conversation_id", "id"]),
        index("activity", &["tenant_id", "lead_id", "id"]),
        // What concerns a lead as such is part of the timeline of each of their conversations.
        partial(
            "activity_wide",
            "activity",
            &["tenant_id", "lead_id", "id"],
            is_wide,
        ),
        index("activity", &["tenant_id", "kind", "id"]),
        unique("labels", &["tenant_id", "folded"]),
        index(
            "conversation_labels",
            &["tenant_id", "label_id", "conversation_id"],
        ),
        index(
            "conversations",
            &["tenant_id", "status", "assigned_user_id"],
        )
        .name(COUNTS[0])
        .take(),
        partial(
            COUNTS[1],
            "conversations",
            &["tenant_id", "assigned_user_id"],
            is_unread,
        ),
    ]
}
