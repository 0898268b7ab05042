//! The schema, one small step per file, for SQLite and PostgreSQL alike.
//!
//! Ids are UUIDs in version 7, made by us, so they sort by time on both databases. Every table of
//! a tenant's begins its key or an index with `tenant_id`. Money is in micro-units, times are UTC.

mod columns;
mod labels;
mod m0001_accounts;
mod m0002_channels;
mod m0003_conversations;
mod m0004_messages;
mod m0005_queue;
mod m0006_events;
mod m0007_reasons;
mod m0008_catch_up;
mod m0009_notes_and_activity;
mod m0010_search_and_imports;
mod m0011_installation;
mod m0012_files;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait,
};

/// All steps, oldest first.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_accounts::Migration),
            Box::new(m0002_channels::Migration),
            Box::new(m0003_conversations::Migration),
            Box::new(m0004_messages::Migration),
            Box::new(m0005_queue::Migration),
            Box::new(m0006_events::Migration),
            Box::new(m0007_reasons::Migration),
            Box::new(m0008_catch_up::Migration),
            Box::new(m0009_notes_and_activity::Migration),
            Box::new(m0010_search_and_imports::Migration),
            Box::new(m0011_installation::Migration),
            Box::new(m0012_files::Migration),
        ]
    }
}

/// `pg_advisory_xact_lock` key: "trunklin" in ASCII.
const LOCK: i64 = 0x7472_756e_6b6c_696e;

/// Brings the schema up. Several replicas may do it at once: one works, the others wait.
///
/// On PostgreSQL an advisory lock keeps them apart, since two that create the same table at once
/// fail; it is held on a second connection, so the pool needs two. A limit for
/// statements that the pool has holds for the steps. On SQLite every step is one
/// transaction and the caller keeps other processes away.
///
/// # Errors
/// When the database is away or a step fails; steps before it stay.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Migrator::up(db, None).await;
    }
    let lock = db.begin().await?;
    // Waiting for another replica's migrations takes as long as they do.
    lock.execute_unprepared("SET LOCAL statement_timeout = 0")
        .await?;
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_advisory_xact_lock($1)",
        [LOCK.into()],
    );
    lock.execute_raw(statement).await?;
    let result = Migrator::up(db, None).await;
    lock.commit().await?;
    result
}

/// Whether there are steps that the database has not seen yet.
///
/// # Errors
/// When the database is away.
pub async fn pending(db: &DatabaseConnection) -> Result<bool, DbErr> {
    Ok(!Migrator::get_pending_migrations(db).await?.is_empty())
}
