//! A number of a tenant, with the sealed credentials of its Twilio account.
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::id::{ChannelId, TenantId, UserId};
use crate::json::ChannelSettings;
use crate::phone::PhoneNumber;
use crate::value::{ChannelMode, ChannelStatus, ChannelType};

/// A number of a tenant, with the sealed credentials of its Twilio account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "channels")]
pub struct Model {
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChannelId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Who connected it.
    pub user_id: Option<UserId>,
    /// What kind it is.
    #[sea_orm(column_name = "type")]
    pub r#type: ChannelType,
    /// What people call it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Whether it takes part.
    pub status: ChannelStatus,
    /// How its account may be used.
    pub mode: ChannelMode,
    /// Whether sends without a channel go by this one.
    pub is_default: bool,
    /// Its number.
    pub phone_number: PhoneNumber,
    /// The Twilio account (`AC…`), as in the credentials; here to be searched by.
    #[sea_orm(column_type = "Text")]
    pub account_sid: String,
    /// Account SID, number and the sealed secrets: see the `channels` crate.
    #[sea_orm(column_type = "JsonBinary")]
    pub credentials: Json,
    /// Which master key sealed the secrets.
    #[sea_orm(column_type = "Text")]
    pub key_id: String,
    /// What the tenant has set.
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: ChannelSettings,
    /// Whether the number sends files, as Twilio last said; unknown before it was asked.
    pub mms: Option<bool>,
    /// Counts changes, so that a cached copy can be told from the current one.
    pub version: i32,
    /// When it was removed; its history stays.
    pub deleted_at: Option<DateTime<Utc>>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

crate::tenant_scoped!();
