//! A channel as answers show it.

use channels::{Masked, WebhookUrls, masked, webhook_urls};
use chrono::{DateTime, Utc};
use entity::channel;
use entity::id::{ChannelId, TenantId, UserId};
use entity::json::ChannelSettings;
use entity::value::{ChannelMode, ChannelStatus, ChannelType};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::page;
use crate::state::State;

/// A number with the Twilio account it belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Channel {
    /// The channel.
    pub id: ChannelId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Who added it.
    #[schema(required = true)]
    pub user_id: Option<UserId>,
    /// What kind it is.
    pub r#type: ChannelType,
    /// What people call it.
    pub name: String,
    /// Whether it receives and sends.
    pub status: ChannelStatus,
    /// How its account may be used.
    pub mode: ChannelMode,
    /// Whether sends without a channel go by this one.
    pub is_default: bool,
    /// Account and number; secrets are masked.
    pub credentials: Masked,
    /// Pace and the like.
    pub settings: ChannelSettings,
    /// Where Twilio reports to.
    pub webhook_urls: WebhookUrls,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Channel {
    /// The row as answers show it.
    ///
    /// # Errors
    /// When the column holds no credentials: a mistake of ours.
    pub fn of(state: &State, row: channel::Model) -> Result<Self, ApiError> {
        Ok(Self {
            credentials: masked(&row)?,
            webhook_urls: webhook_urls(&state.settings.public_url, row.id),
            id: row.id,
            tenant_id: row.tenant_id,
            user_id: row.user_id,
            r#type: row.r#type,
            name: row.name,
            status: row.status,
            mode: row.mode,
            is_default: row.is_default,
            settings: row.settings,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

page!(
    /// A page of channels.
    ChannelPage of Channel
);
