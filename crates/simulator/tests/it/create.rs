use serde_json::{Value, json};

use crate::harness::{CUSTOMER, NUMBER, OTHER_NUMBER, SID, TOKEN, World, answer};

/// The code of the refusal; 0 if the message was taken.
async fn code(world: &World, params: &[(&str, &str)]) -> i64 {
    world.send(params).await.1["code"]
        .as_i64()
        .unwrap_or_default()
}

async fn code_of(world: &World, extra: &[(&str, &str)]) -> i64 {
    world.text(extra).await.1["code"]
        .as_i64()
        .unwrap_or_default()
}

#[tokio::test]
async fn a_message_is_answered_as_twilio_answers() {
    let world = World::new().await;
    let (status, mut body) = world.text(&[("Body", "Grüße 😀")]).await;
    assert_eq!(status, 201);
    let sid = body["sid"].as_str().unwrap().to_owned();
    assert!(sid.starts_with("SM") && sid.len() == 34);
    assert!(body["date_created"].as_str().unwrap().ends_with(" +0000"));
    body["date_created"].take();
    body["date_updated"].take();
    let base = format!("/2010-04-01/Accounts/{SID}/Messages/{sid}");
    assert_eq!(
        body,
        json!({
            "account_sid": SID,
            "api_version": "2010-04-01",
            "body": "Grüße 😀",
            "date_created": null,
            "date_sent": null,
            "date_updated": null,
            "direction": "outbound-api",
            "error_code": null,
            "error_message": null,
            "from": NUMBER,
            "messaging_service_sid": null,
            "num_media": "0",
            "num_segments": "1",
            "price": null,
            "price_unit": "USD",
            "sid": sid,
            "status": "queued",
            "subresource_uris": { "media": format!("{base}/Media.json") },
            "to": CUSTOMER,
            "uri": format!("{base}.json"),
        })
    );
    let delivered = world.becomes(&sid, "delivered").await;
    assert!(delivered["date_sent"].is_string());
    assert_eq!(delivered["price"], "-0.00790");
}

#[tokio::test]
async fn what_is_missing_is_named_by_its_code() {
    let world = World::new().await;
    assert_eq!(
        code(&world, &[("From", NUMBER), ("Body", "x")]).await,
        21604
    );
    assert_eq!(
        code(&world, &[("To", CUSTOMER), ("Body", "x")]).await,
        21603
    );
    assert_eq!(code_of(&world, &[]).await, 21619);
    assert_eq!(code_of(&world, &[("Body", "")]).await, 21602);
}

