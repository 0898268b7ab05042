//! Credentials as somebody typed them, and the one place where they are checked.
//!
//! A new channel and a change of one are read alike: what is absent, or is the mask that an
//! answer showed, is taken from what is there. A change of account takes nothing over, since
//! every secret belongs to an account. All mistakes are told at once, and never with the value.

use std::borrow::Cow;

use entity::phone::{Country, PhoneNumber};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use twilio::sid;
use utoipa::ToSchema;

use super::{ApiKey, MASK, Opened, SharedKey};
use crate::{FieldError, Patch};

/// More shared keys than a rotation of them needs.
const MAX_SHARED_KEYS: usize = 20;

/// Credentials as they arrive, blanks around them and all.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsInput {
    /// The account, `AC` and 32 hexadecimal digits.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "AC0123456789abcdef0123456789abcdef")]
    pub account_sid: Patch<String>,
    /// The account's auth token, 32 characters; never shown again.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "password")]
    pub auth_token: Patch<SecretString>,
    /// The number, in any usual form.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "+15551234567")]
    pub phone_number: Patch<String>,
    /// A Messaging Service to send by, `MG…`; `null` removes it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub messaging_service_sid: Patch<String>,
    /// An API key to call Twilio with, `SK…`; `null` removes it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub api_key_sid: Patch<String>,
    /// The API key's secret; never shown again.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "password")]
    pub api_key_secret: Patch<SecretString>,
    /// The keys that sign webhooks instead of the auth token, all of them; `null` removes them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SharedKeyInput>>)]
    pub shared_keys: Patch<Vec<SharedKeyInput>>,
}

/// A key that signs webhooks.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct SharedKeyInput {
    /// The id by which a webhook's headers name it.
    pub id: String,
    /// Its secret; absent or the mask for one that is known already.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "password")]
    pub secret: Option<SecretString>,
}

/// Collects mistakes on the way.
struct Check<'a> {
    errors: &'a mut Vec<FieldError>,
}

impl Check<'_> {
    fn refuse<T>(
        &mut self,
        field: impl std::fmt::Display,
        detail: impl Into<Cow<'static, str>>,
    ) -> Option<T> {
        self.errors
            .push(FieldError::new(format!("/credentials/{field}"), detail));
        None
    }

    /// A text that must be there.
    fn required(
        &mut self,
        field: &str,
        input: &Patch<String>,
        current: Option<&str>,
    ) -> Option<String> {
        match (input, current) {
            (Patch::Set(text), _) => Some(text.trim().to_owned()),
            (Patch::Keep, Some(text)) => Some(text.to_owned()),
            _ => self.refuse(field, "is required"),
        }
    }

    /// A secret of one line; `None` in `Ok` means that the current one is meant.
    fn secret(&mut self, field: &str, secret: &SecretString) -> Result<Option<SecretString>, ()> {
        let text = secret.expose_secret().trim();
        if text == MASK {
            return Ok(None);
        }
        if text.is_empty() || text.len() > 256 || text.contains(char::is_control) {
            self.refuse::<()>(field, "must be one line of at most 256 characters");
            return Err(());
        }
        Ok(Some(text.into()))
    }
}

impl CredentialsInput {
    /// The credentials after the change; `None` when `errors` was added to.
    pub(crate) fn apply(
        &self,
        current: Option<&Opened>,
        country: &Country,
        errors: &mut Vec<FieldError>,
    ) -> Option<Opened> {
        let mut check = Check { errors };
        let account_sid = self.account_sid(&mut check, current);
        let phone_number = self.phone_number(&mut check, current, country);
        let kept = current.filter(|current| account_sid.as_ref() == Some(&current.account_sid));
        let auth_token = self.auth_token(&mut check, kept);
        let messaging_service_sid = self.messaging_service_sid(&mut check, kept);
        let api_key = self.api_key(&mut check, kept);
        let shared_keys = self.shared_keys(&mut check, kept);
        Some(Opened {
            account_sid: account_sid?,
            phone_number: phone_number?,
            messaging_service_sid: messaging_service_sid?,
            auth_token: auth_token?,
            previous: None,
            api_key: api_key?,
            shared_keys: shared_keys?,
        })
    }

    fn account_sid(&self, check: &mut Check<'_>, current: Option<&Opened>) -> Option<String> {
        const FIELD: &str = "accountSid";
        let text = check.required(FIELD, &self.account_sid, current.map(Opened::account_sid))?;
        if sid::is_account_sid(&text) {
            Some(text)
        } else if text.starts_with("SK") {
            check.refuse(FIELD, "is an API key; the account's SID begins with AC")
        } else {
            check.refuse(FIELD, "must be AC followed by 32 hexadecimal digits")
        }
    }

