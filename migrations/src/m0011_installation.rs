//! What this database calls itself, for the store of files to know it by.

use sea_orm_migration::prelude::*;

use crate::columns::{create, drop, id, integer, table, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["installation"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![integer("only"), id("id"), time("swept_at")];
        let tables = vec![table("installation", columns, &["only"])];
        create(manager, tables, Vec::new()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
