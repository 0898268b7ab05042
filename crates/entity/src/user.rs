//! A person who logs in.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::UserId;

/// A person who logs in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// Lower-case e-mail address; unique.
    #[sea_orm(column_type = "Text")]
    pub email: String,
    /// How colleagues see them.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Argon2id, PHC string format.
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// No relations are declared: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
