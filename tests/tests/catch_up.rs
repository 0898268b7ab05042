//! What came at Twilio while nobody answered here is there afterwards.

use std::time::Duration;

use serde_json::{Value, json};
use test_db::Backend;

use crate::harness::{Channel, Setup, Tenant, World, poll_until, poll_within, runtime};

fn setup(backend: Backend) -> Setup {
    Setup::on(backend).with("TWILIO__CATCH_UP_SECONDS", "2")
}

/// Somebody texts, whether or not anybody is told.
async fn text(world: &World, channel: &Channel, from: &str, body: &str) -> String {
    let told = world
        .twilio
        .text(&channel.account_sid, from, &channel.number, body)
        .await;
    told["message_sid"].as_str().unwrap().to_owned()
}

async fn inbound(tenant: &Tenant) -> Vec<Value> {
    let list = tenant
        .api
        .get("/api/v1/messages?direction=inbound&limit=200")
        .await;
    list.expect(200).rows().to_vec()
}

/// Waits until so many texts have come in, and gives them oldest first.
async fn texts(tenant: &Tenant, count: usize) -> Vec<Value> {
    let mut texts = poll_within(Duration::from_secs(60), "the texts", async || {
        let texts = inbound(tenant).await;
        (texts.len() >= count).then_some(texts)
    })
    .await;
    assert_eq!(texts.len(), count);
    texts.reverse();
    texts
}

fn each_on_both<F: Future<Output = ()>>(body: impl Fn(World) -> F) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        runtime().block_on(async { body(setup(backend).start().await).await });
    }
}

#[test]
fn texts_that_came_while_the_service_was_down_are_in_the_inbox_afterwards() {
    each_on_both(async |mut world: World| {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world
            .customer_texts(&channel, "+14155550301", "Are you open?")
            .await;
        world.service.kill();
        let missed = [
            text(&world, &channel, "+14155550301", "Hello?").await,
            text(&world, &channel, "+14155550302", "stop").await,
            text(&world, &channel, "+14155550301", "Anybody?").await,
        ];
        world.crash_and_restart();

        let texts = texts(&tenant, 4).await;
        let found: Vec<_> = texts
            .iter()
            .filter(|text| text["caught_up"] == true)
            .collect();
        let sids: Vec<_> = found
            .iter()
            .map(|text| text["external_id"].as_str().unwrap())
            .collect();
        assert_eq!(sids, missed, "each once, in order");
        assert!(
            found
                .iter()
                .all(|text| text["sent_at"].as_str() < text["created_at"].as_str())
        );
        assert_eq!(texts[0]["caught_up"], false);

        let send = json!({"to": "+14155550302", "body": "Hi"});
        tenant
            .api
            .post("/api/v1/messages", send)
            .await
            .expect_problem(409, "opted_out");
        let threads = tenant
            .api
            .get("/api/v1/conversations?unread=true")
            .await
            .expect(200);
        assert_eq!(threads.rows().len(), 2);
        // Another look finds nothing more.
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(inbound(&tenant).await.len(), 4);
    });
}

#[test]
fn statuses_that_nobody_was_told_are_filled_in() {
    each_on_both(async |world: World| {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let lost = json!({"account_sid": channel.account_sid, "drop": 1.0, "delay_ms": [0, 40]});
        world.twilio.control("receipts", lost).await;
        let body = json!({"to": "+14155550303", "body": "Your table is ready."});
        let id = tenant
            .api
            .post("/api/v1/messages", body)
            .await
            .expect(202)
            .text("/id");
        let delivered = poll_until("the delivery", async || {
            let now = tenant
                .api
                .get(&format!("/api/v1/messages/{id}"))
                .await
                .expect(200);
            (now.text("/status") == "delivered").then_some(now)
        })
        .await;
        assert!(delivered.body["delivered_at"].is_string());
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 1);
    });
}

