//! What becomes of handlers that end badly.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, web};
use serde_json::Value;

use super::{context, deadline, panics};

async fn panic() -> &'static str {
    panic!("the secret is 42")
}

async fn dawdle() -> &'static str {
    std::future::pending().await
}

/// The answer that the server makes of a middleware's error.
async fn answer(path: &str) -> (StatusCode, String, Value) {
    let app = App::new()
        .route("/panic", web::get().to(panic))
        .route("/dawdle", web::get().to(dawdle))
        .wrap(from_fn(deadline::within(Duration::from_millis(20))))
        .wrap(from_fn(panics::catch))
        .wrap(from_fn(context::enter));
    let service = init_service(app).await;
    let request = TestRequest::get()
        .uri(path)
        .insert_header(("x-request-id", "r-1"));
    let error = try_call_service(&service, request.to_request())
        .await
        .err()
        .unwrap();
    let answer = error.error_response();
    let id = answer
        .headers()
        .get("x-request-id")
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(answer.headers().get("x-frame-options").unwrap(), "DENY");
    let status = answer.status();
    let body = answer.into_body().try_into_bytes().unwrap();
    (status, id, serde_json::from_slice(&body).unwrap())
}

#[actix_web::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let (status, id, body) = answer("/panic").await;
    assert_eq!((status.as_u16(), id.as_str()), (500, "r-1"));
    assert_eq!(
        (&body["code"], &body["request_id"]),
        (&"internal".into(), &"r-1".into())
    );
    assert!(!body.to_string().contains("42"));
}

#[actix_web::test]
async fn a_handler_that_takes_too_long_is_a_503() {
    let (status, id, body) = answer("/dawdle").await;
    assert_eq!((status.as_u16(), id.as_str()), (503, "r-1"));
    assert_eq!(
        (&body["code"], &body["request_id"]),
        (&"unavailable".into(), &"r-1".into())
    );
}
