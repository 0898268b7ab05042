//! The credentials of a channel: as typed, as stored, as used, as shown.
//!
//! [`CredentialsInput`] is what somebody typed; checked against what is there it becomes
//! [`Opened`], the only form with plain secrets. Sealed it is what `channels.credentials` holds,
//! and [`Masked`] is all of it that is ever shown.

mod input;
mod opened;
mod stored;

use entity::channel;
use serde::Serialize;
use utoipa::ToSchema;

pub use input::{CredentialsInput, SharedKeyInput};
pub use opened::Opened;
pub(crate) use opened::{ApiKey, Previous, SharedKey};
pub(crate) use stored::Stored;

use crate::KeyRing;
use crate::cipher::CipherError;

/// What stands in an answer for a secret; sent back, it changes nothing.
pub const MASK: &str = "********";

/// Why stored credentials can't be read. None of these is the tenant's fault.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The row names a master key that is not configured here.
    #[error("the master key {key_id} is not configured")]
    UnknownKey {
        /// The missing key's id.
        key_id: String,
    },
    /// The channel was deleted, and its secrets with it.
    #[error("the secrets of a deleted channel are gone")]
    Wiped,
    /// A secret does not open: it was tampered with, or copied from another row.
    #[error("the field {field} of the credentials does not open")]
    Sealed {
        /// Which one, as it is written in the credentials.
        field: &'static str,
        /// What the cipher says.
        source: CipherError,
    },
    /// The column holds no credentials.
    #[error("the credentials have not the form that this version writes")]
    Form(#[from] serde_json::Error),
}

/// Opens the credentials of a channel.
///
/// # Errors
/// [`OpenError`]; the secrets of a deleted channel are gone.
pub fn open(ring: &KeyRing, channel: &channel::Model) -> Result<Opened, OpenError> {
    let stored = Stored::read(channel)?;
    if stored.auth_token.is_none() {
        return Err(OpenError::Wiped);
    }
    let key = ring
        .get(&channel.key_id)
        .ok_or_else(|| OpenError::UnknownKey {
            key_id: channel.key_id.clone(),
        })?;
    stored.open(key, channel.tenant_id, channel.id)
}

/// The credentials as answers show them: no secret, and none of the keys that sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChannelCredentials)]
pub struct Masked {
    /// The account, `AC…`.
    pub account_sid: String,
    /// Always the mask.
    #[schema(example = "********")]
    pub auth_token: &'static str,
    /// The number, E.164.
    #[schema(example = "+15551234567")]
    pub phone_number: String,
    /// The Messaging Service, `MG…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_service_sid: Option<String>,
    /// The API key, `SK…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key_sid: Option<String>,
    /// The mask where there is an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "********")]
    pub api_key_secret: Option<&'static str>,
}

/// The credentials of a channel as answers show them. Opens nothing, so no key is needed.
///
/// # Errors
/// [`OpenError::Form`] when the column holds no credentials.
pub fn masked(channel: &channel::Model) -> Result<Masked, OpenError> {
    let stored = Stored::read(channel)?;
    Ok(Masked {
        account_sid: stored.account_sid,
        auth_token: MASK,
        phone_number: stored.phone_number.into(),
        messaging_service_sid: stored.messaging_service_sid,
        api_key_secret: stored.api_key_sid.is_some().then_some(MASK),
        api_key_sid: stored.api_key_sid,
    })
}

#[cfg(test)]
mod tests;
