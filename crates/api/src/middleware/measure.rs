//! Counts requests and their time, by method, route and status. No label holds a tenant, and
//! none holds anything a caller can make up: memory stays bounded.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;

use super::context;

/// Requests answered, by `method`, `route` and `status`.
const REQUESTS: &str = "http_requests_total";
/// Seconds until the answer began, by `method` and `route`.
const DURATION: &str = "http_request_duration_seconds";

/// Measures one request.
///
/// # Errors
/// Those of the service within.
pub async fn measure<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let method = method_label(request.method());
    let route = request
        .match_pattern()
        .unwrap_or_else(|| "unknown".to_owned());
    let outcome = next.call(request).await;
    let status = status_of(&outcome).as_str().to_owned();
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!(DURATION, "method" => method, "route" => route)
        .record(context::elapsed().as_secs_f64());
    outcome
}

/// The status of an answer, whether it is one or an error that will become one.
pub(super) fn status_of<B>(outcome: &Result<ServiceResponse<B>, Error>) -> StatusCode {
    match outcome {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    }
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
