//! People, logins, roles and keys.

use serde_json::{Value, json};
use test_db::Backend;

use crate::harness::{Client, PASSWORD, Reply, Setup, Tenant, World, on_both, runtime};

async fn refresh(world: &World, token: &str) -> Reply {
    world
        .anybody
        .post("/api/v1/auth/refresh", json!({"refresh_token": token}))
        .await
}

async fn key(tenant: &Tenant, body: Value) -> (Client, String) {
    let made = tenant.api.post("/api/v1/api-keys", body).await.expect(201);
    let key = made.text("/key");
    assert!(key.starts_with("tlk_"), "{key}");
    (tenant.api.with_token(&key), made.text("/id"))
}

on_both! {
    async fn a_login_is_renewed_by_a_token_that_works_once(world: World) {
        let tenant = world.register().await;
        let first = refresh(&world, &tenant.refresh_token).await.expect(200);
        let second = refresh(&world, &first.text("/refresh_token")).await.expect(200);
        world.anybody.with_token(&second.text("/token")).get("/api/v1/auth/me").await.expect(200);
        // Within ten seconds it may be another tab of the same browser: refused, and no more.
        refresh(&world, &first.text("/refresh_token")).await.expect_problem(401, "unauthenticated");
        refresh(&world, &second.text("/refresh_token")).await.expect(200);
        refresh(&world, "not a token").await.expect_problem(401, "unauthenticated");
    }

    async fn a_lost_answer_is_given_once_more_to_who_named_the_attempt(world: World) {
        let tenant = world.register().await;
        let renew = async |attempt: &str| {
            let body = json!({"refresh_token": tenant.refresh_token, "attempt": attempt});
            world.anybody.post("/api/v1/auth/refresh", body).await
        };
        assert_eq!(renew("too short").await.expect_problem(422, "invalid").pointers(), ["/attempt"]);
        let first = renew("something nobody guesses").await.expect(200);
        let again = renew("something nobody guesses").await.expect(200);
        assert_eq!(again.text("/refresh_token"), first.text("/refresh_token"));
        refresh(&world, &tenant.refresh_token).await.expect_problem(401, "unauthenticated");
        renew("something that was guessed").await.expect_problem(401, "unauthenticated");
        refresh(&world, &first.text("/refresh_token")).await.expect(200);
    }

    async fn an_old_token_used_late_ends_the_login_everywhere(world: World) {
        let tenant = world.register().await;
        let other = world.log_in(&tenant.email, PASSWORD).await;
        let first = refresh(&world, &tenant.refresh_token).await.expect(200);
        tokio::time::sleep(std::time::Duration::from_secs(11)).await;

        refresh(&world, &tenant.refresh_token).await.expect_problem(401, "unauthenticated");

        refresh(&world, &first.text("/refresh_token")).await.expect_problem(401, "unauthenticated");
        other.get("/api/v1/auth/me").await.expect(200);
    }

    async fn logging_out_ends_the_login(world: World) {
        let tenant = world.register().await;
        tenant.api.post("/api/v1/auth/logout", json!({})).await.expect(204);
        refresh(&world, &tenant.refresh_token).await.expect_problem(401, "unauthenticated");
        tenant.api.get("/api/v1/auth/me").await.expect_problem(401, "unauthenticated");
    }

    async fn a_new_password_replaces_the_old_one(world: World) {
        let tenant = world.register().await;
        let wrong = json!({"current": "not this one", "new": "another good password"});
        tenant.api.post("/api/v1/auth/password", wrong).await.expect(422);
        let right = json!({"current": PASSWORD, "new": "another good password"});
        let changed = tenant.api.post("/api/v1/auth/password", right).await;
        assert!(matches!(changed.status, 200 | 204), "{}", changed.raw);

        let old = json!({"email": tenant.email, "password": PASSWORD});
        world.anybody.post("/api/v1/auth/login", old).await.expect_problem(401, "unauthenticated");
        world.log_in(&tenant.email, "another good password").await;
    }

    async fn each_role_may_what_it_should(world: World) {
        let tenant = world.register().await;
        world.connect_channel(&tenant).await;
        let channel = json!({
            "type": "twilio_sms", "name": "Second", "status": "active",
            "credentials": {
                "accountSid": format!("AC{}", "0".repeat(32)),
                "authToken": "0".repeat(32),
                "phoneNumber": "+14155550188",
            },
        });
        let acts = [
            ("/api/v1/messages", json!({"to": "+14155550123", "body": "Hi"}), "agent"),
            ("/api/v1/leads", json!({"phone": "+14155550124"}), "agent"),
            ("/api/v1/channels", channel, "admin"),
            ("/api/v1/users", json!({"email": "x@example.com", "role": "viewer"}), "admin"),
            ("/api/v1/api-keys", json!({"name": "till"}), "owner"),
        ];
        let roles = ["viewer", "agent", "admin", "owner"];
        let rank = |role: &str| roles.iter().position(|it| *it == role);
        for role in roles {
            let member = world.member(&tenant, role).await;
            for (path, body, least) in &acts {
                let reply = member.post(path, body.clone()).await;
                let allowed = rank(role) >= rank(least);
                assert_eq!(reply.status != 403, allowed, "{role} {path}: {}", reply.raw);
            }
        }
        let admin = world.member(&tenant, "admin").await;
        let promoted = json!({"email": "y@example.com", "role": "owner"});
        admin.post("/api/v1/users", promoted).await.expect_problem(403, "forbidden");
    }

    async fn a_key_does_what_its_scopes_say_until_it_is_revoked(world: World) {
        let tenant = world.register().await;
        let (all, _) = key(&tenant, json!({"name": "all"})).await;
        all.get("/api/v1/users").await.expect(200);
        let scopes = json!({"name": "inbox", "scopes": ["conversations:read"]});
        let (inbox, id) = key(&tenant, scopes).await;
        inbox.get("/api/v1/conversations").await.expect(200);
        inbox.get("/api/v1/leads").await.expect_problem(403, "forbidden");
        inbox.post("/api/v1/messages", json!({"to": "+14155550123", "body": "Hi"})).await.expect(403);
        let unknown = json!({"name": "x", "scopes": ["everything"]});
        tenant.api.post("/api/v1/api-keys", unknown).await.expect_problem(422, "invalid");

        let listed = tenant.api.get("/api/v1/api-keys").await.expect(200);
        assert!(listed.rows().iter().all(|row| row.get("key").is_none()));
        tenant.api.delete(&format!("/api/v1/api-keys/{id}")).await.expect(204);
        inbox.get("/api/v1/conversations").await.expect_problem(401, "unauthenticated");
        let past = json!({"name": "x", "expires_at": "2020-01-01T00:00:00Z"});
        tenant.api.post("/api/v1/api-keys", past).await.expect_problem(422, "invalid");
    }

    async fn a_key_never_does_more_than_its_maker_may_now(world: World) {
        let tenant = world.register().await;
        let second = world.member(&tenant, "owner").await;
        let me = second.get("/api/v1/auth/me").await.expect(200).text("/user/id");
        let made = second.post("/api/v1/api-keys", json!({"name": "till"})).await.expect(201);
        let key = world.anybody.with_token(&made.text("/key"));
        let send = json!({"phone": "+14155550123"});
        key.post("/api/v1/leads", send.clone()).await.expect(201);

        let path = format!("/api/v1/users/{me}");
        tenant.api.patch(&path, json!({"role": "viewer"})).await.expect(200);
        key.post("/api/v1/leads", send).await.expect_problem(403, "forbidden");
        tenant.api.delete(&path).await.expect(204);
        key.get("/api/v1/leads").await.expect_problem(401, "unauthenticated");
    }

    async fn the_last_owner_stays(world: World) {
        let tenant = world.register().await;
        let me = tenant.api.get("/api/v1/auth/me").await.expect(200).text("/user/id");
        let path = format!("/api/v1/users/{me}");
        tenant.api.delete(&path).await.expect_problem(409, "last_owner");
        tenant.api.patch(&path, json!({"role": "agent"})).await.expect_problem(409, "last_owner");
    }

    async fn a_request_with_a_key_happens_once(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let body = json!({"to": "+14155550123", "body": "Once"});
        let send = async |body: &Value| {
            let request = tenant.api.request("POST", "/api/v1/messages").json(body);
            tenant.api.send(request.header("idempotency-key", "order-7")).await
        };
        let first = send(&body).await.expect(202);
        let again = send(&body).await.expect(202);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.body, first.body);
        let other = send(&json!({"to": "+14155550123", "body": "Twice"})).await;
        other.expect_problem(422, "idempotency_key_reused");

        // A channel is connected before it is written: a repeated request must not come to that.
        let account = world.number().await;
        let add = async || {
            let body = crate::harness::channel_body(&account, "connected");
            let request = tenant.api.request("POST", "/api/v1/channels").json(&body);
            tenant.api.send(request.header("idempotency-key", "channel-1")).await
        };
        let added = add().await.expect(201);
        assert_eq!(add().await.expect(201).body, added.body);
        crate::harness::poll_until("the text", async || {
            (!world.twilio.sent(&channel.account_sid).await.is_empty()).then_some(())
        })
        .await;
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 1);
    }
}

