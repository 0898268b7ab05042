//! Reading a body, no more of it than will be used.

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest};

use super::Extracting;
use crate::error::ApiError;

/// The most that a JSON request may weigh: 1 MiB.
pub const MAX_JSON: usize = 1024 * 1024;

/// A body as it came, byte for byte, up to 1 MiB.
#[derive(Debug)]
pub struct Raw(pub Bytes);

impl FromRequest for Raw {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { read(request, payload, MAX_JSON).await.map(Self) })
    }
}

/// The whole body, up to `limit` bytes.
pub(super) async fn read(
    request: HttpRequest,
    mut payload: Payload,
    limit: usize,
) -> Result<Bytes, ApiError> {
    // Who says beforehand that it is too much need not send it.
    let announced = text(&request, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        return Err(ApiError::TooLarge { limit });
    }
    let encoding = text(&request, &header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(ApiError::UnsupportedMediaType(
            "the body must not be compressed".into(),
        ));
    }
    let payload = web::Payload::from_request(&request, &mut payload)
        .await
        .map_err(|_| ApiError::Malformed("the body can't be read".into()))?;
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(ApiError::Malformed("the body ended early".into())),
        Err(_) => Err(ApiError::TooLarge { limit }),
    }
}

/// A body that says it is JSON.
pub(super) async fn read_json(request: HttpRequest, payload: Payload) -> Result<Bytes, ApiError> {
    if !says_json(&request) {
        return Err(no_json());
    }
    read(request, payload, MAX_JSON).await
}

/// The same, or no body at all.
pub(super) async fn read_json_if_any(
    request: HttpRequest,
    payload: Payload,
) -> Result<Option<Bytes>, ApiError> {
    let says_json = says_json(&request);
    let bytes = read(request, payload, MAX_JSON).await?;
    match (bytes.is_empty(), says_json) {
        (true, _) => Ok(None),
        (false, true) => Ok(Some(bytes)),
        (false, false) => Err(no_json()),
    }
}

fn says_json(request: &HttpRequest) -> bool {
    text(request, &header::CONTENT_TYPE).is_some_and(is_json)
}

fn no_json() -> ApiError {
    ApiError::UnsupportedMediaType(
        "the body must be JSON, with the header `Content-Type: application/json`".into(),
    )
}

fn text<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}
