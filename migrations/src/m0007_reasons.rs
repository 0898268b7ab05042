//! Why a message waits or has ended, and how a lead came to be opted out.
//!
//! What quiet hours hold back is looked at again when they change: the index finds it among all the
//! messages that ever were. A text on its usual way never changes `reason`, so the index costs it
//! nothing.

use sea_orm_migration::prelude::*;

use crate::columns::maybe_text;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [(&str, &str); 4] = [
    ("messages", "reason"),
    ("messages", "held_reason"),
    ("leads", "sms_opt_out_number"),
    ("leads", "sms_opt_out_source"),
];

const HELD: &str = "CREATE INDEX messages_held ON messages (tenant_id, lead_id) \
     WHERE reason = 'quiet_hours'";

const FILL: &str = "UPDATE leads SET \
     sms_opt_out_number = (SELECT our_number FROM opt_outs \
       WHERE opt_outs.tenant_id = leads.tenant_id AND opt_outs.phone = leads.phone), \
     sms_opt_out_source = (SELECT source FROM opt_outs \
       WHERE opt_outs.tenant_id = leads.tenant_id AND opt_outs.phone = leads.phone) \
     WHERE sms_opt_out";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            let table = Table::alter()
                .table(Alias::new(table))
                .add_column(maybe_text(column))
                .take();
            manager.alter_table(table).await?;
        }
        let connection = manager.get_connection();
        connection.execute_unprepared(FILL).await?;
        connection.execute_unprepared(HELD).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DROP INDEX messages_held")
            .await?;
        for (table, column) in COLUMNS.into_iter().rev() {
            let table = Table::alter()
                .table(Alias::new(table))
                .drop_column(Alias::new(column))
                .take();
            manager.alter_table(table).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
