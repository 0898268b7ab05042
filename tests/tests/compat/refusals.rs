//! What these clients are told when it does not work.

use serde_json::{Value, json};

use super::{CUSTOMER, in_hours, lead_of};
use crate::harness::{Client, Reply, World, on_both};

/// Every request, with a body that would do for any of the POSTs, and what its clients look at.
const REQUESTS: [(&str, &str, &str); 11] = [
    ("GET", "/twilio/status", "ok"),
    ("POST", "/twilio/sms/outbound", "ok"),
    (
        "GET",
        "/leads/0192f000-0000-7000-8000-000000000001/sms",
        "ok",
    ),
    ("GET", "/admin/sms-queue", "ok"),
    ("POST", "/twilio/sms/send", "success"),
    ("POST", "/sms/send", "success"),
    ("POST", "/sms/schedule", "success"),
    ("GET", "/twilio/sms/history", "success"),
    ("GET", "/sms/delivery-stats", "success"),
    ("GET", "/sms/conversation/+14155550199", "success"),
    ("POST", "/twilio/test", "success"),
];

/// The answer is a problem document, and what these clients understand.
#[track_caller]
fn told(reply: &Reply, look_at: &str, error: &str) {
    let other = if look_at == "ok" { "success" } else { "ok" };
    assert_eq!(reply.body[look_at], false, "{}", reply.raw);
    assert!(reply.body.get(other).is_none(), "{}", reply.raw);
    assert_eq!(reply.text("/error"), error);
}

async fn refused(api: &Client, path: &str, body: Value, status: u16, code: &str) -> Reply {
    api.post(path, body).await.expect_problem(status, code)
}

