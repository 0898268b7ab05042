//! What the index knows of one thing that can be found.
use sea_orm::entity::prelude::*;

use crate::id::{LeadId, TenantId};

/// What the index knows of one thing that can be found.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_entries")]
pub struct Model {
    /// Whose it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// What it is, as the `search` crate numbers it: a lead, a message, a note.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: i32,
    /// Which of these. Its id sorts by when it was made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub doc: Uuid,
    /// With whom it goes.
    pub lead_id: LeadId,
    /// Its words, with a blank between them; its terms are made of these.
    #[sea_orm(column_type = "Text")]
    pub words: String,
}

crate::tenant_scoped!();
