//! An answer comes in time, be it a 503: clients are promised one within 5 s, and Twilio's
//! webhooks, of which every second counts, within 2 s.
//!
//! What was under way is dropped at its next await; an open transaction rolls back.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

use crate::error::ApiError;

/// For JSON requests.
const API: Duration = Duration::from_millis(4500);
/// For uploads, which take as long as the client's connection.
const UPLOAD: Duration = Duration::from_secs(600);
/// For Twilio's webhooks.
pub const WEBHOOK: Duration = Duration::from_millis(1800);

#[derive(Debug, thiserror::Error)]
#[error("no answer was found within {0:?}")]
struct Elapsed(Duration);

type Answering<B> = Pin<Box<dyn Future<Output = Result<ServiceResponse<B>, Error>>>>;

/// A middleware (for `from_fn`) that answers 503 when the time of a JSON request or of an upload is
/// over.
pub async fn of_api<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let takes_files = |path: &str| path.ends_with("/media") || path.ends_with("/leads/imports");
    let uploads = request.method() == Method::POST && takes_files(request.path());
    let limit = if uploads { UPLOAD } else { API };
    within(limit)(request, next).await
}

/// A middleware (for `from_fn`) that answers 503 when `limit` is over.
pub fn within<B: MessageBody + 'static>(
    limit: Duration,
) -> impl Fn(ServiceRequest, Next<B>) -> Answering<B> {
    move |request, next| {
        Box::pin(async move {
            match tokio::time::timeout(limit, next.call(request)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(ApiError::Unavailable(Some(Box::new(Elapsed(limit)))).into()),
            }
        })
    }
}