on_both! {
    async fn everybody_else_is_told_in_their_clients_manner(world: World) {
        let tenant = world.register().await;
        let viewer = world.member(&tenant, "viewer").await;
        let login = "log in first: send the header `Authorization: Bearer` with a token or an API key";
        for (method, path, look_at) in REQUESTS {
            for prefix in ["/api", "/api/v1"] {
                let path = format!("{prefix}{path}");
                let stranger = world.anybody.send(world.anybody.request(method, &path)).await;
                told(&stranger.expect_problem(401, "unauthenticated"), look_at, login);
                let wrong = tenant.api.send(tenant.api.request("PUT", &path)).await;
                let wrong = wrong.expect_problem(405, "method_not_allowed");
                assert_eq!(wrong.header("allow"), method);
                told(&wrong, look_at, "this path does not take this method");
                if method == "GET" {
                    continue;
                }
                let role = if path.ends_with("/test") { "admin" } else { "agent" };
                let denied = viewer.post(&path, json!({})).await.expect_problem(403, "forbidden");
                told(&denied, look_at, &format!("this needs the role {role} or a higher one"));
                let request = tenant.api.request("POST", &path).header("content-type", "application/json");
                let broken = tenant.api.send(request.body("{")).await.expect_problem(400, "malformed");
                assert!(broken.text("/error").starts_with("the body is no JSON"));
                let request = tenant.api.request("POST", &path).header("content-type", "text/plain");
                tenant.api.send(request.body("x")).await.expect_problem(415, "unsupported_media_type");
                let list = refused(&tenant.api, &path, json!([]), 422, "invalid").await;
                told(&list, look_at, "the body must be a JSON object");
            }
        }
        let other = tenant.api.post("/api/v1/messages", json!({})).await.expect(422);
        assert!(other.body.get("error").is_none(), "other requests are answered as ever: {}", other.raw);
        let key = json!({"name": "reader", "scopes": ["messages:read"]});
        let key = tenant.api.post("/api/v1/api-keys", key).await.expect(201).text("/key");
        let reader = world.anybody.with_token(&key);
        reader.get("/api/twilio/sms/history").await.expect(200);
        refused(&reader, "/api/twilio/sms/send", json!({}), 403, "forbidden").await;
        reader.get("/api/twilio/status").await.expect_problem(403, "forbidden");
    }

    async fn an_answer_to_a_lead_lacks_nothing_or_is_refused(world: World) {
        let (tenant, other) = (world.register().await, world.register().await);
        let path = "/api/twilio/sms/outbound";
        for (body, missing, error) in [
            (json!({}), vec!["/leadId", "/message"], "leadId is missing; message is missing"),
            (json!({"phoneNumber": CUSTOMER, "message": "Hi"}), vec!["/leadId"], "leadId is missing"),
            (json!({"leadId": null, "message": "Hi"}), vec!["/leadId"], "leadId is missing"),
            (json!({"leadId": "x", "message": " "}), vec!["/message"], "message is missing"),
            (json!({"leadId": "x", "message": null}), vec!["/message"], "message is missing"),
        ] {
            let reply = refused(&tenant.api, path, body, 400, "missing_field").await;
            assert_eq!(reply.pointers(), missing);
            told(&reply, "ok", error);
        }
        let channel = world.connect_channel(&other).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let theirs = lead_of(&other.api, CUSTOMER).await;
        let nobody = "0192f000-0000-7000-8000-000000000001";
        for lead in [json!(theirs), json!(nobody), json!(42), json!("42"), json!("' OR 1=1")] {
            let body = json!({"leadId": lead, "phoneNumber": CUSTOMER, "message": "Hi"});
            let reply = refused(&tenant.api, path, body, 404, "not_found").await;
            told(&reply, "ok", "there is nothing here");
        }
        let made = tenant.api.post("/api/v1/leads", json!({"phone": CUSTOMER})).await.expect(201);
        let answer = |number: Value, message: &str| json!({"leadId": made.text("/id"), "phoneNumber": number, "message": message});
        let none = refused(&tenant.api, path, answer(json!(CUSTOMER), "Hi"), 409, "channel_not_configured").await;
        told(&none, "ok", "no active channel is set up to send from; connect one first");
        world.add_channel(&tenant, "active").await;
        for (body, pointer, error) in [
            (answer(json!("+14155550198"), "Hi"), "/phoneNumber", "phoneNumber is not the number of this lead: leave it out, or change the lead"),
            (answer(json!("12"), "Hi"), "/phoneNumber", "phoneNumber: this phone number has too few digits for its country"),
            (answer(json!(["x"]), "Hi"), "/phoneNumber", "phoneNumber: invalid type: sequence, expected a string"),
            (answer(json!(1.5), "Hi"), "/phoneNumber", "phoneNumber: invalid type: floating point `1.5`, expected a string"),
            (answer(json!(CUSTOMER), &"x".repeat(1601)), "/message", "message has 1601 characters; at most 1600 can be sent"),
            (json!({"leadId": "x", "message": 7}), "/message", "message: invalid type: integer `7`, expected a string"),
            (json!({"leadId": "x", "message": "a\0b"}), "/message", "message must not contain a NUL character"),
        ] {
            let reply = refused(&tenant.api, path, body, 422, "invalid").await;
            assert_eq!(reply.pointers(), [pointer]);
            told(&reply, "ok", error);
        }
        let nameless = tenant.api.post("/api/v1/leads", json!({"name": "Ann"})).await.expect(201);
        let body = json!({"leadId": nameless.text("/id"), "phoneNumber": CUSTOMER, "message": "Hi"});
        let reply = refused(&tenant.api, path, body, 422, "invalid").await;
        told(&reply, "ok", "leadId has no phone number: add one to the lead first");
        let list = tenant.api.get("/api/v1/messages").await.expect(200);
        assert_eq!(list.rows(), [] as [Value; 0], "nothing is half-written");
    }

    async fn a_text_that_cant_be_sent_is_refused_by_the_names_of_the_request(world: World) {
        let tenant = world.register().await;
        world.add_channel(&tenant, "active").await;
        let at = in_hours(&tenant, 5).await;
        let long = "x".repeat(1601);
        let too_few = "this phone number has too few digits for its country";
        let zone = "must be a time with its zone, as in 2027-01-31T09:00:00Z or 2027-01-31T09:00:00-05:00";
        let templates = "there is no such template: templates are not there yet, so send the text as `message`";
        for (path, body, error) in [
            ("twilio/sms/send", json!({}), "to is missing; message is missing".to_owned()),
            ("twilio/sms/send", json!({"to": "12", "message": "Hi"}), format!("to: {too_few}")),
            ("twilio/sms/send", json!({"to": CUSTOMER, "message": ""}), "message: a text needs at least one character".to_owned()),
            ("twilio/sms/send", json!({"to": CUSTOMER, "message": long}), "message has 1601 characters; at most 1600 can be sent".to_owned()),
            ("sms/send", json!({}), "phoneNumber is missing; message is missing".to_owned()),
            ("sms/send", json!({"phoneNumber": "12", "message": "Hi"}), format!("phoneNumber: {too_few}")),
            ("sms/send", json!({"phoneNumber": CUSTOMER, "templateId": "appointment_confirmation", "variables": {"date": "Monday"}}), format!("templateId: {templates}")),
            ("sms/send", json!({"phoneNumber": CUSTOMER, "template_id": 7, "message": "Hi"}), format!("templateId: {templates}")),
            ("sms/send", json!({"phoneNumber": CUSTOMER, "message": "Hi", "priority": "now"}), "priority: unknown variant `now`, expected one of".to_owned()),
            ("sms/schedule", json!({"phoneNumber": CUSTOMER, "message": "Hi"}), "scheduledTime is missing".to_owned()),
            ("sms/schedule", json!({"phoneNumber": CUSTOMER, "message": "Hi", "scheduledTime": "2100-01-01T09:00"}), format!("scheduledTime {zone}")),
            ("sms/schedule", json!({"phoneNumber": CUSTOMER, "message": "Hi", "scheduledTime": "2020-01-01T00:00:00Z"}), "scheduledTime must be in the future: it is ".to_owned()),
            ("sms/schedule", json!({"phoneNumber": CUSTOMER, "message": "Hi", "scheduledTime": "2100-01-01T00:00:00Z"}), "scheduledTime must be within a year from now".to_owned()),
            ("sms/schedule", json!({"phoneNumber": "12", "message": "Hi", "scheduledTime": at}), format!("phoneNumber: {too_few}")),
            ("sms/schedule", json!({"phoneNumber": CUSTOMER, "scheduledTime": at}), "message is missing".to_owned()),
            ("sms/schedule", json!({"phoneNumber": CUSTOMER, "scheduledTime": at, "templateId": "x"}), format!("templateId: {templates}")),
        ] {
            let reply = refused(&tenant.api, &format!("/api/{path}"), body.clone(), 422, "invalid").await;
            assert_eq!(reply.body["success"], false);
            assert!(reply.text("/error").starts_with(&error), "{path} {body}: {}", reply.text("/error"));
        }
        let list = tenant.api.get("/api/v1/leads").await.expect(200);
        assert_eq!(list.rows(), [] as [Value; 0], "nothing is half-written");
    }

    async fn who_has_opted_out_is_not_texted_by_any_of_them(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "STOP").await;
        let lead = lead_of(&tenant.api, CUSTOMER).await;
        let at = in_hours(&tenant, 5).await;
        for (path, body, look_at) in [
            ("/api/twilio/sms/outbound", json!({"leadId": lead, "message": "Hi"}), "ok"),
            ("/api/twilio/sms/send", json!({"to": "(415) 555-0199", "message": "Hi"}), "success"),
            ("/api/sms/send", json!({"phoneNumber": CUSTOMER, "message": "Hi"}), "success"),
            ("/api/sms/send", json!({"leadId": lead, "message": "Hi"}), "success"),
            ("/api/sms/schedule", json!({"phoneNumber": CUSTOMER, "message": "Hi", "scheduledTime": at}), "success"),
        ] {
            let reply = refused(&tenant.api, path, body, 409, "opted_out").await;
            told(&reply, look_at, &reply.text("/detail"));
        }
        assert_eq!(world.twilio.sent(&channel.account_sid).await, [] as [Value; 0]);
        assert!(!world.service.log().contains("4155550199"), "a customer's number is in the log");
    }
}
