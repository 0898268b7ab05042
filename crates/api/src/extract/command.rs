//! Requests that change something.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{Extracting, body, json, unversioned};
use crate::error::ApiError;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The longest `Idempotency-Key`, in characters.
const MAX_KEY: usize = 255;

/// The JSON body of a request that changes something, and what tells it from another one.
#[derive(Debug)]
pub struct Command<T> {
    /// What is to be done.
    pub body: T,
    /// What `write` wants to know of the request.
    pub meta: Meta,
}

/// A request that changes something and needs no body; one that comes is not looked at.
#[derive(Debug)]
pub struct Bare(pub Meta);

/// What makes a request the same as an earlier one.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Method and path without the version: `POST /users`.
    pub route: String,
    /// The `Idempotency-Key` of a POST.
    pub key: Option<String>,
    /// SHA-256 of the body as it came, hex.
    pub digest: String,
}

impl Meta {
    /// Of a form that was read as it came: what tells it from another is the digest of its contents,
    /// for the lines between its fields differ each time.
    ///
    /// # Errors
    /// 422 when the `Idempotency-Key` is none.
    pub fn of_form(request: &HttpRequest, contents: &[&[u8]]) -> Result<Self, ApiError> {
        let mut all = Vec::new();
        for part in contents {
            // The length keeps a part's end from being taken for the beginning of the next.
            all.extend_from_slice(&part.len().to_be_bytes());
            all.extend_from_slice(part);
        }
        Self::new(request, &all)
    }

    fn new(request: &HttpRequest, body: &[u8]) -> Result<Self, ApiError> {
        // A retry may take the other path of the same resource.
        let path = unversioned(request.path());
        Ok(Self {
            route: format!("{} {path}", request.method()),
            key: if request.method() == Method::POST {
                key(request)?
            } else {
                None
            },
            digest: hex::encode(Sha256::digest(body)),
        })
    }
}

fn key(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let bytes = value.as_bytes();
    let good = (1..=MAX_KEY).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(text) if good => Ok(Some(text.to_owned())),
        _ => Err(ApiError::field(
            "Idempotency-Key",
            format!("must be 1 to {MAX_KEY} visible ASCII characters"),
        )),
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Command<T> {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body::read_json(request.clone(), payload).await?;
            Ok(Self {
                body: json::parse(&bytes)?,
                meta: Meta::new(&request, &bytes)?,
            })
        })
    }
}

impl FromRequest for Bare {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body::read(request.clone(), payload, body::MAX_JSON).await?;
            Meta::new(&request, &bytes).map(Self)
        })
    }
}
