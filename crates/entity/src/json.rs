//! Values kept as JSON in one column (`jsonb` on PostgreSQL, text on SQLite).

use sea_orm::{DbErr, FromJsonQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::UserId;
use crate::row::{Cell, FromCell};

/// A list of short texts: tags, labels, scopes.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, ToSchema,
)]
#[serde(transparent)]
pub struct Texts(pub Vec<String>);

impl FromCell for Texts {
    fn from_cell(cell: Cell<'_>) -> Result<Self, DbErr> {
        cell.decode_json()
    }
}

/// Somebody of the team, by the name that colleagues know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// The person.
    pub id: UserId,
    /// Their name.
    pub name: String,
}

/// When a tenant's bulk texts are held back, by the recipient's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, ToSchema)]
pub struct QuietHours {
    /// Whether anything is held back at all.
    pub enabled: bool,
    /// The local time from which nothing is sent, `HH:MM`.
    #[schema(example = "21:00")]
    pub start: String,
    /// The local time from which sending goes on, `HH:MM`.
    #[schema(example = "08:00")]
    pub end: String,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self {
            enabled: true,
            start: "21:00".to_owned(),
            end: "08:00".to_owned(),
        }
    }
}

/// A column of a file of leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportColumn {
    /// What stands above it.
    pub header: String,
    /// What it was taken for; none: it is left alone.
    #[schema(required = true)]
    pub field: Option<String>,
}

/// The columns of a file of leads.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, ToSchema,
)]
#[serde(transparent)]
pub struct ImportColumns(pub Vec<ImportColumn>);

/// What a tenant can set on a channel.
#[derive(
    Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult, ToSchema,
)]
pub struct ChannelSettings {
    /// How fast the number may send, in segments per second. Without it: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0.01, maximum = 1000.0)]
    pub messages_per_second: Option<f64>,
    /// Whether media is deleted at Twilio once it is stored here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_media_at_twilio: Option<bool>,
}
