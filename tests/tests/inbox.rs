//! What people do with conversations and leads.

use serde_json::{Value, json};

use crate::harness::{World, on_both, poll_until};

const CUSTOMER: &str = "+14155550199";

on_both! {
    async fn a_closed_or_snoozed_conversation_comes_back_with_the_next_text(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let inbox = tenant.api.get("/api/v1/conversations").await.expect(200);
        let path = format!("/api/v1/conversations/{}", inbox.rows()[0]["id"].as_str().unwrap());
        for away in [
            json!({"status": "closed"}),
            json!({"status": "pending"}),
            json!({"status": "snoozed", "snoozed_until": "2100-01-01T00:00:00Z"}),
        ] {
            let changed = tenant.api.patch(&path, away.clone()).await.expect(200);
            assert_eq!(changed.body["status"], away["status"]);
            let open = tenant.api.get("/api/v1/conversations?status=open").await.expect(200);
            assert_eq!(open.rows(), [] as [Value; 0], "{away}");
            world.customer_texts(&channel, CUSTOMER, "Still there?").await;
            let back = tenant.api.get(&path).await.expect(200);
            let expected = if away["status"] == "pending" { "pending" } else { "open" };
            assert_eq!(back.text("/status"), expected, "{away}");
            assert_eq!(back.body["snoozed_until"], Value::Null);
        }
    }

    async fn what_is_read_assigned_and_labelled_is_found_again(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        world.customer_texts(&channel, "+14155550198", "Me too").await;
        let count = async |query: &str| {
            let list = tenant.api.get(&format!("/api/v1/conversations?{query}")).await.expect(200);
            list.rows().len()
        };
        let all = tenant.api.get("/api/v1/conversations").await.expect(200);
        let path = format!("/api/v1/conversations/{}", all.rows()[0]["id"].as_str().unwrap());
        let me = tenant.api.get("/api/v1/auth/me").await.expect(200).text("/user/id");
        assert_eq!((count("unread=true").await, count("assigned=none").await), (2, 2));

        let read = tenant.api.post(&format!("{path}/read"), json!({})).await.expect(200);
        assert_eq!(read.body["unread_count"], 0);
        let change = json!({"assigned_user_id": me, "labels": ["vip"], "priority": "high"});
        let changed = tenant.api.patch(&path, change).await.expect(200);
        assert_eq!(changed.body["labels"], json!(["vip"]));

        assert_eq!((count("unread=true").await, count("unread=false").await), (1, 1));
        assert_eq!((count("assigned=me").await, count("assigned=none").await), (1, 1));
        assert_eq!((count("label=vip").await, count("label=rude").await), (1, 0));
        assert_eq!(count(&format!("channel_id={}", channel.id)).await, 2);
        let lead = all.text("/data/0/lead/id");
        assert_eq!(count(&format!("lead_id={lead}")).await, 1);
        assert_eq!(count(&format!("lead_id={}", channel.id)).await, 0);
        poll_until("the index to know", async || (count("q=0198").await == 1).then_some(())).await;
        assert_eq!(count("q=nobody").await, 0);
        let back = tenant.api.patch(&path, json!({"assigned_user_id": null})).await.expect(200);
        assert_eq!(back.body["assigned_user_id"], Value::Null);
    }

    async fn a_deleted_lead_is_gone_and_the_opt_out_stays(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "STOP").await;
        let leads = tenant.api.get("/api/v1/leads").await.expect(200);
        let path = format!("/api/v1/leads/{}", leads.rows()[0]["id"].as_str().unwrap());
        assert_eq!(leads.rows()[0]["sms_opt_out"], true);
        let thread = tenant.api.get(&format!("{path}/sms")).await.expect(200);
        assert_eq!((&thread.body["ok"], thread.body["messages"].as_array().unwrap().len()), (&json!(true), 1));

        tenant.api.delete(&path).await.expect(204);

        tenant.api.get(&path).await.expect_problem(404, "not_found");
        for list in ["leads", "conversations", "messages"] {
            let list = tenant.api.get(&format!("/api/v1/{list}")).await.expect(200);
            assert_eq!(list.rows(), [] as [Value; 0]);
        }
        let send = json!({"to": "(415) 555-0199", "body": "Hi"});
        tenant.api.post("/api/v1/messages", send).await.expect_problem(409, "opted_out");
        let again = tenant.api.post("/api/v1/leads", json!({"phone": CUSTOMER})).await.expect(201);
        assert_eq!(again.body["sms_opt_out"], true);
    }

    async fn one_number_is_one_lead_however_it_is_written(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let made = tenant.api.post("/api/v1/leads", json!({"phone": "(415) 555-0199", "name": "Ann"})).await;
        assert_eq!(made.expect(201).text("/phone"), CUSTOMER);
        for phone in ["415-555-0199", "+1 415 555 0199", "14155550199", "tel:+14155550199"] {
            let twice = tenant.api.post("/api/v1/leads", json!({"phone": phone})).await;
            assert_eq!(twice.status, 409, "{phone}: {}", twice.raw);
        }
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let leads = tenant.api.get("/api/v1/leads").await.expect(200);
        assert_eq!(leads.rows().len(), 1);
        assert_eq!(leads.rows()[0]["name"], "Ann");
        assert_eq!(leads.rows()[0]["sms_enabled"], true);
    }
}
