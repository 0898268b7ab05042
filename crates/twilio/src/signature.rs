//! Whether a request was signed by Twilio (`X-Twilio-Signature`).
//!
//! The promise: what Twilio signs is accepted, whatever it is not is refused,
//! in time that tells nothing about the right signature. The signed text is
//! the configured URL byte for byte, so the URL is only ever cut and spliced
//! here: a URL parser would rewrite escapes, quotes and dots. A valid
//! signature says nothing about freshness (it carries no time and no nonce);
//! callers must be idempotent.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::form::Form;

#[cfg(test)]
mod tests;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "X-Twilio-Signature";
/// The header that names a shared key and its algorithm.
pub const SETTINGS_HEADER: &str = "X-Twilio-Webhooks-Signature-Settings";

/// What keyed hash a signature was made with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// The default, and the only one that auth tokens sign with.
    #[default]
    HmacSha1,
    /// Only with shared keys.
    HmacSha256,
}

/// Why the settings header can't be followed; the request is to be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// The named algorithm is none that we know.
    #[error("the signature settings name an unknown algorithm")]
    UnknownAlgorithm,
}

/// Which key and algorithm signed a request, by its settings header.
///
/// The default (no header) is the account's auth token with HMAC-SHA1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignatureSettings {
    /// The shared key's id, to be looked up within the tenant; none means the auth token.
    pub key_id: Option<String>,
    /// The keyed hash.
    pub algorithm: Algorithm,
}

impl SignatureSettings {
    /// Reads a header value such as `key=webhooks_sharedkey_1,algorithm=HMAC_SHA256`.
    ///
    /// Parts that are absent or empty keep their default; unknown parts are ignored.
    ///
    /// # Errors
    /// [`SettingsError::UnknownAlgorithm`] for an algorithm other than the two known.
    pub fn parse(header: &str) -> Result<Self, SettingsError> {
        let part = |wanted: &str| {
            header
                .split(',')
                .filter_map(|part| part.split_once('='))
                .find(|(name, value)| name.trim() == wanted && !value.trim().is_empty())
                .map(|(_, value)| value.trim())
        };
        let algorithm = match part("algorithm") {
            None => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA1") => Algorithm::HmacSha1,
            Some(name) if name.eq_ignore_ascii_case("HMAC_SHA256") => Algorithm::HmacSha256,
            Some(_) => return Err(SettingsError::UnknownAlgorithm),
        };
        Ok(Self {
            key_id: part("key").map(str::to_owned),
            algorithm,
        })
    }
}

/// The body of a request, as far as its signature is concerned.
///
/// The caller decides by method and content type.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// No body (GET): the URL alone is signed.
    Empty,
    /// `application/x-www-form-urlencoded`: every field is signed.
    Form(&'a Form),
    /// Anything else, JSON above all: the raw bytes must match the URL's `bodySHA256`.
    Other(&'a [u8]),
}

/// A request to check.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The configured base URL followed by the raw request target, undecoded.
    /// A fragment or userinfo in it is ignored, as Twilio does.
    pub url: &'a str,
    /// The body.
    pub body: Body<'a>,
}

/// Whether `signature` (the header's value as received) was made with `key` over `request`.
///
/// The URL is tried without a port and with one (the given, else the scheme's
/// default), since Twilio is inconsistent there.
#[must_use]
pub fn verify(
    request: &SignedRequest<'_>,
    signature: &str,
    key: &SecretString,
    algorithm: Algorithm,
) -> bool {
    // Anybody can sign with an empty key.
    if signature.is_empty() || key.expose_secret().is_empty() || !body_matches(request) {
        return false;
    }
    let Some(candidates) = candidates(request.url) else {
        return false;
    };
    let mut valid = subtle::Choice::from(0);
    for url in &candidates {
        let expected = compute(url, request.body, key, algorithm);
        // As text: decoding the header first would accept other spellings of the same bytes.
        valid |= expected.as_bytes().ct_eq(signature.as_bytes());
    }
    valid.into()
}

/// The signature over a URL, taken as it is, and the fields of a form body.
#[must_use]
pub fn compute(url: &str, body: Body<'_>, key: &SecretString, algorithm: Algorithm) -> String {
    let mut text = url.to_owned();
    if let Body::Form(form) = body {
        append_fields(&mut text, form);
    }
    let key = key.expose_secret().as_bytes();
    match algorithm {
        Algorithm::HmacSha1 => STANDARD.encode(mac::<Hmac<Sha1>>(key, text.as_bytes())),
        Algorithm::HmacSha256 => STANDARD.encode(mac::<Hmac<Sha256>>(key, text.as_bytes())),
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length; the trait's error is for other MACs.
    <M as KeyInit>::new_from_slice(key)
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// Appends name and value of every field, sorted by name, equal values of a name once.
fn append_fields(text: &mut String, form: &Form) {
    let mut fields: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in form.iter() {
        fields.entry(name).or_default().insert(value);
    }
    for (name, values) in fields {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
}

fn body_matches(request: &SignedRequest<'_>) -> bool {
    let Body::Other(bytes) = request.body else {
        return true;
    };
    let url = without_fragment(request.url);
    let Some((_, query)) = url.split_once('?') else {
        return false;
    };
    let digest = hex::encode(Sha256::digest(bytes));
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "bodySHA256")
        .is_some_and(|(_, value)| digest.as_bytes().ct_eq(value.as_bytes()).into())
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(before, _)| before)
}

/// The two URLs that Twilio may have signed: without and with a port.
fn candidates(url: &str) -> Option<[String; 2]> {
    let (scheme, rest) = without_fragment(url).split_once("://")?;
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, given) = split_port(authority);
    let port = given.unwrap_or(match scheme {
        "http" | "ws" => "80",
        _ => "443",
    });
    Some([
        format!("{scheme}://{host}{target}"),
        format!("{scheme}://{host}:{port}{target}"),
    ])
}

/// Splits `host:port`; the colons inside an IPv6 literal are none of a port's.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, Some(port).filter(|port| !port.is_empty()))
        }
        _ => (authority, None),
    }
}