#[test]
fn pictures_of_a_missed_text_are_recorded_with_it() {
    runtime().block_on(async {
        let world = setup(Backend::Sqlite).start().await;
        let tenant = world.register().await;
        // Twilio is told of no address, so nobody is told of anything.
        let channel = world.add_channel(&tenant, "active").await;
        let pictures = [
            json!({"content_type": "image/png", "base64": "iVBORw0KGgo="}),
            json!({"content_type": "image/gif", "base64": "R0lGODlh"}),
        ];
        let mms = json!({
            "account_sid": channel.account_sid, "from": "+14155550304", "to": channel.number,
            "body": "", "media": pictures,
        });
        world.twilio.control("inbound", mms).await;
        let texts = texts(&tenant, 1).await;
        let media = texts[0]["media"].as_array().unwrap();
        let types: Vec<_> = media
            .iter()
            .map(|item| item["content_type"].clone())
            .collect();
        assert_eq!(types, ["image/png", "image/gif"]);
    });
}

#[test]
fn more_than_a_page_is_missing() {
    runtime().block_on(async {
        let world = setup(Backend::Sqlite).start().await;
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let customers = 1010;
        for n in 0..customers {
            text(
                &world,
                &channel,
                &format!("+1415555{:04}", n % 20),
                &format!("text {n}"),
            )
            .await;
        }
        let all = poll_within(Duration::from_secs(120), "all of them", async || {
            let queue = tenant
                .api
                .get("/api/v1/messages?direction=inbound&limit=1")
                .await
                .expect(200);
            let newest = queue.rows().first()?["body"].clone();
            (newest == format!("text {}", customers - 1)).then_some(())
        });
        all.await;
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let path = format!("/api/v1/messages?direction=inbound&limit=200{cursor}");
            let page = tenant.api.get(&path).await.expect(200);
            count += page.rows().len();
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(count, customers);
    });
}

#[test]
fn an_account_that_cannot_be_read_holds_up_nobody_else() {
    runtime().block_on(async {
        let world = setup(Backend::Sqlite).start().await;
        let (bad, good) = (world.register().await, world.register().await);
        let locked_out = world.add_channel(&bad, "active").await;
        let channel = world.add_channel(&good, "active").await;
        let changed = json!({
            "sid": locked_out.account_sid, "auth_token": "f".repeat(32),
            "numbers": [{"phone_number": locked_out.number}],
        });
        world.twilio.account(changed).await;
        text(&world, &locked_out, "+14155550305", "Hello?").await;
        text(&world, &channel, "+14155550306", "Hello?").await;
        texts(&good, 1).await;
        assert!(inbound(&bad).await.is_empty());
        // As soon as the token is right again, it is read.
        let token = json!({"credentials": {"authToken": "f".repeat(32)}});
        bad.api
            .patch(&format!("/api/v1/channels/{}", locked_out.id), token)
            .await
            .expect(200);
        texts(&bad, 1).await;
    });
}

#[test]
fn what_was_erased_does_not_come_back() {
    each_on_both(async |world: World| {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world
            .customer_texts(&channel, "+14155550307", "Forget me")
            .await;
        let lead = inbound(&tenant).await[0]["lead_id"]
            .as_str()
            .unwrap()
            .to_owned();
        tenant
            .api
            .delete(&format!("/api/v1/leads/{lead}"))
            .await
            .expect(204);
        text(&world, &channel, "+14155550308", "Next, please").await;
        tokio::time::sleep(Duration::from_secs(7)).await;
        let texts = inbound(&tenant).await;
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert_eq!(texts[0]["body"], "Next, please");
    });
}

#[test]
fn two_replicas_bring_each_text_in_once() {
    runtime().block_on(async {
        let world = setup(Backend::Postgres).start().await;
        let _second = world.replica("all");
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        for n in 0..20 {
            text(&world, &channel, &format!("+141555504{n:02}"), "Hello?").await;
        }
        texts(&tenant, 20).await;
    });
}