    fn phone_number(
        &self,
        check: &mut Check<'_>,
        current: Option<&Opened>,
        country: &Country,
    ) -> Option<PhoneNumber> {
        const FIELD: &str = "phoneNumber";
        let current = current.map(|current| current.phone_number.as_str());
        let text = check.required(FIELD, &self.phone_number, current)?;
        PhoneNumber::parse(&text, country)
            .map_err(|error| check.refuse::<()>(FIELD, error.to_string()))
            .ok()
    }

    fn auth_token(&self, check: &mut Check<'_>, kept: Option<&Opened>) -> Option<SecretString> {
        const FIELD: &str = "authToken";
        let typed = match &self.auth_token {
            Patch::Set(token) => Some(token.expose_secret().trim()).filter(|text| *text != MASK),
            Patch::Keep | Patch::Clear => None,
        };
        match (typed, kept) {
            (Some(text), _) if sid::is_auth_token(text) => Some(text.into()),
            (Some(_), _) => check.refuse(FIELD, "must be the account's 32 letters and digits"),
            (None, Some(kept)) => Some(kept.auth_token.clone()),
            (None, None) => check.refuse(FIELD, "is required: the auth token of this account"),
        }
    }

    fn messaging_service_sid(
        &self,
        check: &mut Check<'_>,
        kept: Option<&Opened>,
    ) -> Option<Option<String>> {
        match &self.messaging_service_sid {
            Patch::Keep => Some(kept.and_then(|kept| kept.messaging_service_sid.clone())),
            Patch::Clear => Some(None),
            Patch::Set(text) => match text.trim() {
                "" => Some(None),
                text if sid::is_messaging_service_sid(text) => Some(Some(text.to_owned())),
                _ => check.refuse(
                    "messagingServiceSid",
                    "must be MG followed by 32 hexadecimal digits",
                ),
            },
        }
    }

    fn api_key(&self, check: &mut Check<'_>, kept: Option<&Opened>) -> Option<Option<ApiKey>> {
        const SECRET: &str = "apiKeySecret";
        let known = kept.and_then(|kept| kept.api_key.as_ref());
        let sid = match &self.api_key_sid {
            Patch::Keep => known.map(|known| known.sid.clone()),
            Patch::Clear => None,
            Patch::Set(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        };
        let secret = match &self.api_key_secret {
            Patch::Set(secret) if secret.expose_secret().trim().is_empty() && sid.is_none() => None,
            Patch::Set(secret) => check.secret(SECRET, secret).ok()?,
            Patch::Keep | Patch::Clear => None,
        };
        match (sid, secret) {
            (None, None) => Some(None),
            (None, Some(_)) => check.refuse("apiKeySid", "is required with apiKeySecret"),
            (Some(sid), _) if !sid::is_api_key_sid(&sid) => {
                check.refuse("apiKeySid", "must be SK followed by 32 hexadecimal digits")
            }
            (Some(sid), Some(secret)) => Some(Some(ApiKey { sid, secret })),
            (Some(sid), None) => match known.filter(|known| known.sid == sid) {
                Some(known) => Some(Some(known.clone())),
                None => check.refuse(SECRET, "is required with apiKeySid"),
            },
        }
    }

    fn shared_keys(&self, check: &mut Check<'_>, kept: Option<&Opened>) -> Option<Vec<SharedKey>> {
        let keys = match &self.shared_keys {
            Patch::Keep => {
                return Some(kept.map_or_else(Vec::new, |kept| kept.shared_keys.clone()));
            }
            Patch::Clear => return Some(Vec::new()),
            Patch::Set(keys) => keys,
        };
        if keys.len() > MAX_SHARED_KEYS {
            return check.refuse("sharedKeys", "must not be more than 20");
        }
        let mut read: Vec<SharedKey> = Vec::with_capacity(keys.len());
        for (position, key) in keys.iter().enumerate() {
            let key = key.read(check, position, kept)?;
            if read.iter().any(|earlier| earlier.id == key.id) {
                return check.refuse(format!("sharedKeys/{position}/id"), "is there twice");
            }
            read.push(key);
        }
        Some(read)
    }
}

impl SharedKeyInput {
    fn read(
        &self,
        check: &mut Check<'_>,
        position: usize,
        kept: Option<&Opened>,
    ) -> Option<SharedKey> {
        let id = self.id.trim();
        // A comma or an equals sign would end it in the header.
        let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'=');
        if id.is_empty() || id.len() > 200 || !id.bytes().all(fits) {
            let field = format!("sharedKeys/{position}/id");
            return check.refuse(field, "must be the key's id at Twilio");
        }
        let field = format!("sharedKeys/{position}/secret");
        let typed = match &self.secret {
            Some(secret) => check.secret(&field, secret).ok()?,
            None => None,
        };
        let known = || kept.and_then(|kept| kept.shared_key(id)).cloned();
        match typed.or_else(known) {
            Some(secret) => Some(SharedKey {
                id: id.to_owned(),
                secret,
            }),
            None => check.refuse(field, "is required for a new key"),
        }
    }
}
