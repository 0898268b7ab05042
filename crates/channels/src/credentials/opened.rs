//! Credentials with plain secrets, in memory only.

use chrono::{DateTime, TimeDelta, Utc};
use entity::phone::PhoneNumber;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// A key of Twilio's REST API.
#[derive(Debug, Clone)]
pub(crate) struct ApiKey {
    /// `SK…`
    pub(crate) sid: String,
    pub(crate) secret: SecretString,
}

/// A key that signs webhooks instead of the auth token.
#[derive(Debug, Clone)]
pub(crate) struct SharedKey {
    pub(crate) id: String,
    pub(crate) secret: SecretString,
}

/// An auth token that was replaced, but may still sign.
#[derive(Debug, Clone)]
pub(crate) struct Previous {
    pub(crate) token: SecretString,
    pub(crate) until: DateTime<Utc>,
}

/// The credentials of a channel, opened. Debug shows no secret.
#[derive(Debug, Clone)]
pub struct Opened {
    pub(crate) account_sid: String,
    pub(crate) phone_number: PhoneNumber,
    pub(crate) messaging_service_sid: Option<String>,
    pub(crate) auth_token: SecretString,
    pub(crate) previous: Option<Previous>,
    pub(crate) api_key: Option<ApiKey>,
    pub(crate) shared_keys: Vec<SharedKey>,
}

impl Opened {
    /// The account, `AC…`.
    #[must_use]
    pub fn account_sid(&self) -> &str {
        &self.account_sid
    }

    /// The number.
    #[must_use]
    pub const fn phone_number(&self) -> &PhoneNumber {
        &self.phone_number
    }

    /// The Messaging Service to send by, `MG…`.
    #[must_use]
    pub fn messaging_service_sid(&self) -> Option<&str> {
        self.messaging_service_sid.as_deref()
    }

    /// The auth tokens that Twilio may sign with at `now`: the current one, then the previous one
    /// while it is valid.
    pub fn tokens(&self, now: DateTime<Utc>) -> impl Iterator<Item = &SecretString> {
        let previous = self
            .previous
            .iter()
            .filter(move |previous| previous.until > now);
        std::iter::once(&self.auth_token).chain(previous.map(|previous| &previous.token))
    }

    /// Whether webhooks are signed with shared keys, so that the auth token no longer counts.
    #[must_use]
    pub const fn has_shared_keys(&self) -> bool {
        !self.shared_keys.is_empty()
    }

    /// The shared key with an id.
    #[must_use]
    pub fn shared_key(&self, id: &str) -> Option<&SecretString> {
        self.shared_keys
            .iter()
            .find(|key| key.id == id)
            .map(|key| &key.secret)
    }

    /// Who to call Twilio as: the API key where there is one, else the auth token.
    #[must_use]
    pub fn twilio(&self) -> twilio::Credentials {
        match &self.api_key {
            Some(key) => twilio::Credentials {
                account_sid: self.account_sid.clone(),
                secret: twilio::client::AuthSecret::ApiKey {
                    sid: key.sid.clone(),
                    secret: key.secret.clone(),
                },
            },
            None => self.twilio_by_token(),
        }
    }

    /// The same by the auth token: an API key may not ask for the account.
    pub(crate) fn twilio_by_token(&self) -> twilio::Credentials {
        twilio::Credentials::token(self.account_sid.clone(), self.auth_token.clone())
    }

    pub(crate) const fn has_api_key(&self) -> bool {
        self.api_key.is_some()
    }

    /// Whether `token` is the current one, in time that tells nothing.
    pub(crate) fn has_token(&self, token: &SecretString) -> bool {
        same(&self.auth_token, token)
    }

    /// Whether both are the same but for the previous token.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        let keys = |keys: &[SharedKey], others: &[SharedKey]| {
            keys.len() == others.len()
                && keys
                    .iter()
                    .zip(others)
                    .all(|(a, b)| a.id == b.id && same(&a.secret, &b.secret))
        };
        let api_key = match (&self.api_key, &other.api_key) {
            (None, None) => true,
            (Some(a), Some(b)) => a.sid == b.sid && same(&a.secret, &b.secret),
            _ => false,
        };
        api_key
            && self.account_sid == other.account_sid
            && self.phone_number == other.phone_number
            && self.messaging_service_sid == other.messaging_service_sid
            && same(&self.auth_token, &other.auth_token)
            && keys(&self.shared_keys, &other.shared_keys)
    }

    /// Takes over from `former` what may still sign: Twilio goes on with the old token until the
    /// new one is promoted there, and a request may be under way.
    pub(crate) fn succeed(&mut self, former: &Self, now: DateTime<Utc>, valid_for: TimeDelta) {
        self.previous = if self.account_sid != former.account_sid {
            None
        } else if self.has_token(&former.auth_token) {
            former.previous.clone()
        } else {
            Some(Previous {
                token: former.auth_token.clone(),
                until: now + valid_for,
            })
        };
        self.forget_expired(now);
    }

    /// Drops a previous token whose time is over: what is not kept can't be stolen.
    pub(crate) fn forget_expired(&mut self, now: DateTime<Utc>) {
        self.previous.take_if(|previous| previous.until <= now);
    }
}

fn same(a: &SecretString, b: &SecretString) -> bool {
    a.expose_secret()
        .as_bytes()
        .ct_eq(b.expose_secret().as_bytes())
        .into()
}
