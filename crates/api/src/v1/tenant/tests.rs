use serde_json::json;
use test_db::{TestDb, on_both_databases};

use crate::fixture::App;

on_both_databases! {
    async fn what_is_left_out_stays(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let before = app.get("/api/v1/tenant", &owner).await.expect(200).body;
        let patch = json!({
            "default_country": "br", "timezone": "America/Sao_Paulo",
            "quiet_hours": {"start": "22:00"}, "unknown": 1,
        });

        let changed = app.patch("/api/v1/tenant", &owner, patch).await.expect(200).body;

        assert_eq!(changed["name"], before["name"]);
        assert_eq!(changed["default_country"], "BR");
        assert_eq!(changed["timezone"], "America/Sao_Paulo");
        let hours = json!({"enabled": true, "start": "22:00", "end": "08:00"});
        assert_eq!(changed["quiet_hours"], hours);
        assert_eq!(app.get("/api/v1/tenant", &owner).await.expect(200).body, changed);
    }
}

#[actix_web::test]
async fn mistakes_are_pointed_at_and_change_nothing() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    for (body, pointer) in [
        (json!({"name": " "}), "/name"),
        (
            json!({"name": "New", "default_country": "ZZ"}),
            "/default_country",
        ),
        (
            json!({"name": "New", "timezone": "Mars/Olympus"}),
            "/timezone",
        ),
        (
            json!({"name": "New", "quiet_hours": {"end": "8:00"}}),
            "/quiet_hours/end",
        ),
        (
            json!({"name": "New", "quiet_hours": {"enabled": "yes"}}),
            "/quiet_hours/enabled",
        ),
        (json!({"name": 5}), "/name"),
    ] {
        let reply = app
            .patch("/api/v1/tenant", &owner, body)
            .await
            .expect_problem(422, "invalid");
        assert_eq!(reply.text("/errors/0/pointer"), pointer);
    }
    assert_eq!(
        app.get("/api/v1/tenant", &owner).await.text("/name"),
        "Vesuvio"
    );
}

#[actix_web::test]
async fn only_owners_change_it() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let admin = app.member(&owner, "ada@example.com", "admin").await;
    app.get("/api/v1/tenant", &admin).await.expect(200);
    let reply = app
        .patch("/api/v1/tenant", &admin, json!({"name": "New"}))
        .await;
    reply.expect_problem(403, "forbidden");
}
