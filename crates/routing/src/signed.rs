//! A request with what its signature covers, and whether a channel's secrets made it.

use channels::Opened;
use chrono::{DateTime, Utc};
use twilio::Form;
use twilio::form::FormError;
use twilio::signature::{Algorithm, Body, SignatureSettings, SignedRequest, verify};

use crate::Webhook;

/// Whether a body of this content type is a form, every field of which is signed. Twilio always
/// names the type; a request that names none is taken for a form, and its signature decides.
#[must_use]
pub fn is_form(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|text| {
        let essence = text
            .split_once(';')
            .map_or(text, |(essence, _)| essence)
            .trim();
        essence.is_empty() || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// Why a request can't be checked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// No signature.
    Missing,
    /// An algorithm that nobody here knows.
    Algorithm,
}

/// A request with a signature that may be right.
pub(crate) struct Signed<'a> {
    url: &'a str,
    signature: &'a str,
    /// The settings header, if there is one.
    settings: Option<SignatureSettings>,
    payload: Payload<'a>,
}

/// A body by how it is signed.
pub(crate) enum Payload<'a> {
    /// Every field.
    Form(Form),
    /// By a digest in the URL.
    Other(&'a [u8]),
}

impl<'a> Payload<'a> {
    pub(crate) fn read(webhook: &Webhook<'a>) -> Result<Self, FormError> {
        if is_form(webhook.content_type) {
            Form::parse(webhook.body).map(Self::Form)
        } else {
            Ok(Self::Other(webhook.body))
        }
    }

    /// A field of a form.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        match self {
            Self::Form(form) => form.get(name),
            Self::Other(_) => None,
        }
    }
}

impl<'a> Signed<'a> {
    pub(crate) fn read(webhook: &Webhook<'a>, payload: Payload<'a>) -> Result<Self, Unsigned> {
        let signature = webhook.signature.filter(|text| !text.is_empty());
        let settings = webhook
            .signature_settings
            .map(SignatureSettings::parse)
            .transpose();
        Ok(Self {
            url: webhook.url,
            signature: signature.ok_or(Unsigned::Missing)?,
            settings: settings.map_err(|_| Unsigned::Algorithm)?,
            payload,
        })
    }

    pub(crate) const fn payload(&self) -> &Payload<'a> {
        &self.payload
    }

    pub(crate) fn into_payload(self) -> Payload<'a> {
        self.payload
    }

    /// Whether one of a channel's secrets made the signature.
    ///
    /// A key that the request names is looked up within the channel. Once a channel has such keys
    /// its auth token no longer counts: whoever stole it could go on forging.
    pub(crate) fn is_by(&self, opened: &Opened, now: DateTime<Utc>) -> bool {
        let algorithm = self
            .settings
            .as_ref()
            .map_or(Algorithm::default(), |s| s.algorithm);
        let key_id = self
            .settings
            .as_ref()
            .and_then(|settings| settings.key_id.as_deref());
        let body = match &self.payload {
            Payload::Form(form) => Body::Form(form),
            Payload::Other(bytes) => Body::Other(bytes),
        };
        let request = SignedRequest {
            url: self.url,
            body,
        };
        let made_by = |secret| verify(&request, self.signature, secret, algorithm);
        match key_id {
            Some(id) => opened.shared_key(id).is_some_and(made_by),
            None => !opened.has_shared_keys() && opened.tokens(now).any(made_by),
        }
    }
}
