//! What is wrong with one row of a file of leads.
use sea_orm::entity::prelude::*;

use crate::id::{ImportId, TenantId};

/// What is wrong with one row of a file of leads.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_errors")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// Of which import.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: ImportId,
    /// The row as a spreadsheet counts: the one with the headers is the first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i32,
    /// Which of the row's mistakes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The header of the column; none where it is the row.
    #[sea_orm(column_type = "Text", nullable)]
    pub column: Option<String>,
    /// What stands there.
    #[sea_orm(column_type = "Text", nullable)]
    pub value: Option<String>,
    /// What is wrong with it, and what would be right.
    #[sea_orm(column_type = "Text")]
    pub detail: String,
}

crate::tenant_scoped!();
