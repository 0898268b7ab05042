use chrono::TimeDelta;
use serde_json::{Value, json};
use test_db::{TestDb, on_both_databases};

use crate::fixture::App;

on_both_databases! {
    async fn a_key_works_until_it_is_revoked(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let made = app.post("/api/v1/api-keys", &owner, json!({"name": "CRM"})).await.expect(201);
        let key = made.text("/key");
        assert!(key.starts_with("tlk_") && key.starts_with(&made.text("/prefix")));
        assert_eq!(made.body["scopes"], Value::Null);

        app.get("/api/v1/users", &key).await.expect(200);
        app.get("/api/v1/auth/me", &key).await.expect_problem(403, "forbidden");

        let path = made.header("location").to_owned();
        app.delete(&path, &owner).await.expect(204);
        app.get("/api/v1/users", &key).await.expect_problem(401, "unauthenticated");
        app.delete(&path, &owner).await.expect_problem(404, "not_found");
        let list = app.get("/api/v1/api-keys", &owner).await.expect(200);
        assert_eq!(list.body["data"], json!([]));
    }

    async fn the_list_shows_when_a_key_was_used_and_never_the_key(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let body = json!({"name": "CRM", "scopes": ["users:read"], "expires_at": "2030-01-01T00:00:00Z"});
        let key = app.post("/api/v1/api-keys", &owner, body).await.expect(201).text("/key");
        let unused = app.get("/api/v1/api-keys", &owner).await.expect(200);
        assert_eq!(unused.body["data"][0]["last_used_at"], Value::Null);
        assert!(!unused.body.to_string().contains(&key));

        app.get("/api/v1/users", &key).await.expect(200);
        // The use is noted on the side.
        for _ in 0..200 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            let list = app.get("/api/v1/api-keys", &owner).await.expect(200);
            if list.header("etag") != unused.header("etag") {
                assert_eq!(list.text("/data/0/last_used_at"), "2027-01-15T08:00:00Z");
                assert_eq!(list.body["data"][0]["scopes"], json!(["users:read"]));
                return;
            }
        }
        panic!("the use was not noted");
    }
}

#[actix_web::test]
async fn a_key_does_what_its_scopes_say() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let body = json!({"name": "CRM", "scopes": ["users:read"]});
    let key = app
        .post("/api/v1/api-keys", &owner, body)
        .await
        .expect(201)
        .text("/key");
    app.get("/api/v1/users", &key).await.expect(200);
    app.get("/api/v1/tenant", &key)
        .await
        .expect_problem(403, "forbidden");
    let body = json!({"email": "bob@example.com", "role": "viewer"});
    app.post("/api/v1/users", &key, body)
        .await
        .expect_problem(403, "forbidden");
}

#[actix_web::test]
async fn a_key_ends_when_it_says_so() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let body = json!({"name": "CRM", "expires_at": "2027-01-15T09:00:00Z"});
    let key = app
        .post("/api/v1/api-keys", &owner, body)
        .await
        .expect(201)
        .text("/key");
    app.get("/api/v1/users", &key).await.expect(200);
    app.state.clock.advance(TimeDelta::hours(1));
    app.get("/api/v1/users", &key)
        .await
        .expect_problem(401, "unauthenticated");
}

#[actix_web::test]
async fn mistakes_are_pointed_at() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    for (body, pointer) in [
        (json!({"name": ""}), "/name"),
        (json!({"name": "x", "scopes": []}), "/scopes"),
        (
            json!({"name": "x", "scopes": ["users:read", "everything"]}),
            "/scopes/1",
        ),
        (
            json!({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}),
            "/expires_at",
        ),
        (
            json!({"name": "x", "expires_at": "tomorrow"}),
            "/expires_at",
        ),
    ] {
        let reply = app
            .post("/api/v1/api-keys", &owner, body)
            .await
            .expect_problem(422, "invalid");
        assert_eq!(reply.text("/errors/0/pointer"), pointer);
    }
}
