//! A person the tenant talks to.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{LeadId, TenantId};
use crate::json::Texts;
use crate::value::{LeadSource, LeadStatus, OptOutSource};

/// A person the tenant talks to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leads")]
pub struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LeadId,
    /// Whose lead it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// E.164, or the sender as Twilio gave it (short code, name); unique within the tenant.
    #[sea_orm(column_type = "Text", nullable)]
    pub phone: Option<String>,
    /// Their name.
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    /// Their e-mail address.
    #[sea_orm(column_type = "Text", nullable)]
    pub email: Option<String>,
    /// How they came.
    pub source: LeadSource,
    /// How far they are.
    pub status: LeadStatus,
    /// Labels of the tenant.
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Texts,
    /// Whether texts have gone to or fro.
    pub sms_enabled: bool,
    /// When the latest text went to or fro.
    pub last_sms_at: Option<DateTime<Utc>>,
    /// Whether they said STOP; the truth is in `opt_outs`, this follows.
    pub sms_opt_out: bool,
    /// By which of our numbers that came about.
    #[sea_orm(column_type = "Text", nullable)]
    pub sms_opt_out_number: Option<String>,
    /// How that came about.
    pub sms_opt_out_source: Option<OptOutSource>,
    /// When there was last any contact.
    pub last_contact_at: Option<DateTime<Utc>>,
    /// ISO 3166-1 alpha-2.
    #[sea_orm(column_type = "Text", nullable)]
    pub country: Option<String>,
    /// IANA time zone name.
    #[sea_orm(column_type = "Text", nullable)]
    pub timezone: Option<String>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
crate::row::in_order!(
    "leads":
    id,
    tenant_id,
    phone,
    name,
    email,
    source,
    status,
    tags,
    sms_enabled,
    last_sms_at,
    sms_opt_out,
    sms_opt_out_number,
    sms_opt_out_source,
    last_contact_at,
    country,
    timezone,
    created_at,
    updated_at,
);
