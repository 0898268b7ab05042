//! What it takes to fetch files without one that can't be shown ending every worker, and to ask again
//! for those that could not be had; and whether a number sends files at all.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, partial};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn added() -> [(&'static str, ColumnDef); 2] {
    let mms = ColumnDef::new(Alias::new("mms")).boolean().null().take();
    [
        ("media", flag("decoding").default(false).take()),
        ("channels", mms),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in added() {
            let table = Table::alter()
                .table(Alias::new(table))
                .add_column(column)
                .take();
            manager.alter_table(table).await?;
        }
        let failed = Expr::col(Alias::new("reason")).is_not_null();
        manager
            .create_index(partial("media_failed", "media", &["tenant_id"], failed))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .get_connection()
            .execute_unprepared("DROP INDEX media_failed")
            .await?;
        for (table, column) in added().into_iter().rev() {
            let name = column.get_column_name();
            let table = Table::alter()
                .table(Alias::new(table))
                .drop_column(Alias::new(name))
                .take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
