use serde_json::json;

use crate::harness::{NUMBER, OTHER_SID, OTHER_TOKEN, SID, TOKEN, World, answer};

async fn fetch(world: &World, user: &str, password: &str, account: &str) -> (u16, i64) {
    let url = format!(
        "{}/2010-04-01/Accounts/{account}.json",
        world.simulator.url()
    );
    let (status, body) = answer(world.http.get(url).basic_auth(user, Some(password))).await;
    (status, body["code"].as_i64().unwrap_or_default())
}

#[tokio::test]
async fn token_and_api_key_open_their_account_and_no_other() {
    let world = World::new().await;
    assert_eq!(fetch(&world, SID, TOKEN, SID).await, (200, 0));
    assert_eq!(fetch(&world, "SK01", "key-secret", SID).await, (200, 0));
    assert_eq!(fetch(&world, SID, "wrong", SID).await, (401, 20003));
    assert_eq!(fetch(&world, "SK01", "wrong", SID).await, (401, 20003));
    assert_eq!(fetch(&world, SID, TOKEN, OTHER_SID).await, (401, 20003));
    assert_eq!(fetch(&world, SID, TOKEN, "AC99").await, (404, 20404));
    let (status, _) = answer(world.http.get(world.url(".json"))).await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_parent_opens_its_subaccount() {
    let world = World::new().await;
    world
        .control_post(
            "accounts",
            json!({ "sid": "AC03", "auth_token": "t3", "parent": OTHER_SID }),
        )
        .await;
    assert_eq!(
        fetch(&world, OTHER_SID, OTHER_TOKEN, "AC03").await,
        (200, 0)
    );
    assert_eq!(fetch(&world, "AC03", "t3", OTHER_SID).await, (401, 20003));
}

#[tokio::test]
async fn an_error_has_the_shape_of_twilio_errors() {
    let world = World::new().await;
    let (status, body) = world.get("/Messages/SM404.json").await;
    assert_eq!(status, 404);
    assert_eq!(
        body,
        json!({
            "code": 20404,
            "message": "The requested resource was not found",
            "more_info": "https://www.twilio.com/docs/errors/20404",
            "status": 404,
        })
    );
    let (status, body) = world.get("/Calls.json").await;
    assert_eq!((status, &body["code"]), (404, &json!(20404)));
}

#[tokio::test]
async fn a_suspended_account_says_so_and_sends_nothing() {
    let world = World::new().await;
    let seed = json!({
        "sid": SID, "auth_token": TOKEN, "status": "suspended",
        "numbers": [{ "phone_number": NUMBER }],
    });
    world.control_post("accounts", seed).await;
    let (status, body) = world.get(".json").await;
    assert_eq!((status, &body["status"]), (200, &json!("suspended")));
    let (status, body) = world.text(&[("Body", "hi")]).await;
    assert_eq!((status, &body["code"]), (403, &json!(20005)));
}
