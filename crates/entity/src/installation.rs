//! What this database calls itself.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// What this database calls itself: one row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "installation")]
pub struct Model {
    /// Always 1, so that there is no second.
    #[sea_orm(primary_key, auto_increment = false)]
    pub only: i32,
    /// Made up with the database; the store of files has it too.
    pub id: Uuid,
    /// When the store was last gone through for files that no row names.
    pub swept_at: DateTime<Utc>,
}

/// No relations are declared: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