#[tokio::test]
async fn recipients_must_be_phone_numbers() {
    let world = World::new().await;
    // The third is what a plus becomes that nobody encoded.
    for bad in [
        "+1415",
        "4155550100",
        " 14155550100",
        "abc",
        "+19995550100000",
    ] {
        assert_eq!(
            code(&world, &[("To", bad), ("From", NUMBER), ("Body", "x")]).await,
            21211,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn senders_must_be_numbers_of_the_account() {
    let world = World::new().await;
    let from =
        async |from: &str| code(&world, &[("To", CUSTOMER), ("From", from), ("Body", "x")]).await;
    assert_eq!(from("+14155550999").await, 21606);
    assert_eq!(from(OTHER_NUMBER).await, 21660);
    assert_eq!(from("Trunk").await, 21212);
    world
        .control_post(
            "accounts",
            json!({
                "sid": SID, "auth_token": TOKEN,
                "numbers": [{ "phone_number": NUMBER, "capabilities": { "sms": false } }],
            }),
        )
        .await;
    assert_eq!(from(NUMBER).await, 21606);
}

#[tokio::test]
async fn bodies_and_media_have_their_limits() {
    let world = World::new().await;
    assert_eq!(code_of(&world, &[("Body", &"x".repeat(1600))]).await, 0);
    assert_eq!(code_of(&world, &[("Body", &"x".repeat(1601))]).await, 21617);
    assert_eq!(code_of(&world, &[("Body", &"😀".repeat(801))]).await, 21617);
    let url = ("MediaUrl", "https://example.com/a.png");
    assert_eq!(code_of(&world, &[url; 10]).await, 0);
    assert_eq!(code_of(&world, &[url; 11]).await, 21623);
    assert_eq!(
        code_of(&world, &[("MediaUrl", "ftp://example.com/a.png")]).await,
        21620
    );
    let list = (
        "MediaUrl",
        "https://example.com/a.png,https://example.com/b.png",
    );
    assert_eq!(code_of(&world, &[list]).await, 21620);
}

#[tokio::test]
async fn unknown_and_repeated_parameters_are_named() {
    let world = World::new().await;
    for name in ["MediaUrl[]", "MediaUrl0", "body", "StatusCallbackMethod"] {
        let (status, body) = world.text(&[("Body", "x"), (name, "x")]).await;
        assert_eq!((status, &body["code"]), (400, &json!(20001)), "{name}");
        assert!(body["message"].as_str().unwrap().contains(name));
    }
    assert_eq!(
        code_of(&world, &[("Body", "x"), ("Body", "y")]).await,
        20001
    );
}

#[tokio::test]
async fn a_json_body_is_refused() {
    let world = World::new().await;
    let request = world
        .http
        .post(world.url("/Messages.json"))
        .basic_auth(SID, Some(TOKEN))
        .json(&json!({ "To": CUSTOMER, "From": NUMBER, "Body": "x" }));
    let (status, body) = answer(request).await;
    assert_eq!((status, &body["code"]), (400, &json!(20001)));
}

#[tokio::test]
async fn invalid_utf8_is_refused_and_the_replacement_character_is_not() {
    let world = World::new().await;
    for (body, expected) in [("%ff", 400), ("%EF%BF%BD", 201)] {
        let form = format!("To=%2B12125550123&From=%2B14155550100&Body={body}");
        let request = world
            .http
            .post(world.url("/Messages.json"))
            .basic_auth(SID, Some(TOKEN))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form);
        assert_eq!(answer(request).await.0, expected, "{body}");
    }
}

#[tokio::test]
async fn options_are_checked() {
    let world = World::new().await;
    let with =
        async |name: &str, value: &str| code_of(&world, &[("Body", "x"), (name, value)]).await;
    assert_eq!(
        with("StatusCallback", "https://bad_host.example/x").await,
        21609
    );
    let long = format!("https://example.com/{}", "x".repeat(4000));
    assert_eq!(with("StatusCallback", &long).await, 21609);
    assert_eq!(with("ValidityPeriod", "0").await, 20001);
    assert_eq!(with("ValidityPeriod", "36000").await, 0);
    assert_eq!(with("ValidityPeriod", "36001").await, 20001);
    assert_eq!(with("SmartEncoded", "yes").await, 20001);
    assert_eq!(with("SendAt", "2030-01-01T00:00:00Z").await, 35118);
}

#[tokio::test]
async fn a_trial_account_texts_only_verified_numbers() {
    let world = World::new().await;
    world
        .control_post(
            "accounts",
            json!({
                "sid": SID, "auth_token": TOKEN, "type": "Trial", "verified": ["+12125550999"],
                "numbers": [{ "phone_number": NUMBER }],
            }),
        )
        .await;
    assert_eq!(code_of(&world, &[("Body", "x")]).await, 21608);
    let verified = [("To", "+12125550999"), ("From", NUMBER), ("Body", "x")];
    assert_eq!(code(&world, &verified).await, 0);
}

#[tokio::test]
async fn test_credentials_know_magic_numbers_and_nothing_else() {
    let world = World::new().await;
    world
        .control_post(
            "accounts",
            json!({ "sid": SID, "auth_token": TOKEN, "test": true }),
        )
        .await;
    let magic = async |from: &str, to: &str| {
        let params = [("To", to), ("From", from), ("Body", "x")];
        code(&world, &params).await
    };
    let ok = "+15005550006";
    assert_eq!(magic(ok, CUSTOMER).await, 0);
    for (to, expected) in [
        ("1", 21211),
        ("2", 21612),
        ("3", 21408),
        ("4", 21610),
        ("9", 21614),
    ] {
        assert_eq!(magic(ok, &format!("+1500555000{to}")).await, expected);
    }
    for (from, expected) in [("1", 21212), ("7", 21606), ("8", 21611)] {
        assert_eq!(
            magic(&format!("+1500555000{from}"), CUSTOMER).await,
            expected
        );
    }
    let (status, body) = world.get("/Messages.json").await;
    assert_eq!((status, &body["code"]), (403, &json!(20008)));
    assert_eq!(world.control_get("messages").await["messages"], json!([]));
}

async fn with_service(world: &World) {
    world
        .control_post("accounts", json!({
            "sid": SID, "auth_token": TOKEN,
            "numbers": [{ "phone_number": NUMBER }],
            "messaging_services": [{
                "sid": "MG01", "numbers": [NUMBER], "status_callback": format!("{}/service", world.hook),
            }],
        }))
        .await;
}

#[tokio::test]
async fn a_service_accepts_first_and_picks_its_sender_later() {
    let world = World::new().await;
    with_service(&world).await;
    let params = [
        ("To", CUSTOMER),
        ("MessagingServiceSid", "MG01"),
        ("Body", "x"),
    ];
    let (_, body) = world.send(&params).await;
    assert_eq!(body["status"], "accepted");
    assert_eq!(body["from"], Value::Null);
    assert_eq!(body["num_segments"], "0");
    let delivered = world
        .becomes(body["sid"].as_str().unwrap(), "delivered")
        .await;
    assert_eq!(delivered["from"], NUMBER);
    assert_eq!(delivered["num_segments"], "1");
    let told = world.arrived_at_least(3).await;
    let statuses: Vec<_> = told
        .iter()
        .filter_map(|hook| hook.get("MessageStatus"))
        .collect();
    assert_eq!(statuses, ["queued", "sent", "delivered"]);
    assert_eq!(told[0].get("MessagingServiceSid"), Some("MG01"));
    let unknown = [
        ("To", CUSTOMER),
        ("MessagingServiceSid", "MG02"),
        ("Body", "x"),
    ];
    assert_eq!(code(&world, &unknown).await, 21701);
}

#[tokio::test]
async fn a_scheduled_message_waits_and_can_be_canceled_once() {
    let world = World::new().await;
    with_service(&world).await;
    let at = |minutes: i64| {
        (chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes)).to_rfc3339()
    };
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64 / 60;
    let send_at = async |at: &str| {
        let params = [
            ("To", CUSTOMER),
            ("MessagingServiceSid", "MG01"),
            ("Body", "x"),
            ("ScheduleType", "fixed"),
            ("SendAt", at),
        ];
        world.send(&params).await.1
    };
    assert_eq!(send_at(&at(now + 1)).await["code"], 35117);
    assert_eq!(send_at("tomorrow").await["code"], 35114);
    let scheduled = send_at(&at(now + 20)).await;
    assert_eq!(scheduled["status"], "scheduled");
    let path = format!("/Messages/{}.json", scheduled["sid"].as_str().unwrap());
    let (status, body) = world.post(&path, &[("Status", "canceled")]).await;
    assert_eq!((status, &body["status"]), (200, &json!("canceled")));
    assert_eq!(world.post(&path, &[("Status", "canceled")]).await.0, 409);
    let told = world.arrived_at_least(1).await;
    assert_eq!(told[0].get("MessageStatus"), Some("canceled"));
}
