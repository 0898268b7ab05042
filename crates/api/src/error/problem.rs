//! What an error looks like on the wire.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::compat::Manner;
use crate::middleware::context;

/// A problem document (RFC 9457).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: String,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What is wrong, for people.
    pub detail: String,
    /// What is wrong, for programs.
    #[schema(example = "invalid")]
    pub code: String,
    /// Names this request in the service's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Which fields are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// What Twilio said, where Twilio refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twilio: Option<TwilioFault>,
    /// All of it in a sentence; only in answers to requests of existing clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Always false; only in answers to some requests of existing clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<bool>,
    /// Always false; only in answers to the other requests of existing clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field: a JSON pointer (RFC 6901) into the body, or the name of a query parameter.
    #[schema(example = "/credentials/phoneNumber")]
    pub pointer: String,
    /// What is wrong with it.
    #[schema(example = "must be one of: active, inactive, connected")]
    pub detail: String,
}

/// An error as Twilio tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TwilioFault {
    /// Twilio's error code.
    #[schema(example = 20003)]
    pub code: Option<u32>,
    /// Twilio's message.
    pub message: String,
    /// Where Twilio explains it.
    pub more_info: Option<String>,
}

impl Problem {
    /// Its media type.
    pub const CONTENT_TYPE: &'static str = "application/problem+json";

    /// A problem of a status; `code` is for programs, `detail` for people.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, detail: String) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail,
            code: code.to_owned(),
            request_id: None,
            errors: Vec::new(),
            twilio: None,
            error: None,
            ok: None,
            success: None,
        }
    }

    /// The document as the answer to the request under way: with its id, and in the manner that
    /// the request's clients know.
    #[must_use]
    pub(crate) fn addressed(mut self) -> Self {
        self.request_id = context::request_id();
        if let Some(manner) = context::manner() {
            self.error = Some(self.in_a_sentence());
            match manner {
                Manner::Ok => self.ok = Some(false),
                Manner::Success => self.success = Some(false),
            }
        }
        self
    }

    /// What is wrong, the fields by their names: for who reads nothing but this.
    fn in_a_sentence(&self) -> String {
        let said = self.twilio.iter().map(|twilio| twilio.message.as_str());
        let said = said.filter(|message| !message.is_empty());
        if self.errors.is_empty() {
            return std::iter::once(self.detail.as_str())
                .chain(said)
                .collect::<Vec<_>>()
                .join(": ");
        }
        let errors = self.errors.iter().map(FieldError::in_words);
        errors.collect::<Vec<_>>().join("; ")
    }

    /// The document as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A struct of texts and numbers always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl FieldError {
    /// What is wrong (`detail`) with which field (`pointer`).
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }

    /// `leadId is missing`, or `phoneNumber: this phone number has too few digits`.
    fn in_words(&self) -> String {
        let field = self.pointer.trim_start_matches('/');
        let is_predicate = ["is ", "must ", "has ", "needs "]
            .iter()
            .any(|verb| self.detail.starts_with(verb));
        match field {
            "" => self.detail.clone(),
            field if is_predicate => format!("{field} {}", self.detail),
            field => format!("{field}: {}", self.detail),
        }
    }
}
