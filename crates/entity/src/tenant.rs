//! A business with its own Twilio account.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::TenantId;
use crate::json::QuietHours;

/// A business with its own Twilio account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TenantId,
    /// Its name, as customers read it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// ISO 3166-1 alpha-2: how numbers without a country code are read.
    #[sea_orm(column_type = "Text")]
    pub default_country: String,
    /// IANA time zone name.
    #[sea_orm(column_type = "Text")]
    pub timezone: String,
    /// When bulk texts are held back.
    #[sea_orm(column_type = "JsonBinary")]
    pub quiet_hours: QuietHours,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// No relations are declared: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
