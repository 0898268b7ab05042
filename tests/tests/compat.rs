//! Clients of other systems, with their requests as they are.

mod reading;
mod refusals;
mod sending;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::harness::{Client, Reply, Tenant, World, channel_body, on_both};

const CUSTOMER: &str = "+14155550199";

/// The lead that a customer's text has made.
async fn lead_of(api: &Client, number: &str) -> String {
    let leads = api.get("/api/v1/leads").await.expect(200);
    let lead = leads.rows().iter().find(|lead| lead["phone"] == number);
    lead.unwrap()["id"].as_str().unwrap().to_owned()
}

/// The text that an answer tells of, as the API itself shows it.
async fn message(tenant: &Tenant, id: &str) -> Reply {
    tenant
        .api
        .get(&format!("/api/v1/messages/{id}"))
        .await
        .expect(200)
}

/// Some hours from now, by the service's clock.
async fn in_hours(tenant: &Tenant, hours: i64) -> DateTime<Utc> {
    let now = tenant.api.get("/healthz").await.header("date").to_owned();
    DateTime::parse_from_rfc2822(&now).unwrap().to_utc() + TimeDelta::hours(hours)
}

on_both! {
    async fn the_status_shows_the_default_channel_and_little_of_its_account(world: World) {
        let tenant = world.register().await;
        let viewer = world.member(&tenant, "viewer").await;
        let none = viewer.get("/api/twilio/status").await.expect(200);
        assert_eq!(none.body, json!({"ok": true, "data": {
            "configured": false, "testMode": false, "phoneNumber": null, "accountSid": null,
            "message": "Twilio is not configured: connect a number, or make one active and the default",
        }}));
        let channel = world.connect_channel(&tenant).await;
        let path = format!("/api/v1/channels/{}", channel.id);
        let short = format!("{}...", &channel.account_sid[..8]);
        for (mode, test_mode, message) in [
            ("production", false, "Production mode"),
            ("trial", true, "Trial mode: texts reach only numbers verified at Twilio"),
            ("test", true, "Test mode: texts are not delivered"),
        ] {
            let body = json!({"mode": mode, "status": "active"});
            tenant.api.patch(&path, body).await.expect(200);
            let status = viewer.get("/api/twilio/status").await.expect(200);
            assert_eq!(status.body, json!({"ok": true, "data": {
                "configured": true, "testMode": test_mode, "phoneNumber": channel.number,
                "accountSid": short, "message": message,
            }}));
            viewer.get_if_changed("/api/twilio/status", &status).await.expect(304);
        }
        tenant.api.patch(&path, json!({"status": "inactive"})).await.expect(200);
        let inactive = viewer.get("/api/v1/twilio/status").await.expect(200);
        assert_eq!(inactive.body, none.body);
    }

    async fn credentials_are_tried_out_and_kept_nowhere(world: World) {
        let tenant = world.register().await;
        let path = "/api/twilio/test";
        let nothing = tenant.api.post(path, json!({})).await;
        assert_eq!(nothing.expect_problem(409, "channel_not_configured").body["success"], false);
        let account = world.number().await;
        let given = channel_body(&account, "active")["credentials"].clone();
        let number = given["phoneNumber"].as_str().unwrap();
        let short = format!("{}...", &given["accountSid"].as_str().unwrap()[..8]);

        let good = tenant.api.post(path, given.clone()).await.expect(200);

        let passed = |name: &str| json!({"name": name, "ok": true});
        assert_eq!(good.body, json!({
            "success": true, "message": "Twilio accepts the credentials, and the number can text.",
            "accountSid": short, "phoneNumber": number,
            "checks": [passed("credentials"), passed("account"), passed("number"), passed("sms")],
        }));
        let padded = json!({
            "account_sid": format!(" {} ", given["accountSid"].as_str().unwrap()),
            "auth_token": format!("{}\n", given["authToken"].as_str().unwrap()),
            "phone_number": number[2..].parse::<u64>().unwrap(),
        });
        assert_eq!(tenant.api.post(path, padded).await.expect(200).body, good.body);
        let wrong = with(&given, "authToken", json!("f".repeat(32)));
        let refused = tenant.api.post(path, wrong).await.expect(200);
        let error = "Authenticate. Copy the account SID and the primary auth token again from the \
                     Twilio console; a subaccount has its own.";
        assert_eq!(refused.body, json!({
            "success": false, "message": error, "error": error, "reason": "wrong_credentials",
            "code": 20003, "accountSid": short, "phoneNumber": number, "checks": [{
                "name": "credentials", "ok": false, "reason": "wrong_credentials", "code": 20003,
                "detail": "Authenticate", "what_to_do": &error["Authenticate. ".len()..],
            }],
        }));
        let elsewhere = with(&given, "phoneNumber", json!("+14155550198"));
        let elsewhere = tenant.api.post(path, elsewhere).await.expect(200);
        assert_eq!(elsewhere.body["reason"], "number_not_in_account");
        assert_eq!(tenant.api.get("/api/v1/channels").await.expect(200).rows(), [] as [Value; 0]);
    }

    async fn without_credentials_the_default_channel_is_tried_out(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let path = "/api/v1/twilio/test";
        let no_body = tenant.api.send(tenant.api.request("POST", path)).await.expect(200);
        assert_eq!(no_body.body["success"], true, "{}", no_body.raw);
        let masked = json!({"accountSid": channel.account_sid, "authToken": "********", "phoneNumber": ""});
        for body in [json!({}), json!({"accountSid": "", "authToken": " "}), masked] {
            let same = tenant.api.post(path, body).await.expect(200);
            assert_eq!(same.body, no_body.body);
        }
        let other = json!({"accountSid": format!("AC{}", "0".repeat(32)), "authToken": "********"});
        let other = tenant.api.post(path, other).await.expect_problem(422, "invalid");
        assert_eq!(other.pointers(), ["/phoneNumber", "/authToken"]);
        let key = json!({"accountSid": format!("SK{}", "0".repeat(32)), "authToken": "x", "phoneNumber": "12"});
        let key = tenant.api.post(path, key).await.expect_problem(422, "invalid");
        assert_eq!(key.pointers(), ["/accountSid", "/phoneNumber", "/authToken"]);
        assert_eq!(key.text("/error"), "accountSid is an API key; the account's SID begins with AC; \
            phoneNumber: this phone number has too few digits for its country; \
            authToken must be the account's 32 letters and digits");
        world.twilio.control("accounts", suspended(&world, &channel.account_sid).await).await;
        let suspended = tenant.api.post(path, json!({})).await.expect(200);
        assert_eq!((&suspended.body["success"], &suspended.body["reason"]), (&json!(false), &json!("account_suspended")));
    }

    async fn a_trial_account_passes_and_guessing_tokens_ends_soon(world: World) {
        let tenant = world.register().await;
        let number = json!({"phone_number": "+14155550170"});
        let account = world.twilio.account(json!({"type": "Trial", "numbers": [number]})).await;
        let given = channel_body(&account, "active")["credentials"].clone();
        let trial = tenant.api.post("/api/twilio/test", given.clone()).await.expect(200);
        assert_eq!((&trial.body["success"], &trial.body["checks"][1]["reason"]), (&json!(true), &json!("trial_account")));
        for n in 0..9 {
            let guess = with(&given, "authToken", json!(format!("{n:032}")));
            let guess = tenant.api.post("/api/twilio/test", guess).await.expect(200);
            assert_eq!(guess.body["success"], false);
        }
        let stopped = tenant.api.post("/api/twilio/test", given.clone()).await;
        let stopped = stopped.expect_problem(429, "too_many_requests");
        assert_eq!((&stopped.body["success"], stopped.text("/error")), (&json!(false), "too many requests".to_owned()));
        assert!(!stopped.header("retry-after").is_empty());
        let neighbour = world.register().await;
        neighbour.api.post("/api/twilio/test", given).await.expect(200);
    }
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

/// An account at Twilio as it would be if it were suspended.
async fn suspended(world: &World, sid: &str) -> Value {
    let accounts = world.twilio.accounts().await;
    let account = accounts
        .iter()
        .find(|account| account["sid"] == sid)
        .unwrap();
    with(account, "status", json!("suspended"))
}
