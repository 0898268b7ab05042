//! What operators and machines ask for: health, figures, documentation. No login.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::header;
use actix_web::middleware::DefaultHeaders;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::error::ApiError;
use crate::openapi;
use crate::state::State;

/// The paths served here, all by GET.
pub(crate) const PATHS: [&str; 6] = [
    "/healthz",
    "/readyz",
    "/metrics",
    "/docs",
    OPENAPI,
    "/docs/{file}*",
];

const OPENAPI: &str = "/api/v1/openapi.json";

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// The page may run its own scripts and ask this service, and nothing else.
const DOCS_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
     style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let page = Config::from(OPENAPI)
        // Without this the page shows a picture from a server of Swagger's.
        .validator_url("none");
    config
        .route("/healthz", web::get().to(healthz))
        .route("/readyz", web::get().to(readyz))
        .route("/metrics", web::get().to(metrics))
        .route(OPENAPI, web::get().to(document))
        .route("/docs", web::get().to(to_docs))
        .service(
            web::scope("/docs")
                .wrap(DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, DOCS_POLICY)))
                .service(SwaggerUi::new("/{_:.*}").config(page)),
        );
}

/// Alive: says so even with the database away, for restarting this process would not help.
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// What has to hold before requests should be sent here.
#[derive(Debug, Serialize)]
struct Readiness {
    /// Whether the database answers.
    database: bool,
    /// Whether its schema is the one that this program knows.
    migrations: bool,
    /// Whether the worker of this process is at work.
    worker: bool,
}

async fn readyz(state: web::Data<State>) -> HttpResponse {
    let pending = tokio::time::timeout(PATIENCE, migrations::pending(state.db.read())).await;
    let readiness = Readiness {
        database: matches!(pending, Ok(Ok(_))),
        migrations: matches!(pending, Ok(Ok(false))),
        worker: state.worker_alive.load(Ordering::Relaxed),
    };
    let ready = readiness.database && readiness.migrations && readiness.worker;
    if ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    }
    .json(readiness)
}

async fn metrics(state: web::Data<State>) -> Result<HttpResponse, ApiError> {
    let figures = state.metrics.as_ref().ok_or(ApiError::NotFound)?.render();
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(figures))
}

async fn document() -> HttpResponse {
    HttpResponse::Ok().json(&*openapi::DOCUMENT)
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}
