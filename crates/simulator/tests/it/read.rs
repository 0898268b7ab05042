use serde_json::{Value, json};

use crate::harness::{CUSTOMER, NUMBER, SID, TOKEN, World, answer};

fn bodies(page: &Value) -> Vec<&str> {
    page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["body"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_are_followed_newest_first_and_new_messages_shift_nothing() {
    let world = World::new().await;
    for body in ["1", "2", "3"] {
        world.text(&[("Body", body)]).await;
    }
    let (_, first) = world.get("/Messages.json?PageSize=2").await;
    assert_eq!(bodies(&first), ["3", "2"]);
    assert_eq!(first["page_size"], 2);
    world.text(&[("Body", "4")]).await;
    let next = format!(
        "{}{}",
        world.simulator.url(),
        first["next_page_uri"].as_str().unwrap()
    );
    let (_, second) = answer(world.http.get(next).basic_auth(SID, Some(TOKEN))).await;
    assert_eq!(bodies(&second), ["1"]);
    assert_eq!(second["next_page_uri"], Value::Null);
    assert_eq!(world.get("/Messages.json?PageSize=2&Page=1").await.0, 400);
    assert_eq!(world.get("/Messages.json?PageSize=1001").await.0, 400);
    assert_eq!(world.get("/Messages.json?Limit=1").await.1["code"], 20001);
}

#[tokio::test]
async fn lists_are_filtered_by_numbers_and_date() {
    let world = World::new().await;
    let (_, one) = world.text(&[("Body", "a")]).await;
    world
        .send(&[("To", "+12125550999"), ("From", NUMBER), ("Body", "b")])
        .await;
    world
        .becomes(one["sid"].as_str().unwrap(), "delivered")
        .await;
    let path = format!(
        "/Messages.json?To={}&From={}",
        CUSTOMER.replace('+', "%2B"),
        NUMBER.replace('+', "%2B")
    );
    assert_eq!(bodies(&world.get(&path).await.1), ["a"]);
    let since = format!("{path}&DateSent%3E=2020-01-01");
    assert_eq!(bodies(&world.get(&since).await.1), ["a"]);
    let until = format!("{path}&DateSent%3C=2020-01-01");
    assert!(bodies(&world.get(&until).await.1).is_empty());
}

#[tokio::test]
async fn a_message_can_be_redacted_and_deleted_once_it_is_out() {
    let world = World::new().await;
    let (_, message) = world.text(&[("Body", "secret")]).await;
    let sid = message["sid"].as_str().unwrap();
    let path = format!("/Messages/{sid}.json");
    assert_eq!(world.post(&path, &[("Body", "other")]).await.0, 400);
    world.becomes(sid, "delivered").await;
    let (_, redacted) = world.post(&path, &[("Body", "")]).await;
    assert_eq!(redacted["body"], "");
    let deleted = world
        .http
        .delete(world.url(&path))
        .basic_auth(SID, Some(TOKEN))
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), 204);
    assert_eq!(world.get(&path).await.0, 404);
}

#[tokio::test]
async fn numbers_are_found_and_configured() {
    let world = World::new().await;
    let (_, list) = world
        .get(&format!(
            "/IncomingPhoneNumbers.json?PhoneNumber=%2B{}",
            &NUMBER[1..]
        ))
        .await;
    let number = &list["incoming_phone_numbers"][0];
    assert_eq!(number["phone_number"], NUMBER);
    assert_eq!(
        number["capabilities"],
        json!({ "fax": false, "mms": true, "sms": true, "voice": true })
    );
    let path = format!(
        "/IncomingPhoneNumbers/{}.json",
        number["sid"].as_str().unwrap()
    );
    let (_, changed) = world
        .post(
            &path,
            &[("SmsUrl", "https://example.com/in"), ("SmsMethod", "GET")],
        )
        .await;
    assert_eq!(changed["sms_url"], "https://example.com/in");
    assert_eq!(world.get(&path).await.1["sms_method"], "GET");
    assert_eq!(world.post(&path, &[("SmsUrl", "ftp://x")]).await.0, 400);
    assert_eq!(
        world
            .post(&path, &[("SmsURL", "https://example.com")])
            .await
            .1["code"],
        20001
    );
}

#[tokio::test]
async fn the_account_tells_its_state_and_kind() {
    let world = World::new().await;
    let (status, account) = world.get(".json").await;
    assert_eq!(status, 200);
    assert_eq!(account["status"], "active");
    assert_eq!(account["type"], "Full");
    assert_eq!(account["sid"], SID);
}

#[tokio::test]
async fn the_handset_page_loads_nothing_from_outside() {
    let world = World::new().await;
    let response = world.http.get(world.simulator.url()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    assert!(
        !page.contains("https://") && !page.contains("http://"),
        "an address in the page"
    );
    assert!(page.contains("simulated Twilio"));
}
