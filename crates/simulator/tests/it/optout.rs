use serde_json::json;

use crate::harness::{NUMBER, SID, TOKEN, World};

#[tokio::test]
async fn stop_blocks_until_start_and_the_service_hears_of_both() {
    let world = World::new().await;
    world.customer_texts(" Stop ").await;
    let (status, body) = world.text(&[("Body", "hi")]).await;
    assert_eq!((status, &body["code"]), (400, &json!(21610)));
    world.customer_texts("start").await;
    assert_eq!(world.text(&[("Body", "hi")]).await.0, 201);
    let bodies: Vec<_> = world
        .arrived()
        .iter()
        .map(|hook| hook.get("Body").unwrap().to_owned())
        .collect();
    assert_eq!(bodies, [" Stop ", "start"]);
}

#[tokio::test]
async fn twilio_answers_the_words_itself_and_drops_the_services_answer() {
    let world = World::new().await;
    world.will_answer(200, "text/plain", "Sorry to see you go");
    world.customer_texts("STOP").await;
    world.customer_texts("STOP").await;
    world.customer_texts("HELP").await;
    world.customer_texts("yes").await;
    world.customer_texts("yes").await;
    let seen = world.control_get("messages?direction=outbound").await;
    let bodies: Vec<_> = seen["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["body"].clone())
        .collect();
    assert_eq!(bodies.len(), 3, "{bodies:?}");
    assert!(bodies[0].as_str().unwrap().contains("unsubscribed"));
}

#[tokio::test]
async fn advanced_opt_out_names_the_type_and_a_service_covers_all_its_numbers() {
    let world = World::new().await;
    world
        .control_post(
            "accounts",
            json!({
                "sid": SID, "auth_token": TOKEN, "advanced_opt_out": true,
                "numbers": [
                    { "phone_number": NUMBER, "sms_url": format!("{}/sms", world.hook) },
                    { "phone_number": "+14155550101" },
                ],
                "messaging_services": [{ "sid": "MG01", "numbers": [NUMBER, "+14155550101"] }],
            }),
        )
        .await;
    world.customer_texts("STOP").await;
    let hook = &world.arrived()[0];
    assert_eq!(hook.get("OptOutType"), Some("STOP"));
    assert_eq!(hook.get("MessagingServiceSid"), Some("MG01"));
    let other = [
        ("To", crate::harness::CUSTOMER),
        ("From", "+14155550101"),
        ("Body", "x"),
    ];
    assert_eq!(world.send(&other).await.1["code"], 21610);
}