#[test]
fn guessing_passwords_is_slowed_down() {
    crate::harness::run(Backend::Sqlite, async |world| {
        let tenant = world.register().await;
        let guess = json!({"email": tenant.email, "password": "wrong wrong wrong"});
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(
                world
                    .anybody
                    .post("/api/v1/auth/login", guess.clone())
                    .await,
            );
        }
        assert_eq!(statuses[0].status, 401);
        let last = statuses
            .pop()
            .unwrap()
            .expect_problem(429, "too_many_requests");
        assert!(last.header("retry-after").parse::<u64>().unwrap() > 0);
        // One who is logged in is not locked out by somebody's guesses.
        tenant.api.get("/api/v1/auth/me").await.expect(200);
        let unknown = json!({"email": "nobody@example.com", "password": "wrong wrong wrong"});
        let unknown = world
            .anybody
            .post("/api/v1/auth/login", unknown)
            .await
            .expect(401);
        assert_eq!(unknown.text("/detail"), statuses[0].text("/detail"));
    });
}

#[test]
fn signing_up_can_be_switched_off() {
    runtime().block_on(async {
        let setup = Setup::on(Backend::Sqlite).with("AUTH__ALLOW_SIGNUP", "false");
        let world = setup.start().await;
        let body = json!({"tenant_name": "V", "email": "a@example.com", "password": PASSWORD});
        world
            .anybody
            .post("/api/v1/auth/register", body)
            .await
            .expect(403);
    });
}

#[test]
fn a_caller_may_ask_so_much_and_no_more() {
    runtime().block_on(async {
        let setup = Setup::on(Backend::Sqlite).with("LIMITS__REQUESTS_PER_MINUTE", "10");
        let world = setup.start().await;
        let tenant = world.register().await;
        let other = world.register().await;
        let mut last = tenant.api.get("/api/v1/leads").await.expect(200);
        assert_eq!(last.header("ratelimit-limit"), "10");
        for _ in 0..10 {
            last = tenant.api.get("/api/v1/leads").await;
        }
        let refused = last.expect_problem(429, "too_many_requests");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
        assert_eq!(refused.header("ratelimit-remaining"), "0");
        other.api.get("/api/v1/leads").await.expect(200);
    });
}
