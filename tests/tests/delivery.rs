//! What becomes of texts, with receipts that are late, doubled or in any order, and a Twilio that
//! has bad days.

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use test_db::Backend;

use crate::harness::{Channel, Reply, Setup, Tenant, World, on_both, poll_until, runtime};

/// Lets a number send as fast as we can.
async fn at_full_speed(tenant: &Tenant, channel: &Channel) {
    let settings = json!({"settings": {"messages_per_second": 1000}});
    tenant
        .api
        .patch(&format!("/api/v1/channels/{}", channel.id), settings)
        .await
        .expect(200);
}

async fn send(tenant: &Tenant, to: &str) -> String {
    let body = json!({"to": to, "body": "Your table is ready."});
    tenant
        .api
        .post("/api/v1/messages", body)
        .await
        .expect(202)
        .text("/id")
}

async fn message(tenant: &Tenant, id: &str) -> Reply {
    tenant
        .api
        .get(&format!("/api/v1/messages/{id}"))
        .await
        .expect(200)
}

/// A day from now, by the service's clock.
async fn tomorrow(tenant: &Tenant) -> String {
    let now = tenant.api.get("/healthz").await.header("date").to_owned();
    (DateTime::parse_from_rfc2822(&now).unwrap() + TimeDelta::days(1)).to_rfc3339()
}

/// Waits until a text has one of these statuses.
async fn wait_for(tenant: &Tenant, id: &str, statuses: &[&str]) -> Reply {
    poll_until(&format!("{statuses:?}"), async || {
        let now = message(tenant, id).await;
        statuses
            .contains(&now.text("/status").as_str())
            .then_some(now)
    })
    .await
}

on_both! {
    async fn with_receipts_shuffled_and_doubled_every_text_ends_delivered(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        at_full_speed(&tenant, &channel).await;
        let receipts = json!({"shuffle": true, "duplicate": 1.0, "sending": true, "delay_ms": [0, 40]});
        world.twilio.control("receipts", receipts).await;
        for n in 0..30 {
            send(&tenant, &format!("+141555502{n:02}")).await;
        }
        let all = poll_until("thirty deliveries", async || {
            let list = tenant.api.get("/api/v1/messages?limit=200").await.expect(200);
            list.rows().iter().all(|row| row["status"] == "delivered").then_some(list)
        })
        .await;
        assert_eq!(all.rows().len(), 30);
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 30);
        // Receipts that still come change nothing.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let list = tenant.api.get("/api/v1/messages?limit=200").await.expect(200);
        assert!(list.rows().iter().all(|row| row["status"] == "delivered"), "{}", list.raw);
        for row in list.rows() {
            for hook in world.twilio.webhooks(row["external_id"].as_str().unwrap()).await {
                assert_eq!(hook["status"], 200, "{hook}");
            }
        }
    }

    async fn a_failure_is_told_with_its_reason_and_what_to_do(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        at_full_speed(&tenant, &channel).await;
        let cases = [
            ("+14155550201", "failed", 30006),
            ("+14155550202", "undelivered", 30005),
            ("+14155550203", "undelivered", 30007),
        ];
        let outcomes: Value = cases
            .iter()
            .map(|(to, status, code)| ((*to).to_owned(), json!({"status": status, "error_code": code})))
            .collect::<serde_json::Map<_, _>>()
            .into();
        world.twilio.control("receipts", json!({"outcomes": outcomes, "delay_ms": [0, 40]})).await;
        for (to, status, code) in cases {
            let id = send(&tenant, to).await;
            let ended = wait_for(&tenant, &id, &["failed", "undelivered"]).await;
            assert_eq!(ended.text("/status"), status);
            assert_eq!(ended.body["error_code"], code);
            assert!(!ended.text("/error_help").is_empty(), "{}", ended.raw);
            let attempts = tenant.api.get(&format!("/api/v1/messages/{id}/attempts")).await.expect(200);
            assert_eq!(attempts.rows().len(), 1, "a permanent failure is not tried again");
        }
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 3);
    }

    async fn one_who_opted_out_at_twilio_is_not_texted_again(world: World) {
        let tenant = world.register().await;
        // Twilio is not told where we listen, so nobody tells us of the STOP.
        let channel = world.add_channel(&tenant, "active").await;
        let to = "+14155550204";
        world.twilio.text(&channel.account_sid, to, &channel.number, "STOP").await;

        let id = send(&tenant, to).await;
        let failed = wait_for(&tenant, &id, &["failed"]).await;
        assert_eq!(failed.body["error_code"], 21610);
        let body = json!({"to": to, "body": "Hi"});
        tenant.api.post("/api/v1/messages", body).await.expect_problem(409, "opted_out");
        let retried = tenant.api.post(&format!("/api/v1/messages/{id}/retry"), json!({})).await;
        retried.expect_problem(409, "opted_out");
        let lead = tenant.api.get(&format!("/api/v1/leads/{}", failed.text("/lead_id"))).await.expect(200);
        assert_eq!(lead.body["sms_opt_out"], true);
    }

    async fn what_waits_for_an_inactive_channel_goes_when_it_is_active_again(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let path = format!("/api/v1/channels/{}", channel.id);
        let later = json!({"to": "+14155550205", "body": "Later", "send_at": tomorrow(&tenant).await});
        let scheduled = tenant.api.post("/api/v1/messages", later).await.expect(202);
        assert_eq!(scheduled.text("/status"), "scheduled");
        tenant.api.patch(&path, json!({"status": "inactive"})).await.expect(200);
        let refused = tenant.api.post("/api/v1/messages", json!({"to": "+14155550205", "body": "Now"})).await;
        assert_eq!(refused.status, 409, "{}", refused.raw);
        tenant.api.patch(&path, json!({"status": "connected"})).await.expect(200);
        let id = send(&tenant, "+14155550205").await;
        wait_for(&tenant, &id, &["delivered"]).await;

        tenant.api.delete(&path).await.expect(204);
        assert_eq!(message(&tenant, &scheduled.text("/id")).await.text("/status"), "canceled");
        assert_eq!(message(&tenant, &id).await.text("/status"), "delivered");
    }

    async fn a_text_can_be_taken_back_and_sent_after_all(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let later = json!({"to": "+14155550206", "body": "Later", "send_at": tomorrow(&tenant).await});
        let id = tenant.api.post("/api/v1/messages", later).await.expect(202).text("/id");
        let path = format!("/api/v1/messages/{id}");

        tenant.api.post(&format!("{path}/cancel"), json!({})).await.expect(200);
        assert_eq!(message(&tenant, &id).await.text("/status"), "canceled");
        let again = tenant.api.post(&format!("{path}/cancel"), json!({})).await;
        assert_eq!(again.status, 409, "{}", again.raw);
        assert!(world.twilio.sent(&channel.account_sid).await.is_empty());

        let retried = tenant.api.post(&format!("{path}/retry"), json!({})).await;
        assert!(matches!(retried.status, 200 | 202), "{}", retried.raw);
        wait_for(&tenant, &id, &["delivered"]).await;
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 1);
    }
}

