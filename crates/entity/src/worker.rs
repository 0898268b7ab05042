//! A process that works lanes off.
use sea_orm::entity::prelude::*;

/// A process that works lanes off, while it lives: the others divide the accounts' concurrency by
/// how many there are.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workers")]
pub struct Model {
    /// Made up when the process starts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When it last said that it lives, in milliseconds since 1970.
    pub seen_at_ms: i64,
}

/// No relations are declared: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
