use serde_json::{Value, json};

use crate::harness::{CUSTOMER, NUMBER, SID, TOKEN, World, expected_signature};

async fn point_at(world: &World, number: Value) {
    let mut number = number;
    number["phone_number"] = json!(NUMBER);
    world
        .control_post(
            "accounts",
            json!({ "sid": SID, "auth_token": TOKEN, "numbers": [number] }),
        )
        .await;
}

#[tokio::test]
async fn a_text_arrives_as_a_signed_form_with_every_field() {
    let world = World::new().await;
    let answer = world.customer_texts("Héllo + you & me").await;
    assert_eq!(answer["webhook"]["status"], 200);
    let hook = &world.arrived()[0];
    let sid = answer["message_sid"].as_str();
    assert_eq!(
        hook.signature,
        expected_signature(TOKEN, &format!("{}/sms", world.hook), &hook.params)
    );
    assert_eq!(hook.get("Body"), Some("Héllo + you & me"));
    for name in ["MessageSid", "SmsSid", "SmsMessageSid"] {
        assert_eq!(hook.get(name), sid);
    }
    for (name, value) in [
        ("AccountSid", SID),
        ("From", CUSTOMER),
        ("To", NUMBER),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
        ("FromCity", "NEW YORK"),
        ("ToCity", "SAN FRANCISCO"),
        ("FromCountry", "US"),
        ("FromState", "NY"),
        ("FromZip", "10001"),
        ("ToState", "CA"),
        ("ToZip", "94105"),
        ("ToCountry", "US"),
    ] {
        assert_eq!(hook.get(name), Some(value), "{name}");
    }
    assert_eq!(hook.get("OptOutType"), None);
    assert_eq!(hook.get("MessagingServiceSid"), None);
}

#[tokio::test]
async fn extra_parameters_are_sent_and_signed() {
    let world = World::new().await;
    let text = json!({
        "account_sid": SID, "from": "SHOP", "to": NUMBER, "body": "",
        "extra_params": { "Zürich": "ja", "FromCity": "ELSEWHERE" },
    });
    world.control_post("inbound", text).await;
    let hook = &world.arrived()[0];
    assert_eq!(hook.get("Zürich"), Some("ja"));
    assert_eq!(
        hook.signature,
        expected_signature(TOKEN, &format!("{}/sms", world.hook), &hook.params)
    );
}

#[tokio::test]
async fn a_get_webhook_has_everything_in_its_signed_url() {
    let world = World::new().await;
    point_at(
        &world,
        json!({ "sms_url": format!("{}/sms?a=1", world.hook), "sms_method": "GET" }),
    )
    .await;
    world.customer_texts("hi there").await;
    let hook = &world.arrived()[0];
    assert_eq!(hook.method, "GET");
    assert!(hook.target.starts_with("/sms?a=1&ToCountry=US"));
    assert_eq!(
        hook.signature,
        expected_signature(TOKEN, &format!("{}{}", world.hook, hook.target), &[])
    );
}

#[tokio::test]
async fn a_password_in_the_url_is_shown_only_when_asked_for_and_never_signed() {
    let world = World::new().await;
    let with_password = format!("{}/sms", world.hook.replace("//", "//user:pass@"));
    point_at(&world, json!({ "sms_url": with_password })).await;
    world.will_answer(401, "text/plain", "");
    world.customer_texts("hi").await;
    let arrived = world.arrived();
    assert_eq!(arrived[0].authorization, None);
    assert_eq!(
        arrived[1].authorization.as_deref(),
        Some("Basic dXNlcjpwYXNz")
    );
    let url = format!("{}/sms", world.hook);
    assert_eq!(
        arrived[1].signature,
        expected_signature(TOKEN, &url, &arrived[1].params)
    );
}

#[tokio::test]
async fn a_failed_webhook_goes_to_the_fallback_once() {
    let world = World::new().await;
    let urls = json!({
        "sms_url": format!("{}/first", world.hook),
        "sms_fallback_url": format!("{}/second", world.hook),
    });
    point_at(&world, urls).await;
    world.will_answer(500, "text/plain", "");
    let answer = world.customer_texts("hi").await;
    assert_eq!(answer["webhook"]["status"], 200);
    let arrived = world.arrived();
    assert_eq!(arrived[1].target, "/second");
    assert_eq!(arrived[1].get("ErrorCode"), Some("11200"));
    assert_eq!(arrived[1].get("MessageSid"), arrived[0].get("MessageSid"));
}

#[tokio::test]
async fn nobody_listening_is_a_connection_error_after_two_tries() {
    let world = World::new().await;
    point_at(&world, json!({ "sms_url": "http://127.0.0.1:1/sms" })).await;
    let answer = world.customer_texts("hi").await;
    assert_eq!(answer["webhook"]["status"], Value::Null);
    assert_eq!(answer["webhook"]["error_code"], 11205);
    assert_eq!(answer["webhook"]["attempts"], 2);
}

#[tokio::test]
async fn without_a_url_the_text_is_only_kept() {
    let world = World::new().await;
    point_at(&world, json!({})).await;
    let answer = world.customer_texts("hi").await;
    assert_eq!(answer["webhook"], Value::Null);
    let seen = world.control_get("messages?direction=inbound").await;
    assert_eq!(seen["messages"][0]["body"], "hi");
    let (_, listed) = world.get("/Messages.json").await;
    assert_eq!(listed["messages"][0]["status"], "received");
}

async fn replies(world: &World) -> Vec<String> {
    let seen = world.control_get("messages?direction=outbound-reply").await;
    let all = seen["messages"].as_array().unwrap();
    all.iter()
        .map(|message| message["body"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_answer_to_a_webhook_can_be_a_text() {
    let world = World::new().await;
    world.will_answer(
        200,
        "text/xml",
        "<Response><Message>We&apos;re open</Message></Response>",
    );
    world.customer_texts("open?").await;
    world.will_answer(200, "text/plain; charset=utf-8", "OK");
    world.customer_texts("thanks").await;
    assert_eq!(replies(&world).await, ["We're open", "OK"]);
}

#[tokio::test]
async fn a_wrong_answer_is_reported_with_its_code() {
    let world = World::new().await;
    world.will_answer(200, "application/json", "{}");
    assert_eq!(
        world.customer_texts("a").await["webhook"]["error_code"],
        12300
    );
    world.will_answer(200, "text/xml", "<Response><Message>");
    assert_eq!(
        world.customer_texts("b").await["webhook"]["error_code"],
        12100
    );
    world.will_answer(204, "text/plain", "");
    assert_eq!(
        world.customer_texts("c").await["webhook"]["error_code"],
        Value::Null
    );
    assert!(replies(&world).await.is_empty());
}

#[tokio::test]
async fn a_replay_is_the_same_text_again() {
    let world = World::new().await;
    let answer = world.customer_texts("hi").await;
    world
        .control_post(
            "webhooks/replay",
            json!({ "message_sid": answer["message_sid"] }),
        )
        .await;
    let arrived = world.arrived();
    assert_eq!(arrived[0].params, arrived[1].params);
    assert_ne!(arrived[0].idempotency_token, arrived[1].idempotency_token);
}
