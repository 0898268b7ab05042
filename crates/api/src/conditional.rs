//! Reading, so that asking again costs almost nothing.
//!
//! Every answer with a tenant's data carries an `ETag` made of the tenant's event counter, which
//! every change counts up. The counter is read **before** the data: what commits in between makes
//! the data newer than its tag, so the next poll fetches once too often, never once too few. While
//! the counter stands still, a poll reads nothing else. What answers hold of links to files runs out by
//! itself: a tag is good for as long as they are the same, so a copy that is called fresh has links that
//! hold for an hour. `Events-Cursor` is the same number: from
//! there `GET events` goes on without a gap.

use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse};
use auth::Principal;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::state::State;

/// The header from which `GET events` goes on.
pub const EVENTS_CURSOR: &str = "events-cursor";

/// Answers a GET with what `data` reads, or 304 if nothing has changed since the client's copy.
///
/// # Errors
/// Those of `data`, and when the database is away.
pub async fn read<T: Serialize>(
    state: &State,
    caller: &Principal,
    request: &HttpRequest,
    data: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, ApiError>,
) -> Result<HttpResponse, ApiError> {
    read_beside(state, caller, request, "", data).await
}

/// As [`read`], for data that also depends on something that is not counted, but known without
/// the database: `beside` is what that is now.
///
/// # Errors
/// Those of `data`, and when the database is away.
pub async fn read_beside<T: Serialize>(
    state: &State,
    caller: &Principal,
    request: &HttpRequest,
    beside: &str,
    data: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let conn = state.db.read();
    let seq = match caller.counter {
        Some(counter) => counter,
        None => events::current(conn, caller.tenant_id).await?,
    };
    let target = request
        .uri()
        .path_and_query()
        .map_or("", |target| target.as_str());
    let etag = tag(&[
        &state.settings.build,
        &caller.tenant_id.to_string(),
        &seq.to_string(),
        &caller.id_for_etag(),
        target,
        beside,
        // Before the data, like the counter.
        &state.settings.terms.links.edition(state.clock.now()),
    ]);
    if names(request.headers(), &etag) {
        return Ok(unchanged(&etag, Some(seq)));
    }
    let body = data(conn).await?;
    if takes_any(request.headers()) {
        return Ok(unchanged(&etag, Some(seq)));
    }
    let body = json(&body)?;
    Ok(fresh(&etag, Some(seq)).body(body))
}

/// As [`read`], for data that changes without being counted, like the last use of an API key: the
/// tag is made of the answer itself.
///
/// # Errors
/// Those of `data`, and when the database is away.
pub async fn read_uncounted<T: Serialize>(
    state: &State,
    request: &HttpRequest,
    data: impl AsyncFnOnce(&DatabaseConnection) -> Result<T, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let body = json(&data(state.db.read()).await?)?;
    let etag = tag(&[state.settings.build.as_bytes(), &body]);
    if names(request.headers(), &etag) || takes_any(request.headers()) {
        return Ok(unchanged(&etag, None));
    }
    Ok(fresh(&etag, None).body(body))
}

/// Room for most answers from the start: one that grows is copied again and again.
const ROOM: usize = 32 * 1024;

fn json(body: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    let mut text = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut text, body).map_err(ApiError::internal)?;
    Ok(text)
}

fn tag<P: AsRef<[u8]>>(parts: &[P]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        // With its length, so that no part's end is taken for the next one's beginning.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    format!("\"{}\"", BASE64.encode(&hash.finalize()[..16]))
}

fn fresh(etag: &str, seq: Option<i64>) -> actix_web::HttpResponseBuilder {
    let mut answer = with_validators(HttpResponse::Ok(), etag, seq);
    answer.content_type(header::ContentType::json());
    answer
}

fn unchanged(etag: &str, seq: Option<i64>) -> HttpResponse {
    with_validators(HttpResponse::NotModified(), etag, seq).finish()
}

fn with_validators(
    mut answer: actix_web::HttpResponseBuilder,
    etag: &str,
    seq: Option<i64>,
) -> actix_web::HttpResponseBuilder {
    answer
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if let Some(seq) = seq {
        answer.insert_header((EVENTS_CURSOR, seq.to_string()));
    }
    answer
}

/// The entity tags of `If-None-Match`. The comparison is the weak one (RFC 9110, 13.1.2): a proxy
/// that compresses marks our tag as weak.
fn tags(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
}

fn names(headers: &HeaderMap, etag: &str) -> bool {
    tags(headers).any(|tag| tag == etag)
}

/// `*`: any copy will do, if there is anything at all.
fn takes_any(headers: &HeaderMap) -> bool {
    tags(headers).any(|tag| tag == "*")
}
