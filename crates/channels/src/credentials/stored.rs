//! Credentials as `channels.credentials` holds them: JSON, every secret in it sealed.
//!
//! All secrets of a row are sealed under the one key that its `key_id` names.

use chrono::{DateTime, Utc};
use entity::channel;
use entity::id::{ChannelId, TenantId};
use entity::phone::PhoneNumber;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{ApiKey, OpenError, Opened, Previous, SharedKey};
use crate::MasterKey;
use crate::cipher::{self, Place, Sealed};

const AUTH_TOKEN: &str = "authToken";
const PREVIOUS_AUTH_TOKEN: &str = "previousAuthToken";
const API_KEY_SECRET: &str = "apiKeySecret";
const SHARED_KEYS: &str = "sharedKeys";

/// The column's shape. The names are an interface: rows outlive releases.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    pub(crate) account_sid: String,
    pub(crate) phone_number: PhoneNumber,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) messaging_service_sid: Option<String>,
    /// Absent in a deleted channel only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) auth_token: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_auth_token: Option<StoredPrevious>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) api_key_sid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_key_secret: Option<Sealed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    shared_keys: Vec<StoredSharedKey>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredPrevious {
    secret: Sealed,
    until: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredSharedKey {
    id: String,
    secret: Sealed,
}

/// How long a previous token counts is sealed with it, or a changed row could prolong it.
fn previous_field(until: DateTime<Utc>) -> String {
    format!("{PREVIOUS_AUTH_TOKEN}/{}", until.timestamp_micros())
}

fn shared_key_field(id: &str) -> String {
    format!("{SHARED_KEYS}/{id}")
}

/// One row and one key.
#[derive(Clone, Copy)]
struct Sealer<'a> {
    key: &'a MasterKey,
    tenant: TenantId,
    channel: ChannelId,
}

impl Sealer<'_> {
    fn place<'f>(&self, field: &'f str) -> Place<'f> {
        Place {
            tenant: self.tenant,
            channel: self.channel,
            field,
        }
    }

    fn seal(
        &self,
        name: &'static str,
        field: &str,
        secret: &SecretString,
    ) -> Result<Sealed, OpenError> {
        cipher::seal(self.key, self.place(field), secret).map_err(|source| OpenError::Sealed {
            field: name,
            source,
        })
    }

    fn open(
        &self,
        name: &'static str,
        field: &str,
        sealed: &Sealed,
    ) -> Result<SecretString, OpenError> {
        cipher::open(self.key, self.place(field), sealed).map_err(|source| OpenError::Sealed {
            field: name,
            source,
        })
    }
}

impl Stored {
    /// Reads a row's column; nothing is opened.
    pub(crate) fn read(channel: &channel::Model) -> Result<Self, OpenError> {
        Ok(Self::deserialize(&channel.credentials)?)
    }

    /// What remains of a deleted channel.
    pub(crate) fn wiped(self) -> Self {
        Self {
            auth_token: None,
            previous_auth_token: None,
            api_key_sid: None,
            api_key_secret: None,
            shared_keys: Vec::new(),
            ..self
        }
    }

    /// Seals every secret for a row.
    pub(crate) fn seal(
        opened: &Opened,
        key: &MasterKey,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Result<Self, OpenError> {
        let sealer = Sealer {
            key,
            tenant,
            channel,
        };
        let previous = |previous: &Previous| -> Result<_, OpenError> {
            let field = previous_field(previous.until);
            let secret = sealer.seal(PREVIOUS_AUTH_TOKEN, &field, &previous.token)?;
            Ok(StoredPrevious {
                secret,
                until: previous.until,
            })
        };
        let shared = |key: &SharedKey| -> Result<_, OpenError> {
            let secret = sealer.seal(SHARED_KEYS, &shared_key_field(&key.id), &key.secret)?;
            Ok(StoredSharedKey {
                id: key.id.clone(),
                secret,
            })
        };
        let api_key = opened.api_key.as_ref();
        let api_secret = |key: &ApiKey| sealer.seal(API_KEY_SECRET, API_KEY_SECRET, &key.secret);
        Ok(Self {
            account_sid: opened.account_sid.clone(),
            phone_number: opened.phone_number.clone(),
            messaging_service_sid: opened.messaging_service_sid.clone(),
            auth_token: Some(sealer.seal(AUTH_TOKEN, AUTH_TOKEN, &opened.auth_token)?),
            previous_auth_token: opened.previous.as_ref().map(previous).transpose()?,
            api_key_sid: api_key.map(|key| key.sid.clone()),
            api_key_secret: api_key.map(api_secret).transpose()?,
            shared_keys: opened
                .shared_keys
                .iter()
                .map(shared)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Opens every secret of a row.
    pub(crate) fn open(
        self,
        key: &MasterKey,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Result<Opened, OpenError> {
        let sealer = Sealer {
            key,
            tenant,
            channel,
        };
        let token = self.auth_token.ok_or(OpenError::Wiped)?;
        let previous = |StoredPrevious { secret, until }| -> Result<_, OpenError> {
            let token = sealer.open(PREVIOUS_AUTH_TOKEN, &previous_field(until), &secret)?;
            Ok(Previous { token, until })
        };
        let shared = |StoredSharedKey { id, secret }| -> Result<_, OpenError> {
            let secret = sealer.open(SHARED_KEYS, &shared_key_field(&id), &secret)?;
            Ok(SharedKey { id, secret })
        };
        let api_key = |(sid, sealed)| -> Result<_, OpenError> {
            let secret = sealer.open(API_KEY_SECRET, API_KEY_SECRET, &sealed)?;
            Ok(ApiKey { sid, secret })
        };
        Ok(Opened {
            account_sid: self.account_sid,
            phone_number: self.phone_number,
            messaging_service_sid: self.messaging_service_sid,
            auth_token: sealer.open(AUTH_TOKEN, AUTH_TOKEN, &token)?,
            previous: self.previous_auth_token.map(previous).transpose()?,
            api_key: self
                .api_key_sid
                .zip(self.api_key_secret)
                .map(api_key)
                .transpose()?,
            shared_keys: self
                .shared_keys
                .into_iter()
                .map(shared)
                .collect::<Result<_, _>>()?,
        })
    }
}
