//! One readable line per request, and a span that everything logged meanwhile belongs to.
//!
//! Never logged: the query (it may hold a name, a number or a signature), a customer's number in
//! the path, and any header but the request's id.

use std::borrow::Cow;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::web::Data;
use tracing::Span;
use tracing_actix_web::RootSpanBuilder;

use super::{context, measure};
use crate::extract::ClientIp;
use crate::state::State;
use crate::{compat, files};

/// Makes the span of a request and logs its end.
#[derive(Debug)]
pub struct RequestSpan;

/// A path as it may stand in a log: without a customer's number, and without what opens a file.
fn loggable(path: &str) -> Cow<'_, str> {
    if path.starts_with(files::LINKS) {
        return format!("{}…", files::LINKS).into();
    }
    compat::loggable(path)
}

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let client = request
            .app_data::<Data<State>>()
            .map(|state| ClientIp::of(request.request(), &state.settings.trusted_proxies).0);
        tracing::info_span!(
            "request",
            request.id = context::request_id(),
            http.method = %request.method(),
            http.path = %loggable(request.path()),
            client.address = client.map(tracing::field::display),
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = measure::status_of(outcome).as_u16();
        let duration_ms = u64::try_from(context::elapsed().as_millis()).unwrap_or(u64::MAX);
        let _entered = span.enter();
        tracing::info!(
            http.status = status,
            duration_ms,
            "Answered {status} after {duration_ms} ms"
        );
    }
}
