use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{CUSTOMER, NUMBER, OTHER_SID, SID, TOKEN, World};

#[tokio::test]
async fn a_rate_limit_hits_as_often_as_ordered_and_creates_nothing() {
    let world = World::new().await;
    world
        .control_post(
            "faults",
            json!({ "kind": "rate_limited", "count": 2, "retry_after": 3 }),
        )
        .await;
    for _ in 0..2 {
        let response = world
            .http
            .post(world.url("/Messages.json"))
            .basic_auth(SID, Some(TOKEN))
            .form(&[("To", CUSTOMER), ("From", NUMBER), ("Body", "x")])
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["Retry-After"], "3");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], 20429);
    }
    assert_eq!(world.text(&[("Body", "x")]).await.0, 201);
    let seen = world.control_get("messages").await;
    assert_eq!(seen["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn errors_come_in_all_shapes() {
    let world = World::new().await;
    for (kind, status, code) in [
        ("rate_limited", 429, json!(20429)),
        ("queue_full", 429, json!(21611)),
        ("server_error", 500, json!(20500)),
        ("unavailable", 503, json!(20503)),
        ("html_error", 500, Value::Null),
    ] {
        world
            .control_post("faults", json!({ "kind": kind, "count": 1 }))
            .await;
        let (got, body) = world.text(&[("Body", "x")]).await;
        assert_eq!(
            (got, body["code"].clone()),
            (status, code),
            "{kind}: {body}"
        );
    }
}

#[tokio::test]
async fn faults_belong_to_an_account_a_recipient_and_an_operation() {
    let world = World::new().await;
    world
        .control_post(
            "faults",
            json!({ "kind": "server_error", "account_sid": OTHER_SID }),
        )
        .await;
    world
        .control_post(
            "faults",
            json!({ "kind": "server_error", "to": "+12125550999" }),
        )
        .await;
    world
        .control_post("faults", json!({ "kind": "server_error", "on": "list" }))
        .await;
    assert_eq!(world.text(&[("Body", "x")]).await.0, 201);
    assert_eq!(
        world
            .send(&[("To", "+12125550999"), ("From", NUMBER), ("Body", "x")])
            .await
            .0,
        500
    );
    assert_eq!(world.get("/Messages.json").await.0, 500);
    let url = format!("{}/_simulator/faults", world.simulator.url());
    world.http.delete(url).send().await.unwrap();
    assert_eq!(world.get("/Messages.json").await.0, 200);
}

async fn lost(world: &World, kind: &str) -> usize {
    world
        .control_post("faults", json!({ "kind": kind, "count": 1 }))
        .await;
    let result = world
        .http
        .post(world.url("/Messages.json"))
        .basic_auth(SID, Some(TOKEN))
        .timeout(Duration::from_millis(700))
        .form(&[("To", CUSTOMER), ("From", NUMBER), ("Body", "x")])
        .send()
        .await;
    assert!(result.is_err(), "{kind} answered: {result:?}");
    world.control_get("messages").await["messages"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test]
async fn an_answer_can_be_lost_before_and_after_the_message_was_accepted() {
    let world = World::new().await;
    assert_eq!(lost(&world, "drop_before_accept").await, 0);
    assert_eq!(lost(&world, "drop_after_accept").await, 1);
    assert_eq!(lost(&world, "hang_after_accept").await, 2);
}

#[tokio::test]
async fn latency_delays_and_changes_nothing_else() {
    let world = World::new().await;
    world
        .control_post(
            "faults",
            json!({ "kind": "latency", "latency_ms": 150, "on": "any" }),
        )
        .await;
    let start = Instant::now();
    assert_eq!(world.get("/Messages.json").await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_fault_never_hides_a_wrong_token() {
    let world = World::new().await;
    world
        .control_post("faults", json!({ "kind": "server_error", "on": "any" }))
        .await;
    let request = world
        .http
        .get(world.url("/Messages.json"))
        .basic_auth(SID, Some("wrong"));
    assert_eq!(crate::harness::answer(request).await.0, 401);
}
