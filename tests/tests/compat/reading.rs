//! Seeing what was sent, what became of it, and what was said.

use serde_json::{Value, json};

use super::{CUSTOMER, in_hours, message};
use crate::harness::{World, on_both, poll_until};

on_both! {
    async fn the_history_tells_of_each_text_whether_it_went_well(world: World) {
        let tenant = world.register().await;
        let viewer = world.member(&tenant, "viewer").await;
        let path = "/api/twilio/sms/history";
        assert_eq!(viewer.get(path).await.expect(200).body, json!([]));
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let outcome = json!({"+14155550322": {"status": "undelivered", "error_code": 30005}});
        world.twilio.control("receipts", json!({"outcomes": outcome})).await;
        let send = async |to: &str| {
            let body = json!({"to": to, "message": format!("To {to}")});
            tenant.api.post("/api/twilio/sms/send", body).await.expect(200).text("/messageId")
        };
        let (good, bad) = (send("+14155550321").await, send("+14155550322").await);
        poll_until("both ends", async || {
            let ended = |text: &Value| ["delivered", "undelivered"].contains(&text["status"].as_str().unwrap());
            let history = viewer.get(path).await.expect(200);
            history.body.as_array().unwrap().iter().all(ended).then_some(())
        })
        .await;
        let at = in_hours(&tenant, 5).await;
        let body = json!({"phoneNumber": "+14155550323", "message": "Later", "scheduledTime": at});
        let later = tenant.api.post("/api/sms/schedule", body.clone()).await.expect(200).text("/messageId");
        let back = tenant.api.post("/api/sms/schedule", body).await.expect(200).text("/messageId");
        tenant.api.post(&format!("/api/v1/messages/{back}/cancel"), json!({})).await.expect(200);

        let history = viewer.get(path).await.expect(200);

        let mut expected = Vec::new();
        for (id, to, text, success, status) in [
            (&back, "+14155550323", "Later", false, "canceled"),
            (&later, "+14155550323", "Later", true, "scheduled"),
            (&bad, "+14155550322", "To +14155550322", false, "undelivered"),
            (&good, "+14155550321", "To +14155550321", true, "delivered"),
        ] {
            let written = message(&tenant, id).await.body["created_at"].clone();
            expected.push(json!({
                "to": to, "message": text, "success": success, "messageId": id,
                "timestamp": written, "status": status,
            }));
        }
        assert_eq!(history.body, json!(expected));
        viewer.get_if_changed(path, &history).await.expect(304);
        let two = viewer.get("/api/v1/twilio/sms/history?limit=2").await.expect(200);
        assert_eq!(two.body, json!(expected[..2]));
        for limit in ["0", "201", "-1", "x", ""] {
            let reply = viewer.get(&format!("{path}?limit={limit}")).await.expect_problem(422, "invalid");
            assert_eq!((reply.pointers(), &reply.body["success"]), (vec!["limit"], &json!(false)), "{limit}");
            assert_eq!(reply.text("/error"), "limit must be from 1 to 200");
        }
    }

    async fn the_delivery_stats_count_what_became_of_texts(world: World) {
        let tenant = world.register().await;
        let viewer = world.member(&tenant, "viewer").await;
        let path = "/api/sms/delivery-stats";
        let stats = async |query: &str| viewer.get(&format!("{path}{query}")).await.expect(200);
        let empty = stats("").await;
        let since = empty.body["since"].clone();
        assert_eq!(empty.body, json!({
            "total": 0, "pending": 0, "sent": 0, "delivered": 0, "read": 0, "failed": 0,
            "undelivered": 0, "canceled": 0, "deliveryRate": 0.0, "since": since, "until": null,
        }));
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let pace = json!({"settings": {"messages_per_second": 1000}});
        tenant.api.patch(&format!("/api/v1/channels/{}", channel.id), pace).await.expect(200);
        let outcomes = json!({
            "+14155550321": {"status": "sent"},
            "+14155550322": {"status": "undelivered", "error_code": 30005},
            "+14155550323": {"status": "failed", "error_code": 30006},
            "+14155550324": {"status": "read"},
        });
        world.twilio.control("receipts", json!({"outcomes": outcomes})).await;
        for n in 0..7 {
            let body = json!({"to": format!("+1415555032{n}"), "message": "Hi"});
            tenant.api.post("/api/twilio/sms/send", body).await.expect(200);
        }
        let at = in_hours(&tenant, 5).await;
        for n in 0..2 {
            let body = json!({"phoneNumber": CUSTOMER, "message": "Later", "scheduledTime": at});
            let taken = tenant.api.post("/api/sms/schedule", body).await.expect(200);
            if n == 0 {
                let cancel = format!("/api/v1/messages/{}/cancel", taken.text("/messageId"));
                tenant.api.post(&cancel, json!({})).await.expect(200);
            }
        }
        let expected = json!({
            "total": 8, "pending": 1, "sent": 5, "delivered": 4, "read": 1, "failed": 2,
            "undelivered": 1, "canceled": 1, "deliveryRate": 4.0 / 6.0, "since": since, "until": null,
        });
        let all = poll_until("all ends", async || {
            let now = stats("").await;
            (now.body == expected).then_some(now)
        })
        .await;
        viewer.get_if_changed(path, &all).await.expect(304);
        let queue = viewer.get("/api/admin/sms-queue").await.expect(200);
        for count in ["total", "pending", "sent", "failed"] {
            assert_eq!(queue.body[count], all.body[count], "the same words mean the same");
        }
        let texts = tenant.api.get("/api/v1/messages?direction=outbound&limit=200").await.expect(200);
        let fourth = texts.rows()[texts.rows().len() - 4]["created_at"].as_str().unwrap();
        let before = stats(&format!("?until={fourth}")).await;
        let after = stats(&format!("?since={fourth}")).await;
        let count = |reply: &crate::harness::Reply| {
            reply.body["total"].as_i64().unwrap() + reply.body["canceled"].as_i64().unwrap()
        };
        assert_eq!((count(&before), count(&after)), (3, 6));
        assert_eq!(after.body["since"], fourth);
        for query in ["?since=yesterday", "?until=", "?since=2027-01-02T00:00:00Z&until=2027-01-02T00:00:00Z"] {
            let reply = viewer.get(&format!("{path}{query}")).await.expect_problem(422, "invalid");
            assert_eq!(reply.body["success"], false);
        }
    }

    async fn what_was_said_with_a_number_is_found_in_any_form_of_it(world: World) {
        let tenant = world.register().await;
        let (first, second) = (world.connect_channel(&tenant).await, world.connect_channel(&tenant).await);
        world.customer_texts(&first, CUSTOMER, "One").await;
        world.customer_texts(&second, CUSTOMER, "Two").await;
        world.customer_texts(&first, "+14155550198", "Somebody else").await;
        let sent = tenant.api.post("/api/sms/send", json!({"phoneNumber": CUSTOMER, "message": "Three"})).await;
        let sent = sent.expect(200).text("/messageId");
        poll_until("delivery", async || {
            (message(&tenant, &sent).await.text("/status") == "delivered").then_some(())
        })
        .await;

        let all = tenant.api.get("/api/sms/conversation/+14155550199").await.expect(200);

        let bodies: Vec<_> = all.body.as_array().unwrap().iter().map(|text| text["body"].as_str().unwrap()).collect();
        assert_eq!(bodies, ["One", "Two", "Three"]);
        assert_eq!(all.body[2], message(&tenant, &sent).await.body);
        for form in [
            "%2B14155550199", "14155550199", "4155550199", "415-555-0199", "(415)%20555-0199",
            "%28415%29%20555-0199", "+1%20415%20555%200199", "001%2014155550199", "tel:+14155550199",
        ] {
            let same = tenant.api.get(&format!("/api/v1/sms/conversation/{form}")).await.expect(200);
            assert_eq!(same.body, all.body, "{form}");
        }
        let path = "/api/sms/conversation/+14155550199";
        tenant.api.get_if_changed(path, &all).await.expect(304);
        let latest = tenant.api.get(&format!("{path}?limit=2")).await.expect(200);
        assert_eq!(latest.body, json!([all.body[1], all.body[2]]), "the latest, over both numbers");
        for limit in ["0", "1001", "-1", "x", ""] {
            let reply = tenant.api.get(&format!("{path}?limit={limit}")).await;
            let reply = reply.expect_problem(422, "invalid");
            assert_eq!((reply.pointers(), &reply.body["success"]), (vec!["limit"], &json!(false)), "{limit}");
        }
        let nobody = tenant.api.get("/api/sms/conversation/+14155550111").await.expect(200);
        assert_eq!(nobody.body, json!([]));
        let stranger = world.register().await;
        assert_eq!(stranger.api.get(path).await.expect(200).body, json!([]));
        for (form, reason) in [
            ("12", "this phone number has too few digits for its country"),
            ("pizza", "a phone number has no letters: write 1-800-356-9377 rather than 1-800-FLOWERS"),
            ("%20", "the phone number is empty"),
        ] {
            let reply = tenant.api.get(&format!("/api/sms/conversation/{form}")).await;
            let reply = reply.expect_problem(422, "invalid");
            assert_eq!((reply.pointers(), &reply.body["success"]), (vec!["phoneNumber"], &json!(false)));
            assert_eq!(reply.text("/error"), format!("phoneNumber: {reason}"));
        }
        // The channel goes, the history stays, and so does what was said with a number that the
        // lead does not have any more.
        tenant.api.delete(&format!("/api/v1/channels/{}", second.id)).await.expect(204);
        let lead = super::lead_of(&tenant.api, CUSTOMER).await;
        tenant.api.patch(&format!("/api/v1/leads/{lead}"), json!({"phone": "+14155550112"})).await.expect(200);
        assert_eq!(tenant.api.get(path).await.expect(200).body, all.body);
        assert!(!world.service.log().contains("4155550199"), "a customer's number is in the log");
    }
}
