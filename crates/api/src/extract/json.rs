//! JSON bodies, with an error that points at the field.
//!
//! What is no JSON is 400; what is JSON of another shape is 422 and says where. Unknown fields are
//! ignored, so that a newer client can talk to an older service. A NUL in any text is 422, since
//! PostgreSQL can't store one.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::Segment;

use super::{Extracting, body};
use crate::error::{ApiError, FieldError};

/// A JSON body, for requests that are not kept for replay (logging in and the like).
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { parse(&body::read_json(request, payload).await?).map(Self) })
    }
}

/// The same where the body may be left out.
#[derive(Debug)]
pub struct JsonIfAny<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for JsonIfAny<T> {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body::read_json_if_any(request, payload).await?;
            bytes.map(|bytes| parse(&bytes)).transpose().map(Self)
        })
    }
}

/// For a field of a PATCH that may be absent (leave it), `null` (clear it) or a value: an
/// `Option<Option<T>>` with `#[serde(default, deserialize_with = "nullable")]`.
///
/// # Errors
/// Those of `T`.
pub fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A value out of JSON text.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| ApiError::Malformed(format!("the body is no JSON: {error}").into()))?;
    if !value.is_object() {
        // A list would pass for a struct whose fields may all be left out.
        return Err(ApiError::field("", "the body must be a JSON object"));
    }
    let mut at = String::new();
    if holds_nul(&value, &mut at) {
        return Err(ApiError::field(at, "must not contain a NUL character"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            push(&mut pointer, segment);
        }
        let detail = error.into_inner().to_string();
        if let Some(field) = missing(&detail) {
            step(&mut pointer, field);
            return ApiError::field(pointer, "is missing");
        }
        ApiError::Invalid(vec![FieldError { pointer, detail }])
    })
}

/// The name in serde's "missing field `name`": its path ends at the object around it.
fn missing(detail: &str) -> Option<&str> {
    detail.strip_prefix("missing field `")?.split('`').next()
}

fn push(pointer: &mut String, segment: &Segment) {
    match segment {
        Segment::Seq { index } => step(pointer, &index.to_string()),
        Segment::Map { key } => step(pointer, key),
        // A variant is no place in the document.
        Segment::Enum { .. } | Segment::Unknown => {}
    }
}

fn step(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

/// Whether there is a NUL; `at` then points to it.
fn holds_nul(value: &Value, at: &mut String) -> bool {
    let length = at.len();
    let mut within = |name: &str, value: &Value| {
        at.truncate(length);
        step(at, name);
        name.contains('\0') || holds_nul(value, at)
    };
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .any(|(index, item)| within(&index.to_string(), item)),
        Value::Object(fields) => fields.iter().any(|(name, field)| within(name, field)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
