use chrono::TimeDelta;
use serde_json::{Value, json};
use test_db::{TestDb, on_both_databases};

use crate::fixture::{App, settings};
use crate::state::Settings;

on_both_databases! {
    async fn who_registers_is_logged_in_as_the_owner_of_a_tenant(db: TestDb) {
        let app = App::on(db).await;
        let body = json!({
            "tenant_name": "Pizzeria Vesuvio", "email": "Ann@Example.com",
            "password": "correct horse", "name": "Ann", "default_country": "it",
        });
        let reply = app.post("/api/v1/auth/register", "", body).await.expect(201);
        assert_eq!(reply.header("cache-control"), "no-store");
        insta::assert_json_snapshot!(reply.body, {
            ".token" => "[token]", ".refresh_token" => "[token]", ".**.id" => "[id]",
        }, @r#"
        {
          "expires_in": 900,
          "refresh_token": "[token]",
          "tenant": {
            "assistant_enabled": false,
            "created_at": "2027-01-15T08:00:00Z",
            "default_country": "IT",
            "id": "[id]",
            "name": "Pizzeria Vesuvio",
            "quiet_hours": {
              "enabled": true,
              "end": "08:00",
              "start": "21:00"
            },
            "timezone": "UTC",
            "updated_at": "2027-01-15T08:00:00Z"
          },
          "token": "[token]",
          "user": {
            "created_at": "2027-01-15T08:00:00Z",
            "email": "ann@example.com",
            "id": "[id]",
            "name": "Ann",
            "role": "owner",
            "updated_at": "2027-01-15T08:00:00Z"
          }
        }
        "#);
        let me = app.get("/api/v1/auth/me", &reply.text("/token")).await.expect(200);
        assert_eq!(me.body["user"], reply.body["user"]);
        assert_eq!(me.body["tenant"], reply.body["tenant"]);
    }

    async fn a_login_is_renewed_once_by_each_refresh_token(db: TestDb) {
        let app = App::on(db).await;
        app.owner("ann@example.com").await;
        let first = app.log_in("ann@example.com").await.expect(200).text("/refresh_token");
        let refresh = |token: &str| {
            app.post("/api/v1/auth/refresh", "", json!({"refresh_token": token}))
        };
        let renewed = refresh(&first).await.expect(200);
        app.get("/api/v1/auth/me", &renewed.text("/token")).await.expect(200);
        refresh(&first).await.expect_problem(401, "unauthenticated");
        app.get("/api/v1/auth/me", &renewed.text("/token")).await.expect(200);

        app.state.clock.advance(TimeDelta::seconds(11));
        refresh(&first).await.expect_problem(401, "unauthenticated");
        let reply = app.get("/api/v1/auth/me", &renewed.text("/token")).await;
        reply.expect_problem(401, "unauthenticated");
        let reply = refresh(&renewed.text("/refresh_token")).await;
        reply.expect_problem(401, "unauthenticated");
    }

    async fn a_changed_password_ends_the_other_logins(db: TestDb) {
        let app = App::on(db).await;
        let here = app.owner("ann@example.com").await;
        let there = app.log_in("ann@example.com").await.expect(200).text("/token");
        let change = |current: &str| {
            let body = json!({"current": current, "new": "battery staple"});
            app.post("/api/v1/auth/password", &here, body)
        };
        let refused = change("wrong").await.expect_problem(422, "invalid");
        assert_eq!(refused.text("/errors/0/pointer"), "/current");
        change("correct horse").await.expect(204);

        app.get("/api/v1/auth/me", &here).await.expect(200);
        app.get("/api/v1/auth/me", &there).await.expect_problem(401, "unauthenticated");
        app.log_in("ann@example.com").await.expect_problem(401, "unauthenticated");
    }
}

#[actix_web::test]
async fn signing_up_can_be_switched_off() {
    let settings = Settings {
        allow_signup: false,
        ..settings()
    };
    let app = App::with(TestDb::sqlite().await, settings).await;
    let body = json!({"tenant_name": "V", "email": "ann@example.com", "password": "correct horse"});
    app.post("/api/v1/auth/register", "", body)
        .await
        .expect_problem(403, "forbidden");
}

#[actix_web::test]
async fn an_address_registers_once() {
    let app = App::sqlite().await;
    app.owner("ann@example.com").await;
    let body = json!({"tenant_name": "V", "email": "ANN@example.com", "password": "correct horse"});
    app.post("/api/v1/auth/register", "", body)
        .await
        .expect_problem(409, "email_taken");
}

#[actix_web::test]
async fn a_wrong_login_does_not_say_what_is_wrong() {
    let app = App::sqlite().await;
    app.owner("ann@example.com").await;
    let attempt = |email: &str| {
        app.post(
            "/api/v1/auth/login",
            "",
            json!({"email": email, "password": "wrong"}),
        )
    };
    let known = attempt("ann@example.com")
        .await
        .expect_problem(401, "unauthenticated");
    let unknown = attempt("bob@example.com")
        .await
        .expect_problem(401, "unauthenticated");
    assert_eq!(known.text("/detail"), unknown.text("/detail"));
}

#[actix_web::test]
async fn guessing_is_stopped_after_ten_wrong_passwords() {
    let app = App::sqlite().await;
    app.owner("ann@example.com").await;
    for _ in 0..10 {
        let body = json!({"email": "ann@example.com", "password": "wrong"});
        app.post("/api/v1/auth/login", "", body)
            .await
            .expect_problem(401, "unauthenticated");
    }
    let refused = app
        .log_in("ann@example.com")
        .await
        .expect_problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "6");
    app.state.clock.advance(TimeDelta::seconds(6));
    app.log_in("ann@example.com").await.expect(200);
}

#[actix_web::test]
async fn registrations_from_one_address_are_counted() {
    let app = App::sqlite().await;
    for name in 0..10 {
        app.owner(&format!("{name}@example.com")).await;
    }
    let body = json!({"tenant_name": "V", "email": "x@example.com", "password": "correct horse"});
    app.post("/api/v1/auth/register", "", body)
        .await
        .expect_problem(429, "too_many_requests");
}

#[actix_web::test]
async fn who_logs_out_is_out() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    app.post("/api/v1/auth/logout", &owner, Value::Null)
        .await
        .expect(204);
    app.get("/api/v1/auth/me", &owner)
        .await
        .expect_problem(401, "unauthenticated");
}

#[actix_web::test]
async fn a_token_ends_after_a_quarter_of_an_hour() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    app.state.clock.advance(TimeDelta::minutes(16));
    app.get("/api/v1/auth/me", &owner)
        .await
        .expect_problem(401, "unauthenticated");
}
