//! Idempotency, by the one way it is used: `POST users`.

use actix_web::test::TestRequest;
use chrono::TimeDelta;
use entity::idempotency_key;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use serde_json::{Value, json};
use test_db::{TestDb, on_both_databases};

use super::{Begun, Reservation};
use crate::extract::Meta;
use crate::fixture::{App, Reply, with_token};

const BOB: &str = "bob@example.com";

fn user(email: &str) -> Value {
    json!({"email": email, "role": "agent"})
}

async fn post(app: &App, token: &str, key: &str, body: Value) -> Reply {
    post_to(app, "/api/v1/users", token, key, body).await
}

async fn post_to(app: &App, path: &str, token: &str, key: &str, body: Value) -> Reply {
    let request = TestRequest::post()
        .uri(path)
        .insert_header(("idempotency-key", key));
    app.send(with_token(request, token).set_json(body)).await
}

async fn users(app: &App, token: &str) -> usize {
    let list = app.get("/api/v1/users", token).await.expect(200);
    list.body["data"].as_array().unwrap().len()
}

/// Makes the request with this key look as if it were still under way.
async fn put_in_flight(app: &App) {
    let row = idempotency_key::Entity::find()
        .one(app.state.db.read())
        .await
        .unwrap()
        .unwrap();
    let mut row = idempotency_key::ActiveModel::from(row);
    row.status = Set(None);
    row.answer = Set(None);
    row.update(app.state.db.writer()).await.unwrap();
}

on_both_databases! {
    async fn a_repeated_request_gets_the_first_answer_and_changes_nothing(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let first = post(&app, &owner, "k1", user(BOB)).await.expect(201);
        assert!(!first.text("/one_time_password").is_empty());
        assert_eq!(first.header("idempotent-replayed"), "");

        let second = post(&app, &owner, "k1", user(BOB)).await.expect(201);

        assert_eq!(second.header("idempotent-replayed"), "true");
        assert_eq!(second.header("location"), first.header("location"));
        let mut without_secret = first.body.clone();
        without_secret.as_object_mut().unwrap().remove("one_time_password");
        assert_eq!(second.body, without_secret);
        assert_eq!(users(&app, &owner).await, 2);
    }

    async fn requests_with_one_key_at_once_happen_once(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let both = futures_util::future::join(
            post(&app, &owner, "k1", user(BOB)),
            post(&app, &owner, "k1", user(BOB)),
        );
        let (one, other) = both.await;
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert!(statuses == [201, 201] || statuses == [201, 409], "{statuses:?}");
        assert_eq!(users(&app, &owner).await, 2);
    }

    async fn a_request_that_died_is_taken_over(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        post(&app, &owner, "k1", user(BOB)).await.expect(201);
        put_in_flight(&app).await;

        let reply = post(&app, &owner, "k1", user(BOB)).await;
        reply.expect_problem(409, "idempotency_in_flight");
        app.state.clock.advance(TimeDelta::seconds(16));
        // Taken over and tried: here that finds the address taken, which shows that it ran.
        post(&app, &owner, "k1", user(BOB)).await.expect_problem(409, "email_taken");
    }

    async fn an_answer_is_forgotten_after_a_day(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let first = app.post("/api/v1/api-keys", &owner, json!({"name": "long"})).await.expect(201);
        let key = first.text("/key");
        post(&app, &key, "k1", user(BOB)).await.expect(201);
        app.state.clock.advance(TimeDelta::hours(25));
        post(&app, &key, "k1", user("cleo@example.com")).await.expect(201);
    }
}

#[actix_web::test]
async fn a_key_with_another_body_is_refused() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    post(&app, &owner, "k1", user(BOB)).await.expect(201);
    let reply = post(&app, &owner, "k1", user("cleo@example.com")).await;
    reply.expect_problem(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn a_key_belongs_to_its_tenant_and_route() {
    let app = App::sqlite().await;
    let (ann, eve) = (
        app.owner("ann@example.com").await,
        app.owner("eve@example.com").await,
    );
    post(&app, &ann, "k1", user(BOB)).await.expect(201);
    post(&app, &eve, "k1", user("dan@example.com"))
        .await
        .expect(201);
    post_to(&app, "/api/v1/api-keys", &ann, "k1", json!({"name": "x"}))
        .await
        .expect(201);
    let same = post_to(&app, "/api/users", &ann, "k1", user(BOB))
        .await
        .expect(201);
    assert_eq!(same.header("idempotent-replayed"), "true");
}

#[actix_web::test]
async fn a_refusal_is_kept_under_the_id_of_whoever_asks() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let taken = user("ann@example.com");
    post(&app, &owner, "k1", taken.clone())
        .await
        .expect_problem(409, "email_taken");
    let again = post(&app, &owner, "k1", taken)
        .await
        .expect_problem(409, "email_taken");
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[actix_web::test]
async fn a_request_without_a_key_is_done_each_time() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    for _ in 0..2 {
        app.post("/api/v1/api-keys", &owner, json!({"name": "same"}))
            .await
            .expect(201);
    }
    let rows = idempotency_key::Entity::find()
        .all(app.state.db.read())
        .await
        .unwrap();
    assert_eq!(rows, []);
}

#[actix_web::test]
async fn keys_are_short_and_visible() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let long = "k".repeat(256);
    for key in ["", "with blank", &long] {
        let reply = post(&app, &owner, key, user(BOB))
            .await
            .expect_problem(422, "invalid");
        assert_eq!(reply.text("/errors/0/pointer"), "Idempotency-Key");
    }
    post(&app, &owner, &long[1..], user(BOB)).await.expect(201);
}

#[actix_web::test]
async fn a_request_that_is_dropped_gives_its_key_back() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let id = app
        .get("/api/v1/tenant", &owner)
        .await
        .expect(200)
        .text("/id")
        .parse()
        .unwrap();
    let meta = Meta {
        route: "POST /users".to_owned(),
        key: Some("k1".to_owned()),
        digest: "digest".to_owned(),
    };
    let begun = Reservation::begin(&app.state, id, &meta).await.unwrap();
    assert!(matches!(begun, Begun::Anew(Some(_))));
    assert!(Reservation::begin(&app.state, id, &meta).await.is_err());
    drop(begun);
    for _ in 0..200 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        if Reservation::begin(&app.state, id, &meta).await.is_ok() {
            return;
        }
    }
    panic!("the key was not given back");
}
