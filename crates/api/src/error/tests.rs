use actix_web::ResponseError;
use actix_web::body::MessageBody;
use sea_orm::{ConnAcquireErr, DbErr};

use super::*;

fn body(error: &ApiError) -> serde_json::Value {
    let bytes = error.error_response().into_body().try_into_bytes().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_mistake_of_ours_says_nothing_about_itself() {
    let error = ApiError::from(DbErr::Custom("table secret_things is missing".to_owned()));
    assert_eq!(error.status_code(), 500);
    assert_eq!(
        body(&error),
        serde_json::json!({
            "type": "about:blank",
            "title": "Internal Server Error",
            "status": 500,
            "detail": "something went wrong on our side",
            "code": "internal",
        })
    );
}

#[test]
fn a_database_that_is_away_is_503_and_says_when_to_come_back() {
    let error = ApiError::from(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
    let answer = error.error_response();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers().get("retry-after").unwrap(), "2");
}

#[test]
fn a_missing_login_is_asked_for() {
    let answer = ApiError::Unauthenticated("no login".into()).error_response();
    assert_eq!(answer.headers().get("www-authenticate").unwrap(), "Bearer");
    assert_eq!(
        answer.headers().get("content-type").unwrap(),
        "application/problem+json"
    );
}

#[test]
fn waiting_times_are_rounded_up() {
    let retry_after = Duration::from_millis(1001);
    let answer = ApiError::TooManyRequests { retry_after }.error_response();
    assert_eq!(answer.headers().get("retry-after").unwrap(), "2");
}

#[test]
fn wrong_fields_are_pointed_at() {
    let error = ApiError::field("/name", "must not be empty");
    assert_eq!(error.status_code(), 422);
    assert_eq!(
        body(&error)["errors"],
        serde_json::json!([{"pointer": "/name", "detail": "must not be empty"}])
    );
}
