//! `GET events`: what happens, as it happens, with nothing missing.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use test_db::Backend;

use crate::harness::{Client, Follower, Setup, Transcript, World, on_both, runtime};

on_both! {
    async fn who_follows_sees_a_text_come_in_and_its_answer_go_out(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let mut events = Follower::now(&tenant.api).await;
        world.customer_texts(&channel, "+14155550199", "Hello").await;
        let came = events.next_of("sms_received").await;
        assert_eq!(came.data["tenant_id"], tenant.id.as_str());
        assert!(came.data["occurred_at"].is_string());
        let conversation = came.data["conversation_id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let sent = tenant.api.post(&path, json!({"body": "Hello yourself"})).await.expect(202);
        let queued = events.next_of("message_queued").await;
        assert_eq!(queued.data["message_id"], sent.text("/id"));
        loop {
            let told = events.next_of("sms_status_update").await;
            assert_eq!(told.data["message_id"], sent.text("/id"));
            if told.data["status"] == "delivered" {
                break;
            }
        }
    }

    async fn who_resumes_misses_nothing_and_gets_nothing_twice(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let start = tenant.api.get("/api/v1/conversations").await.expect(200);
        let start = start.header("events-cursor").to_owned();
        let texting = async {
            for round in 0..10 {
                let forms: Vec<_> = (0..30)
                    .map(|n| (n, format!("SM{:032x}", round * 30 + n)))
                    .map(|(n, sid)| channel.inbound(&sid, &format!("+141555502{n:02}"), "Hello"))
                    .collect();
                let posts = forms.iter().map(|form| {
                    world.webhook("/api/webhooks/twilio/sms", form, Some(&channel.auth_token))
                });
                for reply in join_all(posts).await {
                    reply.expect(200);
                }
            }
        };
        let following = async {
            let (mut last, mut ids, mut seen) = (start, Vec::new(), 0);
            while seen < 300 {
                // A reader that loses its connection again and again.
                let mut events = Follower::after(&tenant.api, &last).await;
                for _ in 0..37 {
                    let event = events.next().await.unwrap();
                    seen += usize::from(event.kind == "sms_received");
                    ids.push(event.id);
                    last = event.id.to_string();
                    if seen == 300 {
                        break;
                    }
                }
            }
            ids
        };
        let ((), ids) = tokio::join!(texting, following);
        assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    }

    async fn who_resumes_from_nowhere_is_told_to_read_anew(world: World) {
        let tenant = world.register().await;
        let mut events = Follower::after(&tenant.api, "999999").await;
        let told = events.next().await.unwrap();
        assert_eq!(told.kind, "resync");
        assert_eq!(told.data["tenant_id"], tenant.id.as_str());
        for wrong in ["-1", "x", "1.5"] {
            let request = tenant.api.request("GET", "/api/v1/events").header("last-event-id", wrong);
            tenant.api.send(request).await.expect_problem(400, "malformed");
            let path = format!("/api/v1/events?after={wrong}");
            let reply = tenant.api.get(&path).await.expect_problem(422, "invalid");
            assert_eq!(reply.pointers(), ["after"]);
        }
    }

    async fn a_stream_ends_with_its_login(world: World) {
        let tenant = world.register().await;
        let agent = world.member(&tenant, "agent").await;
        let [logged_out, removed, revoked, stays] = [
            Follower::now(&world.log_in(&tenant.email, crate::harness::PASSWORD).await).await,
            Follower::now(&agent).await,
            {
                let made = tenant.api.post("/api/v1/api-keys", json!({"name": "reader"})).await.expect(201);
                let key = tenant.api.with_token(&made.text("/key"));
                let stream = Follower::now(&key).await;
                tenant.api.delete(&format!("/api/v1/api-keys/{}", made.text("/id"))).await.expect(204);
                stream
            },
            Follower::now(&tenant.api).await,
        ];
        revoked.end().await;
        let me = agent.get("/api/v1/auth/me").await.expect(200);
        tenant.api.delete(&format!("/api/v1/users/{}", me.text("/user/id"))).await.expect(204);
        removed.end().await;
        let other = world.log_in(&tenant.email, crate::harness::PASSWORD).await;
        let its = Follower::now(&other).await;
        other.post("/api/v1/auth/logout", json!({})).await.expect(204);
        its.end().await;
        // A new password ends the other logins.
        let change = json!({"current": crate::harness::PASSWORD, "new": "quite another one"});
        tenant.api.post("/api/v1/auth/password", change).await.expect(204);
        logged_out.end().await;
        let mut stays = stays;
        tenant.api.patch("/api/v1/tenant", json!({"name": "Another name"})).await.expect(200);
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, "+14155550199", "Still here?").await;
        stays.next_of("sms_received").await;
    }

    async fn nobody_follows_somebody_else(world: World) {
        let (ours, theirs) = (world.register().await, world.register().await);
        let channel = world.connect_channel(&theirs).await;
        let mut here = Follower::now(&ours.api).await;
        let mut there = Follower::now(&theirs.api).await;
        world.customer_texts(&channel, "+14155550199", "Hello").await;
        there.next_of("sms_received").await;
        let mine = world.connect_channel(&ours).await;
        world.customer_texts(&mine, "+14155550198", "Hello").await;
        loop {
            let event = here.next().await.unwrap();
            assert_eq!(event.data["tenant_id"], ours.id.as_str());
            if event.kind == "sms_received" {
                break;
            }
        }
        let anybody = ours.api.with_token("nonsense");
        anybody.get("/api/v1/events").await.expect_problem(401, "unauthenticated");
    }

    async fn a_login_has_so_many_streams_and_no_more(world: World) {
        let tenant = world.register().await;
        let mut open = Vec::new();
        for _ in 0..100 {
            open.push(Follower::now(&tenant.api).await);
        }
        let refused = tenant.api.get("/api/v1/events").await.expect_problem(429, "too_many_streams");
        assert!(!refused.header("retry-after").is_empty());
        // All hear the same.
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, "+14155550199", "Hello").await;
        for events in &mut open {
            events.next_of("sms_received").await;
        }
    }

    async fn who_asks_for_the_head_only_takes_no_place(world: World) {
        let tenant = world.register().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/api/v1/events", world.service.url());
        for _ in 0..150 {
            let head = http.head(&url).bearer_auth(tenant.api.token()).send().await.unwrap();
            assert_eq!(head.status(), 200);
            assert_eq!(head.headers()["content-type"], "text/event-stream");
        }
    }

    async fn streams_end_when_the_service_does(world: World) {
        let mut world = world;
        let tenant = world.register().await;
        let events = Follower::now(&tenant.api).await;
        let ending = tokio::spawn(events.end());
        let begun = Instant::now();
        world.end_and_restart();
        assert!(begun.elapsed() < Duration::from_secs(10), "it waited for its readers");
        ending.await.unwrap();
    }
}

#[test]
fn what_one_replica_writes_is_followed_at_another() {
    runtime().block_on(async {
        let world = Setup::on(Backend::Postgres).with_role("api").start().await;
        let (second, _worker) = (world.replica("api"), world.replica("worker"));
        let tenant = world.register().await;
        let there = Client::new(second.url(), Transcript::default());
        let mut events = Follower::now(&there.with_token(tenant.api.token())).await;
        let channel = world.connect_channel(&tenant).await;
        world
            .customer_texts(&channel, "+14155550199", "Hello")
            .await;
        let came = events.next_of("sms_received").await;
        let conversation = came.data["conversation_id"].as_str().unwrap();
        let path = format!("/api/v1/conversations/{conversation}/messages");
        tenant
            .api
            .post(&path, json!({"body": "Hello yourself"}))
            .await
            .expect(202);
        // The worker writes these.
        events.next_of("sms_sent").await;
    });
}
