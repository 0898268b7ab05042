//! Secrets are looked for wherever they could end up: in answers, in the log, in the database.

use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::json;
use test_db::Backend;

use crate::harness::{PASSWORD, Setup, World, poll_until, runtime};

const API_KEY_SECRET: &str = "SecretOfAnApiKeyAtTwilio01234567";
const ANOTHER_PASSWORD: &str = "a wrong password somebody typed";

/// What must not be found, and what it is.
type Secrets = Vec<(&'static str, String)>;

#[test]
fn no_secret_is_in_an_answer_the_log_or_a_sqlite_file() {
    no_secret_is_anywhere(Backend::Sqlite);
}

#[test]
fn no_secret_is_in_an_answer_the_log_or_a_postgres_table() {
    no_secret_is_anywhere(Backend::Postgres);
}

fn no_secret_is_anywhere(backend: Backend) {
    runtime().block_on(async {
        let world = Setup::on(backend).with("RUST_LOG", "trace").start().await;
        let (never, once) = live(&world).await;
        let answers = world.transcript.text();
        for (what, secret) in &never {
            assert!(!answers.contains(secret), "{what} is in an answer");
        }
        for (what, secret) in &once {
            assert_eq!(answers.matches(secret).count(), 1, "{what} is shown once");
        }
        let log = world.service.log();
        assert!(log.len() > 1000, "that is no log:\n{log}");
        let stored = database(&world).await;
        assert!(stored.contains("+14155550199"), "that is no dump");
        for (what, secret) in never.iter().chain(&once) {
            let line = log.lines().find(|line| line.contains(secret));
            assert!(line.is_none(), "{what} is in the log: {line:?}");
            assert!(!stored.contains(secret), "{what} is in the database");
        }
    });
}

/// A day with every secret in use: those that are never shown, and those that are shown once.
async fn live(world: &World) -> (Secrets, Secrets) {
    let tenant = world.register().await;
    let account = world.number().await;
    let key_sid = format!("SK{}", "a".repeat(32));
    let mut seed = account.clone();
    seed["api_keys"] = json!([{"sid": key_sid, "secret": API_KEY_SECRET}]);
    world.twilio.account(seed).await;
    let mut body = crate::harness::channel_body(&account, "connected");
    body["credentials"]["apiKeySid"] = json!(key_sid);
    body["credentials"]["apiKeySecret"] = json!(API_KEY_SECRET);
    let created = tenant
        .api
        .post("/api/v1/channels", body.clone())
        .await
        .expect(201);
    let channel = format!("/api/v1/channels/{}", created.text("/id"));
    // Refusals are where secrets are repeated by mistake.
    tenant
        .api
        .post("/api/v1/channels", body.clone())
        .await
        .expect(409);
    body["credentials"]["phoneNumber"] = json!("12");
    tenant
        .api
        .post("/api/v1/channels", body.clone())
        .await
        .expect(422);
    let tried = crate::harness::channel_body(&account, "active")["credentials"].clone();
    for (field, value, status) in [
        (
            "phoneNumber",
            account["numbers"][0]["phone_number"].clone(),
            200,
        ),
        ("phoneNumber", json!("12"), 422),
        ("accountSid", json!(account["auth_token"]), 422),
    ] {
        let mut tried = tried.clone();
        tried[field] = value;
        let reply = tenant.api.post("/api/v1/twilio/test", tried).await;
        reply.expect(status);
    }
    body["credentials"]["authToken"] = json!([account["auth_token"]]);
    tenant.api.post("/api/v1/channels", body).await.expect(422);
    tenant
        .api
        .post(&format!("{channel}/test"), json!({}))
        .await
        .expect(200);
    tenant.api.get(&channel).await.expect(200);
    let rotated = "00112233445566778899aabbccddeeff";
    let rotate = json!({"status": "active", "credentials": {"authToken": rotated}});
    tenant.api.patch(&channel, rotate).await.expect(200);
    let back = json!({"status": "connected", "credentials": {"authToken": account["auth_token"]}});
    tenant.api.patch(&channel, back).await.expect(200);

    let number = account["numbers"][0]["phone_number"].as_str().unwrap();
    let sid = account["sid"].as_str().unwrap();
    let told = world
        .twilio
        .text(sid, "+14155550199", number, "Hello")
        .await;
    assert_eq!(told["webhook"]["status"], 200, "{told}");
    let send = json!({"to": "+14155550199", "body": "Hello to you"});
    let sent = tenant
        .api
        .post("/api/v1/messages", send)
        .await
        .expect(202)
        .text("/id");
    poll_until("delivery", async || {
        let now = tenant
            .api
            .get(&format!("/api/v1/messages/{sent}"))
            .await
            .expect(200);
        (now.text("/status") == "delivered").then_some(())
    })
    .await;

    let wrong = json!({"email": tenant.email, "password": ANOTHER_PASSWORD});
    world
        .anybody
        .post("/api/v1/auth/login", wrong)
        .await
        .expect(401);
    let user = json!({"email": "bob@example.com", "role": "agent"});
    let user = tenant.api.post("/api/v1/users", user).await.expect(201);
    let one_time = user.text("/one_time_password");
    world.log_in("bob@example.com", &one_time).await;
    let request = tenant
        .api
        .request("POST", "/api/v1/api-keys")
        .header("idempotency-key", "k1");
    let key = tenant
        .api
        .send(request.json(&json!({"name": "till"})))
        .await
        .expect(201)
        .text("/key");
    let again = tenant
        .api
        .request("POST", "/api/v1/api-keys")
        .header("idempotency-key", "k1");
    let again = tenant
        .api
        .send(again.json(&json!({"name": "till"})))
        .await
        .expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    world
        .anybody
        .with_token(&key)
        .get("/api/v1/channels")
        .await
        .expect(200);
    let refresh = json!({"refresh_token": tenant.refresh_token});
    world
        .anybody
        .post("/api/v1/auth/refresh", refresh)
        .await
        .expect(200);

    let never = vec![
        (
            "the auth token",
            account["auth_token"].as_str().unwrap().to_owned(),
        ),
        ("the rotated auth token", rotated.to_owned()),
        (
            "the secret of the API key at Twilio",
            API_KEY_SECRET.to_owned(),
        ),
        ("the password", PASSWORD.to_owned()),
        ("a password that was wrong", ANOTHER_PASSWORD.to_owned()),
    ];
    let once = vec![
        ("the one-time password", one_time),
        ("the API key", key),
        ("the refresh token", tenant.refresh_token),
        ("the login token", tenant.api.token().to_owned()),
    ];
    (never, once)
}

/// All that is stored: the bytes of a file, or the text of every row.
async fn database(world: &World) -> String {
    match world.scratch.backend() {
        Backend::Sqlite => {
            let file = world
                .scratch
                .url()
                .trim_start_matches("sqlite://")
                .to_owned();
            let parts =
                ["", "-wal"].map(|end| std::fs::read(format!("{file}{end}")).unwrap_or_default());
            String::from_utf8_lossy(&parts.concat()).into_owned()
        }
        Backend::Postgres => {
            let connection = Database::connect(world.scratch.url()).await.unwrap();
            let rows = async |sql: String| {
                let sql = Statement::from_string(DbBackend::Postgres, sql);
                let rows = connection.query_all_raw(sql).await.unwrap();
                rows.into_iter()
                    .map(|row| row.try_get_by_index(0).unwrap())
                    .collect::<Vec<String>>()
            };
            let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
            let mut all = String::new();
            for table in rows(tables.to_owned()).await {
                all += &rows(format!("SELECT t::text FROM \"{table}\" t"))
                    .await
                    .join("\n");
            }
            connection.close().await.unwrap();
            all
        }
    }
}
