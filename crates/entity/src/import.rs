//! A file of leads on its way in.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ImportId, TenantId, UserId};
use crate::json::ImportColumns;
use crate::value::{ImportStatus, OnDuplicate};

/// A file of leads on its way in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    /// The import.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Who sent the file.
    pub user_id: UserId,
    /// What they call it.
    #[sea_orm(column_type = "Text", nullable)]
    pub filename: Option<String>,
    /// Where it stands.
    pub status: ImportStatus,
    /// Why it failed, in words.
    #[sea_orm(column_type = "Text", nullable)]
    pub detail: Option<String>,
    /// What becomes of somebody who is a lead already.
    pub on_duplicate: OnDuplicate,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// Where the file is, until it has been removed.
    #[sea_orm(column_type = "Text", nullable)]
    pub file_key: Option<String>,
    /// How the file is encoded, as the WHATWG names it.
    #[sea_orm(column_type = "Text")]
    pub encoding: String,
    /// What parts its cells.
    #[sea_orm(column_type = "Text")]
    pub delimiter: String,
    /// Its columns, and what each was taken for.
    #[sea_orm(column_type = "JsonBinary")]
    pub columns: ImportColumns,
    /// How many rows it has.
    pub total_rows: i32,
    /// How many have been dealt with.
    pub done_rows: i32,
    /// How many people are new.
    pub created: i32,
    /// How many were known and have changed.
    pub updated: i32,
    /// How many were known and stayed as they are.
    pub skipped: i32,
    /// How many rows can't be used.
    pub failed: i32,
    /// Counted up by whoever works at it: who finds another one than before has lost it.
    pub turn: i64,
    /// When somebody may take it on, in milliseconds since 1970.
    pub next_at_ms: i64,
    /// How often in a row working at it has failed.
    pub failures: i32,
    /// When the file came.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

crate::tenant_scoped!();
