//! What goes out when, and what does not: quiet hours, schedules, validity, opt-outs.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use test_db::Backend;

use crate::harness::{Channel, Reply, Setup, Tenant, World, on_both, poll_until, runtime};

/// The time of day at which the service lives, moved.
async fn clock(tenant: &Tenant, by: TimeDelta) -> DateTime<Utc> {
    let date = tenant.api.get("/healthz").await.header("date").to_owned();
    DateTime::parse_from_rfc2822(&date).unwrap().to_utc() + by
}

/// Sets quiet hours from an hour ago until two hours from now, in UTC.
async fn make_it_night(tenant: &Tenant) {
    let time = async |hours| {
        let at = clock(tenant, TimeDelta::hours(hours)).await;
        at.format("%H:%M").to_string()
    };
    let quiet_hours = json!({"enabled": true, "start": time(-1).await, "end": time(2).await});
    let body = json!({"timezone": "UTC", "quiet_hours": quiet_hours});
    tenant.api.patch("/api/v1/tenant", body).await.expect(200);
}

async fn lead(tenant: &Tenant, phone: &str, timezone: &str) -> String {
    let body = json!({"phone": phone, "timezone": timezone});
    tenant
        .api
        .post("/api/v1/leads", body)
        .await
        .expect(201)
        .text("/id")
}

async fn send(tenant: &Tenant, body: Value) -> Reply {
    tenant.api.post("/api/v1/messages", body).await.expect(202)
}

async fn message(tenant: &Tenant, id: &str) -> Reply {
    tenant
        .api
        .get(&format!("/api/v1/messages/{id}"))
        .await
        .expect(200)
}

async fn patch(tenant: &Tenant, id: &str, body: Value) -> Reply {
    tenant
        .api
        .patch(&format!("/api/v1/messages/{id}"), body)
        .await
}

async fn wait_for(tenant: &Tenant, id: &str, status: &str) -> Reply {
    poll_until(status, async || {
        let now = message(tenant, id).await;
        (now.text("/status") == status).then_some(now)
    })
    .await
}

fn time(reply: &Reply, pointer: &str) -> DateTime<Utc> {
    reply
        .text(pointer)
        .parse()
        .unwrap_or_else(|_| panic!("{pointer}: {}", reply.raw))
}

async fn texts_at_twilio(world: &World, channel: &Channel) -> usize {
    world.twilio.sent(&channel.account_sid).await.len()
}

