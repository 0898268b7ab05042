use entity::message;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use test_db::{TestDb, on_both_databases};

use crate::fixture::App;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "fedcba9876543210fedcba9876543210";

fn channel(number: &str) -> Value {
    json!({
        "type": "twilio_sms",
        "name": "Front desk",
        "status": "active",
        "credentials": {"accountSid": ACCOUNT, "authToken": TOKEN, "phoneNumber": number},
    })
}

on_both_databases! {
    async fn a_channel_is_added_shown_changed_and_removed(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;

        let created = app.post("/api/v1/channels", &owner, channel("(555) 123-4567")).await.expect(201);
        let path = created.header("location").to_owned();
        assert_eq!(path, format!("/api/v1/channels/{}", created.text("/id")));
        assert_eq!(created.text("/status"), "active");
        assert_eq!(created.body["is_default"], true);
        assert_eq!(created.body["credentials"], json!({
            "accountSid": ACCOUNT, "authToken": "********", "phoneNumber": "+15551234567",
        }));
        let hooks = format!("https://trunkline.example/api/webhooks/twilio/channels/{}", created.text("/id"));
        assert_eq!(created.text("/webhook_urls/sms"), format!("{hooks}/sms#rc=5&rp=all&rt=2500"));
        assert!(!created.body.to_string().contains(TOKEN));

        let pace = json!({"settings": {"messages_per_second": 3.5}, "name": "Desk"});
        let changed = app.patch(&path, &owner, pace).await.expect(200);
        assert_eq!(changed.body["settings"], json!({"messages_per_second": 3.5}));
        assert_eq!(app.get(&path, &owner).await.expect(200).body, changed.body);
        let list = app.get("/api/channels", &owner).await.expect(200);
        assert_eq!(list.body, json!({"data": [changed.body], "next_cursor": null}));

        app.delete(&path, &owner).await.expect(204);
        app.get(&path, &owner).await.expect_problem(404, "not_found");
        app.delete(&path, &owner).await.expect_problem(404, "not_found");
        let again = app.post("/api/v1/channels", &owner, channel("+15551234567")).await.expect(201);
        assert_eq!(again.text("/id"), created.text("/id"), "the same number is the same channel");
    }

    async fn an_answer_sent_back_changes_nothing(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let created = app.post("/api/v1/channels", &owner, channel("+15551234567")).await.expect(201);
        let path = created.header("location").to_owned();

        let same = app.patch(&path, &owner, created.body.clone()).await.expect(200);

        assert_eq!(same.body, created.body);
    }

    async fn what_was_said_by_a_channel_outlives_it_and_whom_it_was_assigned_to(db: TestDb) {
        let app = App::on(db).await;
        let owner = app.owner("ann@example.com").await;
        let created = app.post("/api/v1/channels", &owner, channel("+15551234567")).await.expect(201);
        let text = json!({"to": "+12125550123", "body": "Hi"});
        let sent = app.post("/api/v1/messages", &owner, text).await.expect(202);
        let thread = format!("/api/v1/conversations/{}", sent.text("/conversation_id"));
        let bob = app.member(&owner, "bob@example.com", "agent").await;
        let bob = app.get("/api/v1/auth/me", &bob).await.text("/user/id");
        app.patch(&thread, &owner, json!({"assigned_user_id": bob})).await.expect(200);

        app.delete(&format!("/api/v1/users/{bob}"), &owner).await.expect(204);
        let left = app.get(&thread, &owner).await.expect(200);
        assert_eq!(left.body["assigned_user_id"], Value::Null);

        message::Entity::update_many()
            .col_expr(message::Column::ExternalId, "SM0123456789abcdef0123456789abcdef".into())
            .exec(app.db.db().writer())
            .await
            .unwrap();
        app.delete(created.header("location"), &owner).await.expect(204);
        let refresh = format!("/api/v1/messages/{}/refresh", sent.text("/id"));
        let reply = app.post(&refresh, &owner, json!({})).await;
        reply.expect_problem(409, "channel_removed");
    }

    async fn a_number_is_held_once(db: TestDb) {
        let app = App::on(db).await;
        let (ann, eve) = (app.owner("ann@example.com").await, app.owner("eve@example.com").await);
        app.post("/api/v1/channels", &ann, channel("+15551234567")).await.expect(201);

        let twice = app.post("/api/v1/channels", &ann, channel("+15551234567")).await;
        twice.expect_problem(409, "channel_exists");
        let stolen = app.post("/api/v1/channels", &eve, channel("+15551234567")).await;
        stolen.expect_problem(409, "channel_claimed");
        let mut wrong = channel("+15551234567");
        wrong["credentials"]["authToken"] = json!("ffffffffffffffffffffffffffffffff");
        app.post("/api/v1/channels", &eve, wrong).await.expect(201);
    }
}

