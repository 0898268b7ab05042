//! Refuses methods that no route has, before anything looks at the request, and has HEAD answered
//! by the routes for GET: load balancers ask so.

use actix_web::Error;
use actix_web::body::{self, BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

use crate::error::ApiError;

const KNOWN: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

/// Lets the usual methods pass, HEAD as GET: the server remembers it, and sends the head of the
/// answer only. A body without an end, which the server would wait for, is let go here.
///
/// # Errors
/// [`ApiError::MethodNotAllowed`] for any other method; else those of the service within.
pub async fn known<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let only_head = request.method() == Method::HEAD;
    if only_head {
        request.head_mut().method = Method::GET;
    }
    if KNOWN.contains(request.method()) {
        let answer = next.call(request).await?;
        return Ok(answer.map_body(|_, body| match body.size() {
            BodySize::Stream if only_head => EitherBody::right(BoxBody::new(body::None::new())),
            _ => EitherBody::left(body),
        }));
    }
    Err(ApiError::MethodNotAllowed {
        allow: "GET, POST, PATCH, DELETE".to_owned(),
    }
    .into())
}
