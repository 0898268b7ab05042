//! The handset: a page on which one is the customer. It uses the control API and nothing else.

use actix_web::{HttpResponse, web};

const PAGE: &str = include_str!("handset.html");

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(page))
        .route("/handset", web::get().to(page));
}

async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            "Content-Security-Policy",
            "default-src 'none'; img-src 'self' data: blob:; connect-src 'self'; \
             script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'self'; \
             base-uri 'none'; form-action 'none'",
        ))
        .insert_header(("Cache-Control", "no-cache"))
        .body(PAGE)
}