#[actix_web::test]
async fn every_wrong_field_is_pointed_at() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let body = json!({
        "type": "twilio_sms", "name": " ", "status": "active",
        "credentials": {"accountSid": "AC1", "authToken": "x", "phoneNumber": "12"},
    });

    let refused = app
        .post("/api/v1/channels", &owner, body)
        .await
        .expect_problem(422, "invalid");

    let errors = refused.body["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        pointers,
        [
            "/name",
            "/credentials/accountSid",
            "/credentials/phoneNumber",
            "/credentials/authToken"
        ]
    );
    for (field, value) in [
        ("type", "pigeon"),
        ("status", "Active"),
        ("mode", "sandbox"),
    ] {
        let mut body = channel("+15551234567");
        body[field] = json!(value);
        let refused = app
            .post("/api/v1/channels", &owner, body)
            .await
            .expect_problem(422, "invalid");
        assert_eq!(refused.text("/errors/0/pointer"), format!("/{field}"));
    }
}

#[actix_web::test]
async fn a_channel_is_not_connected_while_twilio_is_away() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let mut body = channel("+15551234567");
    body["status"] = json!("connected");

    app.post("/api/v1/channels", &owner, body)
        .await
        .expect_problem(502, "twilio_unavailable");
    let list = app.get("/api/v1/channels", &owner).await.expect(200);
    assert_eq!(list.body["data"], json!([]));

    let created = app
        .post("/api/v1/channels", &owner, channel("+15551234567"))
        .await
        .expect(201);
    let path = created.header("location").to_owned();
    let refused = app
        .patch(&path, &owner, json!({"status": "connected"}))
        .await;
    refused.expect_problem(502, "twilio_unavailable");
    let health = app
        .post(&format!("{path}/test"), &owner, json!({}))
        .await
        .expect(200);
    assert_eq!(health.body["ok"], false);
    assert_eq!(health.text("/checks/0/reason"), "twilio_unreachable");
}

#[actix_web::test]
async fn an_empty_queue_has_the_default_pace() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    let id = app
        .post("/api/v1/channels", &owner, channel("+15551234567"))
        .await
        .expect(201)
        .text("/id");

    let queue = app.get("/api/v1/admin/sms-queue", &owner).await.expect(200);

    assert_eq!(
        queue.body,
        json!({
            "pending": 0, "sent": 0, "failed": 0, "total": 0,
            "isProcessing": false, "messagesPerSecond": 1.0,
            "per_channel": [{
                "channel_id": id, "name": "Front desk",
                "pending": 0, "sent": 0, "failed": 0, "total": 0, "messagesPerSecond": 1.0,
                "standstill": null,
            }],
        })
    );
}

#[actix_web::test]
async fn a_queue_says_how_fast_each_kind_of_number_is_and_why_one_stands_still() {
    let app = App::sqlite().await;
    let owner = app.owner("ann@example.com").await;
    for number in ["+18885551234", "+447911123456"] {
        let body = channel(number);
        app.post("/api/v1/channels", &owner, body).await.expect(201);
    }
    let channels = app.get("/api/v1/channels", &owner).await.expect(200);
    let id = channels.text("/data/0/id");
    app.patch(
        &format!("/api/v1/channels/{id}"),
        &owner,
        json!({"status": "inactive"}),
    )
    .await
    .expect(200);

    let queue = app.get("/api/v1/admin/sms-queue", &owner).await.expect(200);

    let paces = ["/per_channel/0", "/per_channel/1"]
        .map(|channel| queue.body.pointer(channel).unwrap()["messagesPerSecond"].clone());
    assert_eq!(paces, [3.0, 10.0]);
    let inactive = queue.body["per_channel"]
        .as_array()
        .unwrap()
        .iter()
        .find(|channel| channel["channel_id"] == id)
        .unwrap();
    let reason = "The channel is inactive. Make it active to send what waits.";
    assert_eq!(
        inactive["standstill"],
        json!({"reason": reason, "until": null})
    );
}