#[test]
fn passing_troubles_of_twilio_are_waited_out() {
    runtime().block_on(async {
        let setup = Setup::on(Backend::Sqlite).with("QUEUE__RETRY_DELAYS_SECONDS", "1,1,1");
        let world = setup.start().await;
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        at_full_speed(&tenant, &channel).await;
        for fault in [
            json!({"kind": "rate_limited", "count": 1}),
            json!({"kind": "rate_limited", "count": 1, "retry_after": 1}),
            json!({"kind": "drop_before_accept", "count": 1}),
            json!({"kind": "latency", "count": 1, "latency_ms": 1500}),
        ] {
            let before = world.twilio.sent(&channel.account_sid).await.len();
            world.twilio.control("faults", fault.clone()).await;
            let id = send(&tenant, "+14155550207").await;
            if fault["kind"] == "drop_before_accept" {
                // It may have arrived: that takes Twilio's list and a while to find out. The next one must
                // not come first, and be dropped in its place.
                poll_until("a request without an answer", async || {
                    let path = format!("/api/v1/messages/{id}/attempts");
                    let list = tenant.api.get(&path).await.expect(200);
                    let outcome = list.rows().first().map(|row| row["outcome"].clone());
                    (outcome == Some(json!("unknown"))).then_some(())
                })
                .await;
                continue;
            }
            wait_for(&tenant, &id, &["delivered"]).await;
            assert_eq!(
                world.twilio.sent(&channel.account_sid).await.len(),
                before + 1,
                "{fault}"
            );
        }
    });
}

#[test]
fn a_carriers_passing_failure_is_tried_once_more() {
    runtime().block_on(async {
        let setup = Setup::on(Backend::Sqlite).with("QUEUE__RETRY_DELAYS_SECONDS", "1,1,1");
        let world = setup.start().await;
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        at_full_speed(&tenant, &channel).await;
        let unreachable = json!({"status": "undelivered", "error_code": 30003});
        let receipts = json!({"outcome": unreachable, "delay_ms": [0, 40]});
        world.twilio.control("receipts", receipts).await;

        let id = send(&tenant, "+14155550208").await;
        let attempts = poll_until("a second attempt", async || {
            let list = tenant
                .api
                .get(&format!("/api/v1/messages/{id}/attempts"))
                .await
                .expect(200);
            let ended = list
                .rows()
                .iter()
                .filter(|row| row["status"] == "undelivered")
                .count();
            (ended == 2).then_some(list)
        })
        .await;

        assert!(
            attempts.rows().iter().all(|row| row["error_code"] == 30003),
            "{}",
            attempts.raw
        );
        let ended = wait_for(&tenant, &id, &["undelivered"]).await;
        assert_eq!(ended.body["error_code"], 30003);
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 2);
    });
}

#[test]
fn a_text_whose_answer_was_lost_is_not_sent_twice() {
    runtime().block_on(async {
        let setup = Setup::on(Backend::Sqlite).with("TWILIO__REQUEST_TIMEOUT_SECONDS", "1");
        let world = setup.start().await;
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        at_full_speed(&tenant, &channel).await;
        for (sent, kind) in ["drop_after_accept", "hang_after_accept"]
            .into_iter()
            .enumerate()
        {
            world
                .twilio
                .control("faults", json!({"kind": kind, "count": 1}))
                .await;
            let id = send(&tenant, "+14155550209").await;
            // The callback names our message, so it tells what the answer would have.
            let delivered = wait_for(&tenant, &id, &["delivered"]).await;
            let at_twilio = world.twilio.sent(&channel.account_sid).await;
            assert_eq!(at_twilio.len(), sent + 1, "{kind}");
            assert_eq!(
                delivered.body["external_id"], at_twilio[sent]["sid"],
                "{kind}"
            );
        }
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 2);
    });
}
