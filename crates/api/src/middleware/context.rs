//! Names each request and puts on every answer, errors included, what all answers carry.

use std::cell::Cell;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use entity::clock::Clock;

use crate::compat::{self, Manner};
use crate::limiter::Standing;
use crate::state::State;

/// The header that names a request, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing of ours may be framed, guessed at or load anything; the documentation page, which
/// has scripts, brings a policy of its own.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

tokio::task_local! {
    static CURRENT: Context;
}

/// What is known of the request that the current task answers.
struct Context {
    request_id: String,
    manner: Option<Manner>,
    started: Instant,
    standing: Cell<Option<Standing>>,
}

/// The id of the request under way; nothing outside a request.
#[must_use]
pub fn request_id() -> Option<String> {
    CURRENT.try_with(|context| context.request_id.clone()).ok()
}

/// How clients of the request under way want to be told that it went wrong, besides by a problem
/// document.
pub(crate) fn manner() -> Option<Manner> {
    CURRENT.try_with(|context| context.manner).ok().flatten()
}

/// How long the request under way has taken so far.
#[must_use]
pub fn elapsed() -> Duration {
    CURRENT
        .try_with(|context| context.started.elapsed())
        .unwrap_or_default()
}

/// Remembers how the caller stands with the rate limit, for the answer's headers.
pub fn set_standing(standing: Standing) {
    // Outside a request there is no answer to put it on.
    let _ = CURRENT.try_with(|context| context.standing.set(Some(standing)));
}

/// The outermost middleware.
///
/// # Errors
/// Those of the service within, with their answer already made.
pub async fn enter<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let context = Context {
        manner: compat::manner(request.path()),
        request_id: given_id(request.headers()).unwrap_or_else(|| fresh_id(&request)),
        started: Instant::now(),
        standing: Cell::new(None),
    };
    let answered = async {
        match next.call(request).await {
            Ok(mut answer) => {
                complete(answer.headers_mut());
                Ok(answer)
            }
            Err(error) => {
                // Rendered here, where the request's id is still known.
                let mut answer = error.error_response();
                complete(answer.headers_mut());
                Err(InternalError::from_response(error, answer).into())
            }
        }
    };
    CURRENT.scope(context, answered).await
}

/// An id that came with the request, if it can go into a header and a log line as it is.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let sane = (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    sane.then(|| id.to_owned())
}

fn fresh_id(request: &ServiceRequest) -> String {
    let clock = request
        .app_data::<web::Data<State>>()
        .map(|state| &state.clock);
    clock.unwrap_or(&Clock::System).uuid().to_string()
}

fn complete(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    let _ = CURRENT.try_with(|context| {
        if let Ok(id) = HeaderValue::from_str(&context.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(standing) = context.standing.get() {
            standing.put(headers);
        }
    });
}
