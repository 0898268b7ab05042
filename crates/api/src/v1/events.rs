//! `events`: what happens, as it happens.
//!
//! A stream of [server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html)
//! that ends when the login does, so that it never tells more than its reader may ask for. A reader
//! that stops reading is cut by the operating system (see `serve`): nothing is buffered for it but
//! what the connection holds.

mod stream;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadConversations;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::EVENTS_CURSOR;
use crate::error::ApiError;
use crate::extract::{Allowed, Query};
use crate::middleware::identify::bearer;
use crate::state::State;
use stream::Stream;

pub use stream::Streams;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(follow);
}

/// The header by which a reader says what it has seen.
const LAST_EVENT_ID: &str = "last-event-id";

/// From where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// As the header `Last-Event-ID`, which counts where both are sent: the `id` of the latest event
    /// seen, or the `Events-Cursor` of an answer. Without either, the stream begins now.
    after: Option<String>,
}

/// Follow what happens.
///
/// An endless `text/event-stream`. Each event has an `id` to resume from by `Last-Event-ID`, a type in
/// `event` and a JSON object in `data`, always with `tenant_id`, `occurred_at` and the ids of what it
/// is about. `resync` says that something is missing: read anew what you show. A comment comes every
/// 15 seconds. The stream ends with the login: renew that and resume. One login or key may have 100
/// streams.
#[utoipa::path(
    tag = "Events",
    operation_id = "follow_events",
    params(
        EventsQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the latest event seen."),
    ),
    responses((status = 200, content_type = "text/event-stream", body = String)),
)]
#[get("/events")]
async fn follow(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
    Query(query): Query<EventsQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = cursor(&request, query.after.as_deref())?;
    let place = state.streams.take(&caller)?;
    let follower = state.feeds.follow(caller.tenant_id, after).await?;
    let cursor = follower.cursor();
    // It was let in by it.
    let bearer = SecretString::from(bearer(request.headers()).unwrap_or_default());
    let stream = Stream::new(state, &caller, bearer, follower, place);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compression and proxies would hold events back until they have enough of them.
        .insert_header(ContentEncoding::Identity)
        .insert_header(("x-accel-buffering", "no"))
        .insert_header((EVENTS_CURSOR, cursor.to_string()))
        .streaming(stream.into_chunks()))
}

fn cursor(request: &HttpRequest, query: Option<&str>) -> Result<Option<i64>, ApiError> {
    let header = request.headers().get(LAST_EVENT_ID);
    let (text, wrong) = match header {
        Some(value) => (
            value.to_str().unwrap_or("?"),
            ApiError::Malformed("Last-Event-ID must be the `id` of an event".into()),
        ),
        None => match query {
            Some(text) => (
                text,
                ApiError::field("after", "must be the `id` of an event"),
            ),
            None => return Ok(None),
        },
    };
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(seq @ 0..) => Ok(Some(seq)),
            _ => Err(wrong),
        },
    }
}
