//! Sending, and what is answered to that.

use serde_json::{Value, json};

use super::{CUSTOMER, in_hours, lead_of, message};
use crate::harness::{World, on_both, poll_until};

on_both! {
    async fn a_lead_is_answered_and_the_thread_shows_it(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Are you open?").await;
        let agent = world.member(&tenant, "agent").await;
        let lead = lead_of(&agent, CUSTOMER).await;

        let body = json!({"leadId": lead, "phoneNumber": "(415) 555-0199", "message": "We are."});
        let sent = agent.post("/api/twilio/sms/outbound", body).await.expect(200);

        let id = sent.text("/message/id");
        assert_eq!(sent.body, json!({"ok": true, "message": {
            "id": id, "lead_id": lead, "twilio_sid": null, "from_number": channel.number,
            "to_number": CUSTOMER, "body": "We are.", "direction": "outbound",
            "status": "queued", "sent_at": null,
        }}));
        let delivered = poll_until("delivery", async || {
            let now = message(&tenant, &id).await;
            (now.text("/status") == "delivered").then_some(now)
        })
        .await;
        assert_eq!((delivered.text("/priority"), delivered.text("/source")), ("reply".to_owned(), "agent".to_owned()));
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 1);
        let thread = agent.get(&format!("/api/leads/{lead}/sms")).await.expect(200);
        assert_eq!(thread.body["ok"], true);
        let shown: Vec<_> = thread.body["messages"].as_array().unwrap().iter().map(|text| json!({
            "id": text["id"], "direction": text["direction"], "from_number": text["from_number"],
            "to_number": text["to_number"], "body": text["body"], "status": text["status"],
            "sent_at": text["sent_at"],
        })).collect();
        let first = &thread.body["messages"][0];
        assert_eq!(shown, [
            json!({
                "id": first["id"], "direction": "inbound", "from_number": CUSTOMER,
                "to_number": channel.number, "body": "Are you open?", "status": "received",
                "sent_at": first["created_at"],
            }),
            json!({
                "id": id, "direction": "outbound", "from_number": channel.number,
                "to_number": CUSTOMER, "body": "We are.", "status": "delivered",
                "sent_at": delivered.body["sent_at"],
            }),
        ]);
    }

    async fn a_lead_is_enough_and_names_are_taken_in_either_case(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let made = tenant.api.post("/api/v1/leads", json!({"phone": CUSTOMER})).await.expect(201);
        let lead = made.text("/id");
        let digits = 4_155_550_199_u64;
        for body in [
            json!({"leadId": lead, "message": "Hi"}),
            json!({"leadId": lead, "message": "Hi", "phoneNumber": null}),
            json!({"leadId": lead, "message": "Hi", "phoneNumber": ""}),
            json!({"lead_id": lead, "message": "Hi", "phone_number": "+1 415 555 0199"}),
            json!({"leadId": lead, "message": "Hi", "phoneNumber": digits}),
            json!({"leadId": lead, "message": "Hi", "phoneNumber": 10_000_000_000 + digits, "tone": "kind"}),
        ] {
            let sent = tenant.api.post("/api/v1/twilio/sms/outbound", body.clone()).await;
            let sent = sent.expect(200);
            assert_eq!(sent.text("/message/to_number"), CUSTOMER, "{body}");
            assert_eq!(sent.text("/message/from_number"), channel.number);
        }
    }

    async fn a_number_is_texted_in_any_form_and_the_lead_made(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        for to in [json!("+15551234567"), json!("5551234567"), json!("15551234567"), json!("(555) 123-4567"), json!("555-123-4567"), json!(5_551_234_567_u64)] {
            let sent = tenant.api.post("/api/twilio/sms/send", json!({"to": to, "message": "Hello"})).await;
            let sent = sent.expect(200);
            let id = sent.text("/messageId");
            assert_eq!(sent.body, json!({"success": true, "messageId": id}));
            let message = message(&tenant, &id).await;
            assert_eq!((message.text("/to_number"), message.text("/body")), ("+15551234567".to_owned(), "Hello".to_owned()));
            assert_eq!((message.text("/priority"), message.text("/from_number")), ("normal".to_owned(), channel.number.clone()));
        }
        let leads = tenant.api.get("/api/v1/leads").await.expect(200);
        assert_eq!(leads.rows().len(), 1);
        tenant.api.patch("/api/v1/tenant", json!({"default_country": "BR"})).await.expect(200);
        let body = json!({"phoneNumber": "(11) 99988-7766", "message": "Ola"});
        let sent = tenant.api.post("/api/sms/send", body).await.expect(200);
        assert_eq!(message(&tenant, &sent.text("/messageId")).await.text("/to_number"), "+5511999887766");
    }

    async fn the_general_form_takes_a_lead_and_an_urgency(world: World) {
        let tenant = world.register().await;
        world.add_channel(&tenant, "active").await;
        let made = tenant.api.post("/api/v1/leads", json!({"phone": CUSTOMER})).await.expect(201);
        let lead = made.text("/id");
        for (body, priority) in [
            (json!({"phoneNumber": CUSTOMER, "message": "Hi"}), "normal"),
            (json!({"phoneNumber": CUSTOMER, "message": "Hi", "priority": "normal", "leadId": lead}), "normal"),
            (json!({"message": "Hi", "priority": "high", "leadId": lead}), "reply"),
            (json!({"phone_number": CUSTOMER, "message": "Hi", "priority": "reply"}), "reply"),
            (json!({"phone_number": CUSTOMER, "message": "Hi", "variables": {}, "templateId": null}), "normal"),
        ] {
            let sent = tenant.api.post("/api/v1/sms/send", body.clone()).await.expect(200);
            let message = message(&tenant, &sent.text("/messageId")).await;
            assert_eq!((message.text("/priority"), message.text("/lead_id")), (priority.to_owned(), lead.clone()), "{body}");
        }
        let bulk = json!({"phoneNumber": "+14155550198", "message": "Hi", "priority": "bulk"});
        let bulk = tenant.api.post("/api/v1/sms/send", bulk).await.expect(200);
        assert_eq!(message(&tenant, &bulk.text("/messageId")).await.text("/priority"), "bulk");
    }

    async fn a_text_is_scheduled_and_can_be_taken_back(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let at = in_hours(&tenant, 5).await;
        let elsewhere = at.with_timezone(&chrono::FixedOffset::west_opt(5 * 3600).unwrap());
        for time in [at.to_rfc3339(), elsewhere.to_rfc3339()] {
            let body = json!({"phoneNumber": "415-555-0199", "message": "Tomorrow at nine.", "scheduledTime": time});
            let taken = tenant.api.post("/api/sms/schedule", body).await.expect(200);
            let id = taken.text("/messageId");
            let shown = message(&tenant, &id).await;
            assert_eq!(taken.body, json!({
                "success": true, "messageId": id, "scheduledTime": at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            }));
            assert_eq!(shown.body["scheduled_at"], taken.body["scheduledTime"]);
            assert_eq!((shown.text("/status"), shown.text("/to_number")), ("scheduled".to_owned(), CUSTOMER.to_owned()));
            let canceled = tenant.api.post(&format!("/api/v1/messages/{id}/cancel"), json!({})).await.expect(200);
            assert_eq!(canceled.text("/status"), "canceled");
        }
        assert_eq!(world.twilio.sent(&channel.account_sid).await, [] as [Value; 0]);
    }

    async fn a_request_that_is_sent_twice_sends_one_text(world: World) {
        let tenant = world.register().await;
        world.add_channel(&tenant, "active").await;
        let made = tenant.api.post("/api/v1/leads", json!({"phone": CUSTOMER})).await.expect(201);
        let at = in_hours(&tenant, 5).await;
        let requests = [
            ("/api/twilio/sms/outbound", json!({"leadId": made.text("/id"), "message": "Hi"})),
            ("/api/twilio/sms/send", json!({"to": CUSTOMER, "message": "Hi"})),
            ("/api/sms/send", json!({"phoneNumber": CUSTOMER, "message": "Hi"})),
            ("/api/sms/schedule", json!({"phoneNumber": CUSTOMER, "message": "Hi", "scheduledTime": at})),
        ];
        for (path, body) in &requests {
            let keyed = async |path: &str, body: &Value| {
                let request = tenant.api.request("POST", path).header("idempotency-key", "k1");
                tenant.api.send(request.json(body)).await
            };
            let first = keyed(path, body).await.expect(200);
            let again = keyed(&path.replacen("/api", "/api/v1", 1), body).await.expect(200);
            assert_eq!((&again.body, again.header("idempotent-replayed")), (&first.body, "true"));
            let mut changed = body.clone();
            changed["message"] = json!("Yo");
            let other = keyed(path, &changed).await
                .expect_problem(422, "idempotency_key_reused");
            assert_eq!(other.text("/error"), "this Idempotency-Key was used with another body");
        }
        let all = tenant.api.get("/api/v1/messages").await.expect(200);
        assert_eq!(all.rows().len(), requests.len());
        let stop = json!({"sms_opt_out": true});
        tenant.api.patch(&format!("/api/v1/leads/{}", made.text("/id")), stop).await.expect(200);
        for _ in 0..2 {
            let request = tenant.api.request("POST", "/api/sms/send").header("idempotency-key", "k2");
            let refused = tenant.api.send(request.json(&requests[2].1)).await;
            let refused = refused.expect_problem(409, "opted_out");
            assert_eq!((&refused.body["success"], refused.text("/error")), (&json!(false), refused.text("/detail")));
        }
    }
}
