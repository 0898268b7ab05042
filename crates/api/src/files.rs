//! Handing files out: to who has a link, and to who is logged in.
//!
//! Whoever sends us a file chooses its bytes, so nothing of it may run as a page of ours: its type is
//! what it was found to be, browsers are told to believe that, and what they might run is only saved.

use std::ops::Range;

use actix_web::http::header::{self, ContentEncoding, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web, web::Data};
use conversations::attachments::{self, Found};
use entity::id::MediaId;
use http_range::HttpRange;
use media::kind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::ApiError;
use crate::state::State;

/// Where signed links begin.
pub(crate) const LINKS: &str = "/m/";

/// Registers where signed links lead.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::resource("/m/{token}")
            .route(web::get().to(linked))
            .route(web::head().to(linked)),
    );
}

/// A file for who has its link; the link is the proof.
async fn linked(
    state: Data<State>,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let now = state.clock.now();
    let links = &state.settings.terms.links;
    let grant = links.read(&token, now).ok_or(ApiError::NotFound)?;
    let id = MediaId(grant.media);
    let found = attachments::find_granted(state.db.read(), id, grant.variant).await?;
    let left = (grant.expires_at - now).num_seconds().clamp(0, 3600);
    answer(&state, &request, found, &format!("private, max-age={left}")).await
}

/// The file, or the part of it that is asked for.
///
/// # Errors
/// 404 when there is none; 416 when it has no such part; when the store does not work.
pub(crate) async fn answer(
    state: &State,
    request: &HttpRequest,
    found: Option<Found>,
    caching: &str,
) -> Result<HttpResponse, ApiError> {
    let Found { media, blob } = found.ok_or(ApiError::NotFound)?;
    let etag = format!("\"{}\"", blob.digest);
    let size = u64::try_from(blob.size).unwrap_or(0);
    let headers = request.headers();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, etag.as_str()))
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        // The bytes are what was asked for, and a part of them can't be compressed.
        .insert_header(ContentEncoding::Identity);
    if text(headers, header::IF_NONE_MATCH).is_some_and(|known| known.contains(&etag)) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let range = wanted(headers, &etag, size)?;
    // Who brought the same bytes first may have called them otherwise; what was made of them is
    // another file, of a type and name of its own.
    let is_original = media.digest.as_ref() == Some(&blob.digest);
    let (content_type, filename) = if is_original {
        (media.content_type.as_str(), media.filename.as_deref())
    } else {
        (blob.content_type.as_str(), None)
    };
    describe(&mut response, content_type, filename);
    if let Some(Range { start, end }) = &range {
        let part = format!("bytes {start}-{}/{size}", end.saturating_sub(1));
        response
            .status(StatusCode::PARTIAL_CONTENT)
            .insert_header((header::CONTENT_RANGE, part));
    }
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    response.no_chunking(length);
    if request.method() == Method::HEAD {
        return Ok(response.streaming(futures_util::stream::empty::<Result<_, ApiError>>()));
    }
    let piece = state.store.get(&blob.key, range).await.map_err(|error| {
        tracing::error!(
            media.id = %media.id,
            error = &error as &dyn std::error::Error,
            "A file can't be had from the store",
        );
        ApiError::from(error)
    })?;
    Ok(response.streaming(piece.bytes))
}

/// What a browser has to know to do no harm with it.
fn describe(response: &mut HttpResponseBuilder, content_type: &str, filename: Option<&str>) {
    let kind = kind::named(content_type);
    let inline = kind.is_some_and(|kind| kind.inline);
    let content_type = if content_type.starts_with("text/") {
        format!("{content_type}; charset=utf-8")
    } else {
        content_type.to_owned()
    };
    response
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_DISPOSITION, disposition(inline, filename)))
        // Pages of the tenant may show it; what it holds may load and run nothing.
        .insert_header(("cross-origin-resource-policy", "cross-origin"));
    // A browser's own viewer of PDF does not work in a sandbox.
    if kind.is_none_or(|kind| kind.content_type != "application/pdf") {
        response.insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
        ));
    }
}

/// What stands in a header as it is: RFC 8187's `attr-char`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn disposition(inline: bool, filename: Option<&str>) -> String {
    let how = if inline { "inline" } else { "attachment" };
    match filename {
        Some(name) => format!(
            "{how}; filename*=UTF-8''{}",
            utf8_percent_encode(name, PLAIN)
        ),
        None => how.to_owned(),
    }
}

/// The part that is asked for, if one is: of several the whole is given, and of a file that has
/// changed since.
fn wanted(headers: &HeaderMap, etag: &str, size: u64) -> Result<Option<Range<u64>>, ApiError> {
    let Some(asked) = text(headers, header::RANGE) else {
        return Ok(None);
    };
    if text(headers, header::IF_RANGE).is_some_and(|known| known != etag) {
        return Ok(None);
    }
    match HttpRange::parse(asked, size) {
        Ok(ranges) => match ranges[..] {
            [range] => Ok(Some(range.start..range.start + range.length)),
            _ => Ok(None),
        },
        Err(http_range::HttpRangeParseError::NoOverlap) => Err(ApiError::NoSuchPart { size }),
        // What is no range is none.
        Err(http_range::HttpRangeParseError::InvalidRange) => Ok(None),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
