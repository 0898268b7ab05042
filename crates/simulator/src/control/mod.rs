//! The control API: what tests and the handset page tell the simulator, and ask it.
//!
//! It is open to whoever reaches the address; the crate's documentation lists its routes.

mod accounts;
mod faults;
mod inbound;
mod messages;
mod receipts;
mod state;
mod webhooks;

use actix_web::{HttpResponse, ResponseError, error::JsonPayloadError, http::StatusCode, web};
use serde_json::json;

/// An inbound picture travels as base64 in a JSON body.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Every route of the control API.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let json = web::JsonConfig::default()
        .limit(BODY_LIMIT)
        .content_type_required(false)
        .error_handler(|error, _| ControlError::from(error).into());
    let control = web::scope("/_simulator")
        .app_data(json)
        .route("/accounts", web::post().to(accounts::put))
        .route("/accounts", web::get().to(accounts::list))
        .route("/inbound", web::post().to(inbound::receive))
        .route("/messages", web::get().to(messages::list))
        .route(
            "/messages/{sid}/status",
            web::post().to(messages::push_status),
        )
        .route(
            "/messages/{sid}/media/{media}",
            web::get().to(messages::media),
        )
        .route("/faults", web::post().to(faults::add))
        .route("/faults", web::get().to(faults::list))
        .route("/faults", web::delete().to(faults::remove))
        .route("/receipts", web::post().to(receipts::set))
        .route("/webhooks", web::get().to(webhooks::list))
        .route("/webhooks/replay", web::post().to(webhooks::replay))
        .route("/state", web::get().to(state::show))
        .route("/state", web::delete().to(state::clear));
    config.service(control);
}

/// What a caller of the control API got wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    #[error("there is no such {0}")]
    Missing(&'static str),
    #[error("{0}")]
    Invalid(&'static str),
    #[error("the body is not what this call takes: {0}")]
    Body(String),
}

impl From<JsonPayloadError> for ControlError {
    fn from(error: JsonPayloadError) -> Self {
        Self::Body(error.to_string())
    }
}

impl ResponseError for ControlError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Invalid(_) | Self::Body(_) => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({ "error": self.to_string() }))
    }
}
