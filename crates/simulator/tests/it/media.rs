use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::harness::{CUSTOMER, NUMBER, SID, TOKEN, World};

#[tokio::test]
async fn a_picture_is_fetched_with_credentials_and_redirected_to_a_host_that_refuses_them() {
    let world = World::new().await;
    let text = json!({
        "account_sid": SID, "from": CUSTOMER, "to": NUMBER,
        "media": [{ "content_type": "image/png", "base64": STANDARD.encode(b"picture") }],
    });
    let answer = world.control_post("inbound", text).await;
    assert!(answer["message_sid"].as_str().unwrap().starts_with("MM"));
    let hook = &world.arrived()[0];
    assert_eq!(hook.get("NumMedia"), Some("1"));
    assert_eq!(hook.get("MediaContentType0"), Some("image/png"));
    assert_eq!(hook.get("Body"), Some(""));
    let url = hook.get("MediaUrl0").unwrap();

    assert_eq!(world.http.get(url).send().await.unwrap().status(), 401);
    let redirect = world
        .http
        .get(url)
        .basic_auth(SID, Some(TOKEN))
        .send()
        .await
        .unwrap();
    assert_eq!(redirect.status(), 307);
    let cdn = redirect.headers()["Location"].to_str().unwrap().to_owned();
    assert!(!cdn.starts_with(&world.simulator.url()));
    let careless = world
        .http
        .get(&cdn)
        .basic_auth(SID, Some(TOKEN))
        .send()
        .await
        .unwrap();
    assert_eq!(careless.status(), 400);
    let picture = world.http.get(&cdn).send().await.unwrap();
    assert_eq!(picture.headers()["Content-Type"], "image/png");
    assert_eq!(picture.bytes().await.unwrap(), "picture");
}

#[tokio::test]
async fn media_are_listed_fetched_and_deleted() {
    let world = World::new().await;
    let (_, message) = world
        .text(&[
            ("MediaUrl", "https://example.com/a.gif?x=1"),
            ("Body", "look"),
        ])
        .await;
    assert_eq!(message["num_media"], "1");
    let path = format!("/Messages/{}/Media", message["sid"].as_str().unwrap());
    let (_, list) = world.get(&format!("{path}.json")).await;
    let media = &list["media_list"][0];
    assert_eq!(media["content_type"], "image/gif");
    assert_eq!(media["parent_sid"], message["sid"]);
    let one = format!("{path}/{}", media["sid"].as_str().unwrap());
    assert_eq!(world.get(&format!("{one}.json")).await.1, *media);
    let deleted = world
        .http
        .delete(world.url(&format!("{one}.json")))
        .basic_auth(SID, Some(TOKEN))
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), 204);
    assert_eq!(world.get(&format!("{one}.json")).await.0, 404);
}

#[tokio::test]
async fn media_on_this_machine_are_fetched_when_the_message_is_sent() {
    let world = World::new().await;
    world.will_answer(200, "image/gif", "bytes");
    let (_, message) = world
        .text(&[("MediaUrl", &format!("{}/picture", world.hook))])
        .await;
    let sid = message["sid"].as_str().unwrap();
    world.becomes(sid, "delivered").await;
    let seen = world.control_get("messages").await;
    let media = &seen["messages"][0]["media"][0];
    assert_eq!(media["content_type"], "image/gif");
    let url = format!(
        "{}{}",
        world.simulator.url(),
        media["url"].as_str().unwrap()
    );
    assert_eq!(
        world
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap(),
        "bytes"
    );
}

#[tokio::test]
async fn media_that_nobody_serves_fail_the_message() {
    let world = World::new().await;
    let (_, message) = world
        .text(&[("MediaUrl", "http://127.0.0.1:1/picture.png")])
        .await;
    let failed = world
        .becomes(message["sid"].as_str().unwrap(), "failed")
        .await;
    assert_eq!(failed["error_code"], 11200);
}

#[tokio::test]
async fn media_that_carriers_do_not_take_fail_the_message() {
    let world = World::new().await;
    let film: &'static str = "x".repeat(500_001).leak();
    for (kind, bytes, to, code) in [
        ("text/html", "<p>", CUSTOMER, 12300),
        ("video/mp4", film, CUSTOMER, 30019),
        ("image/png", "x", "+4915112345678", 30011),
    ] {
        world.will_answer(200, kind, bytes);
        let url = format!("{}/file", world.hook);
        let params = [("To", to), ("From", NUMBER), ("MediaUrl", &url)];
        let (_, message) = world.send(&params).await;
        let sid = message["sid"].as_str().unwrap();
        let failed = world.becomes(sid, "failed").await;
        assert_eq!(failed["error_code"], code, "{kind}");
    }
}
