//! Why a call failed, by what the caller may do next.

use std::error::Error as StdError;
use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use thiserror::Error;

use super::lenient;
use crate::error_codes::{Class, classify};

/// Why a client could not be made.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The base URL is not http(s), or has userinfo, a query or a fragment.
    #[error("Twilio's base URL must be a plain http or https URL")]
    BaseUrl,
    /// TLS could not be set up; on a server, mostly missing CA certificates.
    #[error("the HTTP client could not be set up")]
    Http(#[from] reqwest::Error),
}

/// Why a call brought no result. No secret is in it.
#[derive(Debug, Error)]
pub enum CallError {
    /// The request certainly never left (name not found, refused, TLS): repeat it freely.
    #[error("Twilio could not be reached")]
    NotSent(#[source] Box<dyn StdError + Send + Sync>),
    /// Twilio may have acted on it: find out before repeating a call that creates something.
    #[error("Twilio gave no clear answer")]
    Unknown(#[source] Box<dyn StdError + Send + Sync>),
    /// Twilio (or something before it) answered with an error status.
    ///
    /// A 5xx is as unclear as [`CallError::Unknown`]; [`CallError::class`] says so.
    #[error("Twilio refused the request: {0}")]
    Refused(Refusal),
    /// An argument has not the form that it must have; nothing was sent, repeating won't help.
    #[error("the {0} has not the form that Twilio gives it")]
    Invalid(&'static str),
    /// Twilio sends us to a host that is not known to be its own, or to none.
    #[error("Twilio redirects to {0}, which is not known to be its own")]
    Elsewhere(String),
}

impl CallError {
    /// What to do about it.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::NotSent(_) => Class::Retry,
            Self::Unknown(_) => Class::Once,
            Self::Refused(refusal) => classify(refusal.code, Some(refusal.http_status)),
            Self::Invalid(_) => Class::Input,
            Self::Elsewhere(_) => Class::Fix,
        }
    }

    /// Whether Twilio may have acted although the call failed: no clear answer, or a 5xx.
    #[must_use]
    pub fn outcome_is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Refused(refusal) => refusal.http_status >= 500,
            Self::NotSent(_) | Self::Invalid(_) | Self::Elsewhere(_) => false,
        }
    }

    /// Twilio's answer, if it gave one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    pub(super) fn from_transport(error: reqwest::Error) -> Self {
        if error.is_builder() {
            Self::Invalid("request")
        } else if error.is_connect() {
            Self::NotSent(Box::new(error.without_url()))
        } else {
            Self::no_answer(error)
        }
    }

    // URLs hold phone numbers, which must not end in logs.
    pub(super) fn no_answer(error: reqwest::Error) -> Self {
        Self::Unknown(Box::new(error.without_url()))
    }

    pub(super) fn unreadable(error: serde_json::Error) -> Self {
        Self::Unknown(Box::new(error))
    }

    pub(super) fn too_long() -> Self {
        Self::Unknown("the answer is too long".into())
    }
}

/// An answer with an error status.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("HTTP {http_status}, code {code:?}: {message}")]
pub struct Refusal {
    /// The HTTP status, never 2xx.
    pub http_status: u16,
    /// Twilio's code, if the answer was Twilio's and readable; see [`crate::error_codes`].
    pub code: Option<i32>,
    /// Twilio's words, at most 500 characters; empty if there were none.
    pub message: String,
    /// Where Twilio explains the code.
    pub more_info: Option<String>,
    /// How long to wait, if the answer says so.
    pub retry_after: Option<Duration>,
}

/// Twilio's classic error body and RFC 9457 in one.
#[derive(Default, Deserialize)]
struct ErrorBody {
    #[serde(default, deserialize_with = "lenient::number")]
    code: Option<i32>,
    #[serde(default, deserialize_with = "lenient::text")]
    message: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    detail: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    more_info: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
}

impl Refusal {
    /// Takes from an answer what can be read; `secret` is struck from Twilio's words.
    pub(super) fn read(http_status: u16, headers: &HeaderMap, body: &[u8], secret: &str) -> Self {
        let body: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
        let message = body.message.or(body.detail).or(body.title);
        let more_info = body.more_info.or(body.kind);
        Self {
            http_status,
            code: body.code,
            message: clean(&message.unwrap_or_default(), secret),
            more_info: more_info
                .filter(|url| url.starts_with("https://"))
                .map(|url| clean(&url, secret)),
            retry_after: retry_after(headers),
        }
    }
}

fn clean(text: &str, secret: &str) -> String {
    let text = if secret.is_empty() {
        text.to_owned()
    } else {
        text.replace(secret, "********")
    };
    text.chars().take(500).collect()
}

/// `Retry-After` in seconds, or as a date taken against the answer's own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let now = headers.get(DATE)?.to_str().ok()?;
    let wait = DateTime::parse_from_rfc2822(text).ok()? - DateTime::parse_from_rfc2822(now).ok()?;
    Some(wait.to_std().unwrap_or_default())
}
