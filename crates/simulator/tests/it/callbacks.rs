use serde_json::json;

use crate::harness::{CUSTOMER, NUMBER, SID, TOKEN, World, expected_signature};

#[tokio::test]
async fn callbacks_tell_the_way_and_are_signed() {
    let world = World::new().await;
    let callback = format!("{}/status?message=1&a=%2F", world.hook);
    let (_, body) = world
        .text(&[
            ("Body", "hi"),
            ("StatusCallback", &format!("{callback}#rc=3")),
        ])
        .await;
    let told = world.arrived_at_least(2).await;
    let statuses: Vec<_> = told
        .iter()
        .filter_map(|hook| hook.get("MessageStatus"))
        .collect();
    assert_eq!(statuses, ["sent", "delivered"]);
    for hook in &told {
        assert_eq!(
            hook.signature,
            expected_signature(TOKEN, &callback, &hook.params)
        );
        assert!(callback.ends_with(&hook.target));
        assert_eq!(hook.get("MessageSid"), body["sid"].as_str());
        assert_eq!(hook.get("SmsStatus"), hook.get("MessageStatus"));
        assert_eq!(hook.get("To"), Some(CUSTOMER));
        assert_eq!(hook.get("From"), Some(NUMBER));
        assert_eq!(hook.get("AccountSid"), Some(SID));
        assert_eq!(hook.get("ApiVersion"), Some("2010-04-01"));
        assert_eq!(hook.get("Body"), None);
    }
    assert_eq!(told[0].get("RawDlrDoneDate"), None);
    assert_eq!(told[1].get("RawDlrDoneDate").map(str::len), Some(10));
}

#[tokio::test]
async fn failures_carry_their_code() {
    let world = World::new().await;
    world
        .control_post(
            "receipts",
            json!({
                "account_sid": SID, "delay_ms": [0, 5],
                "outcomes": { CUSTOMER: { "status": "undelivered", "error_code": 30003 } },
            }),
        )
        .await;
    let callback = format!("{}/status", world.hook);
    let (_, body) = world
        .text(&[("Body", "hi"), ("StatusCallback", &callback)])
        .await;
    let told = world.arrived_at_least(2).await;
    assert_eq!(told[0].get("ErrorCode"), None);
    assert_eq!(told[1].get("MessageStatus"), Some("undelivered"));
    assert_eq!(told[1].get("ErrorCode"), Some("30003"));
    let message = world
        .becomes(body["sid"].as_str().unwrap(), "undelivered")
        .await;
    assert_eq!(message["error_code"], 30003);
}

#[tokio::test]
async fn callbacks_can_be_doubled_and_shuffled_repeatably() {
    let world = World::new().await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        world
            .control_post(
                "receipts",
                json!({
                    "account_sid": SID, "delay_ms": [0, 400], "sending": true,
                    "shuffle": true, "duplicate": 1.0, "seed": 5,
                }),
            )
            .await;
        let before = world.arrived().len();
        let callback = format!("{}/status", world.hook);
        let (_, body) = world
            .text(&[("Body", "hi"), ("StatusCallback", &callback)])
            .await;
        let told = world.arrived_at_least(before + 6).await.split_off(before);
        let mut statuses: Vec<_> = told
            .iter()
            .map(|hook| hook.get("MessageStatus").unwrap().to_owned())
            .collect();
        orders.push(statuses.clone());
        statuses.sort();
        assert_eq!(
            statuses,
            [
                "delivered",
                "delivered",
                "sending",
                "sending",
                "sent",
                "sent"
            ]
        );
        world
            .becomes(body["sid"].as_str().unwrap(), "delivered")
            .await;
    }
    assert_ne!(
        orders[0],
        [
            "sending",
            "sending",
            "sent",
            "sent",
            "delivered",
            "delivered"
        ]
    );
}

#[tokio::test]
async fn callbacks_can_be_lost() {
    let world = World::new().await;
    world
        .control_post(
            "receipts",
            json!({ "account_sid": SID, "delay_ms": [0, 5], "drop": 1.0 }),
        )
        .await;
    let callback = format!("{}/status", world.hook);
    let (_, body) = world
        .text(&[("Body", "hi"), ("StatusCallback", &callback)])
        .await;
    world
        .becomes(body["sid"].as_str().unwrap(), "delivered")
        .await;
    assert!(world.arrived().is_empty());
}

#[tokio::test]
async fn a_failing_service_is_tried_again_only_where_its_url_says_so() {
    let world = World::new().await;
    world
        .control_post(
            "receipts",
            json!({ "delay_ms": [0, 0], "outcome": { "status": "sent" } }),
        )
        .await;
    world.will_answer(500, "text/plain", "");
    let plain = format!("{}/status", world.hook);
    let (_, first) = world
        .text(&[("Body", "hi"), ("StatusCallback", &plain)])
        .await;
    world.becomes(first["sid"].as_str().unwrap(), "sent").await;
    world.arrived_at_least(1).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(world.arrived().len(), 1);

    world.will_answer(500, "text/plain", "");
    world.will_answer(503, "text/plain", "");
    let stubborn = format!("{}/status#rc=5&rp=all", world.hook);
    let (_, second) = world
        .text(&[("Body", "hi"), ("StatusCallback", &stubborn)])
        .await;
    let told = world.arrived_at_least(4).await.split_off(1);
    assert_eq!(told.len(), 3);
    assert!(
        told.iter()
            .all(|hook| hook.idempotency_token == told[0].idempotency_token)
    );
    assert!(told.iter().all(|hook| !hook.target.contains("rc=")));
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let sid = second["sid"].as_str().unwrap();
    let log = world
        .control_get(&format!("webhooks?message_sid={sid}"))
        .await;
    let answers: Vec<_> = log["webhooks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hook| hook["status"].clone())
        .collect();
    assert_eq!(answers, [json!(500), json!(503), json!(200)]);
}

#[tokio::test]
async fn a_slow_service_is_cut_off_by_its_read_timeout() {
    let world = World::new().await;
    world.will_answer(0, "text/plain", "");
    let callback = format!("{}/status#rt=200&rc=1&rp=rt", world.hook);
    let (_, body) = world
        .text(&[("Body", "hi"), ("StatusCallback", &callback)])
        .await;
    let told = world.arrived_at_least(3).await;
    assert_eq!(told[1].get("MessageStatus"), told[0].get("MessageStatus"));
    let sid = body["sid"].as_str().unwrap();
    let log = world
        .control_get(&format!("webhooks?message_sid={sid}"))
        .await;
    assert_eq!(log["webhooks"][0]["status"], json!(null));
    assert_eq!(log["webhooks"][1]["status"], json!(200));
}

#[tokio::test]
async fn a_callback_can_be_pushed_and_replayed_by_hand() {
    let world = World::new().await;
    let callback = format!("{}/status", world.hook);
    let (_, body) = world
        .text(&[("Body", "hi"), ("StatusCallback", &callback)])
        .await;
    let sid = body["sid"].as_str().unwrap();
    world.becomes(sid, "delivered").await;
    world.arrived_at_least(2).await;
    let pushed = world
        .control_post(
            &format!("messages/{sid}/status"),
            json!({ "status": "queued" }),
        )
        .await;
    assert_eq!(pushed["webhook"]["status"], 200);
    world.becomes(sid, "delivered").await;
    world
        .control_post("webhooks/replay", json!({ "message_sid": sid }))
        .await;
    let told = world.arrived();
    assert_eq!(told[2].get("MessageStatus"), Some("queued"));
    assert_eq!(told[3].get("MessageStatus"), Some("delivered"));
}