on_both! {
    async fn at_night_bulk_waits_and_nothing_else(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        make_it_night(&tenant).await;
        let to = "+14155550301";
        lead(&tenant, to, "UTC").await;
        let bulk = send(&tenant, json!({"to": to, "body": "Sale!", "priority": "bulk"})).await;
        let id = bulk.text("/id");
        assert_eq!((bulk.text("/status"), bulk.text("/reason")), ("queued".to_owned(), "quiet_hours".to_owned()));
        assert!(bulk.text("/held_reason").contains("UTC"), "{}", bulk.raw);
        let wait = time(&bulk, "/next_attempt_at") - clock(&tenant, TimeDelta::zero()).await;
        assert!(wait > TimeDelta::minutes(118) && wait <= TimeDelta::hours(2), "{wait}");
        // Its validity begins when it may go.
        let valid_for = time(&bulk, "/valid_until") - time(&bulk, "/next_attempt_at");
        assert_eq!(valid_for, TimeDelta::hours(72));

        let normal = send(&tenant, json!({"to": to, "body": "Your table is ready."})).await;
        let thread = format!("/api/v1/conversations/{}/messages", normal.text("/conversation_id"));
        let reply = tenant.api.post(&thread, json!({"body": "Yes, at 9."})).await.expect(202);
        for text in [normal, reply] {
            wait_for(&tenant, &text.text("/id"), "delivered").await;
        }
        assert_eq!(message(&tenant, &id).await.text("/status"), "queued");
        assert_eq!(texts_at_twilio(&world, &channel).await, 2);

        // Over at once when the tenant says so.
        let off = json!({"quiet_hours": {"enabled": false}});
        tenant.api.patch("/api/v1/tenant", off).await.expect(200);
        let sent = wait_for(&tenant, &id, "delivered").await;
        assert_eq!((&sent.body["reason"], &sent.body["held_reason"]), (&Value::Null, &Value::Null));
        assert_eq!(texts_at_twilio(&world, &channel).await, 3);
    }

    async fn night_is_where_the_recipient_is(world: World) {
        let tenant = world.register().await;
        world.connect_channel(&tenant).await;
        make_it_night(&tenant).await;
        // Six hours on it is day.
        lead(&tenant, "+14155550302", "Etc/GMT-6").await;
        let bulk = |to: &str| json!({"to": to, "body": "Sale!", "priority": "bulk"});
        let awake = send(&tenant, bulk("+14155550302")).await;
        assert_eq!(awake.body["next_attempt_at"], Value::Null);
        wait_for(&tenant, &awake.text("/id"), "delivered").await;

        let asleep = lead(&tenant, "+14155550303", "UTC").await;
        let held = send(&tenant, bulk("+14155550303")).await;
        assert_eq!(held.text("/reason"), "quiet_hours");
        let moved = json!({"timezone": "Etc/GMT-6"});
        tenant.api.patch(&format!("/api/v1/leads/{asleep}"), moved).await.expect(200);
        wait_for(&tenant, &held.text("/id"), "delivered").await;
    }

    async fn a_time_in_the_night_moves_and_stays_readable(world: World) {
        let tenant = world.register().await;
        world.connect_channel(&tenant).await;
        make_it_night(&tenant).await;
        let to = "+14155550304";
        lead(&tenant, to, "UTC").await;
        let send_at = clock(&tenant, TimeDelta::minutes(30)).await;
        let body = json!({"to": to, "body": "Sale!", "priority": "bulk", "send_at": send_at});
        let text = send(&tenant, body).await;
        assert_eq!(text.text("/status"), "scheduled");
        assert_eq!(time(&text, "/scheduled_at"), send_at);
        assert!(time(&text, "/next_attempt_at") > send_at + TimeDelta::minutes(80));
        let by_day = send_at + TimeDelta::hours(5);
        let moved = patch(&tenant, &text.text("/id"), json!({"send_at": by_day})).await.expect(200);
        assert_eq!(time(&moved, "/scheduled_at"), by_day);
        assert_eq!((&moved.body["next_attempt_at"], &moved.body["reason"]), (&Value::Null, &Value::Null));
    }

    async fn scheduled_texts_are_listed_by_their_time_changed_and_taken_back(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let to = "+14155550305";
        let now = clock(&tenant, TimeDelta::zero()).await;
        let mut ids = Vec::new();
        for hours in [3, 1, 24 * 300, 2] {
            let body = json!({"to": to, "body": "Later", "send_at": now + TimeDelta::hours(hours)});
            ids.push(send(&tenant, body).await.text("/id"));
        }
        let thread = message(&tenant, &ids[0]).await.text("/conversation_id");
        let path = format!("/api/v1/conversations/{thread}/messages");
        let body = json!({"body": "Later", "send_at": now + TimeDelta::minutes(90)});
        ids.push(tenant.api.post(&path, body).await.expect(202).text("/id"));
        send(&tenant, json!({"to": to, "body": "Now"})).await;

        let due_next = [&ids[1], &ids[4], &ids[3], &ids[0], &ids[2]];
        let list = "/api/v1/messages?status=scheduled";
        let all = tenant.api.get(list).await.expect(200);
        let listed: Vec<_> = all.rows().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(listed, due_next);
        let mut page = tenant.api.get(&format!("{list}&limit=2")).await.expect(200);
        let mut paged = Vec::new();
        loop {
            paged.extend(page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
            let cursor = page.text("/next_cursor");
            if cursor.is_empty() {
                break;
            }
            page = tenant.api.get(&format!("{list}&limit=2&cursor={cursor}")).await.expect(200);
        }
        assert_eq!(paged.iter().collect::<Vec<_>>(), due_next);

        // Changed, in words and validity; to a time that is past; and taken back.
        let body = json!({"body": "Later, then", "valid_for_seconds": 60, "cancel_on_reply": true});
        let changed = patch(&tenant, &ids[1], body).await.expect(200);
        let valid_for = time(&changed, "/valid_until") - time(&changed, "/scheduled_at");
        assert_eq!((valid_for, changed.text("/body")), (TimeDelta::minutes(1), "Later, then".to_owned()));
        let wrong = json!({"send_at": now + TimeDelta::days(800), "valid_for_seconds": 0, "body": ""});
        let refused = patch(&tenant, &ids[1], wrong).await.expect_problem(422, "invalid");
        assert_eq!(refused.pointers(), ["/body", "/send_at", "/valid_for_seconds"]);
        let at_once = patch(&tenant, &ids[0], json!({"send_at": now - TimeDelta::days(1)})).await.expect(200);
        assert_eq!(at_once.text("/status"), "queued");
        wait_for(&tenant, &ids[0], "delivered").await;
        patch(&tenant, &ids[0], json!({"body": "Too late"})).await.expect_problem(409, "wrong_status");
        tenant.api.post(&format!("/api/v1/messages/{}/cancel", ids[3]), json!({})).await.expect(200);
        world.customer_texts(&channel, to, "Here I am").await;
        let dropped = message(&tenant, &ids[1]).await;
        assert_eq!((dropped.text("/status"), dropped.text("/reason")), ("canceled".to_owned(), "customer_wrote".to_owned()));
        let left = tenant.api.get(list).await.expect(200);
        let left: Vec<_> = left.rows().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(left, [&ids[4], &ids[2]]);
    }

    async fn a_removed_channel_leaves_no_schedule(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let send_at = clock(&tenant, TimeDelta::hours(1)).await;
        let text = send(&tenant, json!({"to": "+14155550306", "body": "Later", "send_at": send_at})).await;
        tenant.api.delete(&format!("/api/v1/channels/{}", channel.id)).await.expect(204);
        let gone = message(&tenant, &text.text("/id")).await;
        assert_eq!((gone.text("/status"), gone.text("/reason")), ("canceled".to_owned(), "channel_removed".to_owned()));
        assert!(!gone.text("/error_help").is_empty());
        let retry = format!("/api/v1/messages/{}/retry", text.text("/id"));
        tenant.api.post(&retry, json!({})).await.expect_problem(409, "channel_inactive");
    }

    async fn stop_ends_everything_at_all_numbers_and_is_answered_by_twilio_alone(world: World) {
        let tenant = world.register().await;
        let (first, second) = (world.connect_channel(&tenant).await, world.connect_channel(&tenant).await);
        let to = "+14155550307";
        let send_at = clock(&tenant, TimeDelta::hours(1)).await;
        let mut waiting = Vec::new();
        for channel in [&first, &second] {
            let body = json!({"to": to, "body": "Later", "channel_id": channel.id, "send_at": send_at});
            waiting.push(send(&tenant, body).await.text("/id"));
        }
        for _ in 0..2 {
            world.customer_texts(&first, to, "STOP").await;
        }
        for id in &waiting {
            let text = message(&tenant, id).await;
            assert_eq!((text.text("/status"), text.text("/reason")), ("canceled".to_owned(), "opted_out".to_owned()));
            assert!(text.text("/error_message").contains(&first.number), "{}", text.raw);
            let retry = tenant.api.post(&format!("/api/v1/messages/{id}/retry"), json!({})).await;
            retry.expect_problem(409, "opted_out");
        }
        let refused = json!({"to": to, "body": "Hi", "channel_id": second.id});
        let refused = tenant.api.post("/api/v1/messages", refused).await.expect_problem(409, "opted_out");
        assert!(refused.text("/detail").contains(&first.number), "{}", refused.raw);
        let lead = message(&tenant, &waiting[0]).await.text("/lead_id");
        let lead = format!("/api/v1/leads/{lead}");
        let marked = tenant.api.get(&lead).await.expect(200);
        assert_eq!(marked.text("/sms_opt_out_number"), first.number);
        assert_eq!(marked.text("/sms_opt_out_source"), "keyword");
        // Twilio has answered; nothing of ours went out.
        for channel in [&first, &second] {
            assert_eq!(texts_at_twilio(&world, channel).await, 0);
        }

        world.customer_texts(&first, to, "START").await;
        let open = tenant.api.get(&lead).await.expect(200);
        assert_eq!((&open.body["sms_opt_out"], &open.body["sms_opt_out_number"]), (&json!(false), &Value::Null));
        let text = send(&tenant, json!({"to": to, "body": "Welcome back", "channel_id": first.id})).await;
        wait_for(&tenant, &text.text("/id"), "delivered").await;
    }

    async fn start_at_one_number_does_not_hide_a_stop_at_another(world: World) {
        let tenant = world.register().await;
        let known = world.connect_channel(&tenant).await;
        // Twilio is not told where we listen for this one, so we miss its STOP.
        let missed = world.add_channel(&tenant, "active").await;
        let to = "+14155550308";
        world.twilio.text(&missed.account_sid, to, &missed.number, "STOP").await;
        world.customer_texts(&known, to, "STOP").await;
        world.customer_texts(&known, to, "START").await;

        let send_at = clock(&tenant, TimeDelta::hours(1)).await;
        let later = json!({"to": to, "body": "Later", "channel_id": known.id, "send_at": send_at});
        let later = send(&tenant, later).await.text("/id");
        let text = send(&tenant, json!({"to": to, "body": "Hi", "channel_id": missed.id})).await;
        let failed = wait_for(&tenant, &text.text("/id"), "failed").await;
        assert_eq!(failed.body["error_code"], 21610);
        assert!(failed.text("/error_message").contains(&missed.number), "{}", failed.raw);
        assert!(failed.text("/error_help").contains("START"));
        assert_eq!(message(&tenant, &later).await.text("/status"), "canceled");
        let lead = tenant.api.get(&format!("/api/v1/leads/{}", text.text("/lead_id"))).await.expect(200);
        assert_eq!(lead.text("/sms_opt_out_number"), missed.number);
        assert_eq!(lead.text("/sms_opt_out_source"), "carrier");
        let refused = json!({"to": to, "body": "Hi", "channel_id": known.id});
        let refused = tenant.api.post("/api/v1/messages", refused).await.expect_problem(409, "opted_out");
        assert!(refused.text("/detail").contains(&missed.number), "{}", refused.raw);
    }
}

/// With the worker away, as in an outage.
async fn stale_texts_are_not_sent_when_the_worker_is_back(world: World) {
    let tenant = world.register().await;
    let channel = world.connect_channel(&tenant).await;
    let mut stale = Vec::new();
    for n in 0..20 {
        let to = format!("+141555504{n:02}");
        let body = json!({"to": to, "body": "Now!", "valid_for_seconds": 1});
        stale.push(send(&tenant, body).await.text("/id"));
    }
    let fresh = send(&tenant, json!({"to": "+14155550309", "body": "Hello"}))
        .await
        .text("/id");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let _worker = world.replica("worker");
    // At a segment a second, twenty would take longer than anybody waits here.
    for id in &stale {
        let failed = wait_for(&tenant, id, "failed").await;
        assert_eq!(
            (failed.text("/reason"), &failed.body["error_code"]),
            ("expired".to_owned(), &Value::Null)
        );
        assert!(
            failed.text("/error_message").contains("valid until"),
            "{}",
            failed.raw
        );
        assert!(
            failed.text("/error_help").contains("send it again"),
            "{}",
            failed.raw
        );
    }
    wait_for(&tenant, &fresh, "delivered").await;
    assert_eq!(texts_at_twilio(&world, &channel).await, 1);

    let retried = tenant
        .api
        .post(&format!("/api/v1/messages/{}/retry", stale[0]), json!({}))
        .await
        .expect(202);
    assert_eq!(
        (retried.text("/status"), &retried.body["reason"]),
        ("queued".to_owned(), &Value::Null)
    );
    assert!(time(&retried, "/valid_until") > clock(&tenant, TimeDelta::hours(23)).await);
    wait_for(&tenant, &stale[0], "delivered").await;
}

mod stale_texts_are_not_sent_when_the_worker_is_back {
    use super::*;

    #[test]
    fn sqlite() {
        runtime().block_on(with_a_worker_apart(Backend::Sqlite));
    }

    #[test]
    fn postgres() {
        runtime().block_on(with_a_worker_apart(Backend::Postgres));
    }
}

async fn with_a_worker_apart(backend: Backend) {
    let world = Setup::on(backend).with_role("api").start().await;
    stale_texts_are_not_sent_when_the_worker_is_back(world).await;
}
