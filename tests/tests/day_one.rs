//! The path that everything else stands on.

use serde_json::{Value, json};

use crate::harness::{World, channel_body, on_both, poll_until};

const CUSTOMER: &str = "+14155550199";

on_both! {
    async fn a_text_comes_in_is_answered_and_the_answer_is_delivered(world: World) {
        let tenant = world.register().await;
        let (api, channel) = (&tenant.api, world.connect_channel(&tenant).await);

        let inbox = "/api/v1/conversations";
        let empty = api.get(inbox).await.expect(200);
        assert_eq!(empty.rows(), [] as [Value; 0]);
        api.get_if_changed(inbox, &empty).await.expect(304);

        let sid = world.customer_texts(&channel, CUSTOMER, "Are you open today?").await;

        let list = api.get_if_changed(inbox, &empty).await.expect(200);
        let conversation = &list.rows()[0];
        assert_eq!(conversation["channel"], "twilio_sms");
        assert_eq!(conversation["channel_id"], channel.id.as_str());
        assert_eq!(conversation["remote_jid"], "sms_14155550199");
        assert_eq!(conversation["status"], "open");
        assert_eq!(conversation["unread_count"], 1);
        assert_eq!(conversation["lead"]["phone"], CUSTOMER);
        assert_eq!(conversation["lead"]["source"], "sms");
        assert_eq!(conversation["last_message"]["body"], "Are you open today?");
        api.get_if_changed(inbox, &list).await.expect(304);

        let messages = format!("{inbox}/{}/messages", conversation["id"].as_str().unwrap());
        let page = api.get(&messages).await.expect(200);
        let text = &page.rows()[0];
        assert_eq!(page.rows().len(), 1);
        assert_eq!(text["direction"], "inbound");
        assert_eq!(text["status"], "received");
        assert_eq!(text["source"], "customer");
        assert_eq!(text["external_id"], sid.as_str());
        assert_eq!(text["from_number"], CUSTOMER);
        assert_eq!(text["to_number"], channel.number.as_str());

        let answer = api.post(&messages, json!({"body": "Yes, until 10 pm."})).await.expect(202);
        assert_eq!(answer.body["direction"], "outbound");
        assert_eq!(answer.body["source"], "agent");
        let path = format!("/api/v1/messages/{}", answer.text("/id"));
        let delivered = poll_until("delivery", async || {
            let now = api.get(&path).await.expect(200);
            (now.text("/status") == "delivered").then_some(now)
        })
        .await;

        let sent = world.twilio.sent(&channel.account_sid).await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!(sent[0]["from"], channel.number.as_str());
        assert_eq!(sent[0]["to"], CUSTOMER);
        assert_eq!(sent[0]["body"], "Yes, until 10 pm.");
        assert_eq!(delivered.body["external_id"], sent[0]["sid"]);
        assert!(delivered.body["sent_at"].is_string() && delivered.body["delivered_at"].is_string());
        let callback = sent[0]["status_callback"].as_str().unwrap();
        let expected = format!(
            "{}/api/webhooks/twilio/channels/{}/status?message={}&attempt=1#rc=5&rp=all&rt=2500",
            world.public_url(), channel.id, answer.text("/id"),
        );
        assert_eq!(callback, expected);

        let thread = api.get(&messages).await.expect(200);
        let bodies: Vec<_> = thread.rows().iter().map(|row| row["body"].as_str().unwrap()).collect();
        assert_eq!(bodies, ["Yes, until 10 pm.", "Are you open today?"]);
    }

    async fn connecting_a_channel_tells_twilio_where_we_listen(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;

        let path = format!("/api/v1/channels/{}", channel.id);
        let shown = tenant.api.get(&path).await.expect(200);

        let accounts = world.twilio.accounts().await;
        assert_eq!(shown.body["webhook_urls"]["sms"], accounts[0]["numbers"][0]["sms_url"]);
        assert_eq!(shown.body["status"], "connected");
        assert_eq!(shown.body["credentials"]["authToken"], "********");
        let same = tenant.api.patch(&path, shown.body.clone()).await.expect(200);
        assert_eq!(same.body, shown.body, "an answer sent back changes nothing");
    }

    async fn a_channel_that_twilio_refuses_is_not_connected(world: World) {
        let tenant = world.register().await;
        let account = world.number().await;
        let create = async |change: &dyn Fn(&mut Value)| {
            let mut body = channel_body(&account, "connected");
            change(&mut body["credentials"]);
            tenant.api.post("/api/v1/channels", body).await
        };

        let wrong_token = create(&|it| it["authToken"] = json!("f".repeat(32))).await;
        let wrong_token = wrong_token.expect_problem(422, "refused_by_twilio");
        assert_eq!(wrong_token.body["twilio"]["code"], 20003);
        assert_eq!(wrong_token.pointers(), ["/credentials/authToken"]);
        let not_theirs = create(&|it| it["phoneNumber"] = json!("+14155550177")).await;
        let not_theirs = not_theirs.expect_problem(422, "refused_by_twilio");
        assert_eq!(not_theirs.pointers(), ["/credentials/phoneNumber"]);

        assert_eq!(tenant.api.get("/api/v1/channels").await.expect(200).rows(), [] as [Value; 0]);
        create(&|_| ()).await.expect(201);
    }

    async fn sending_is_one_call_and_makes_the_lead(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;

        let body = json!({"to": "(415) 555-0123", "body": "Your table is ready."});
        let sent = tenant.api.post("/api/v1/messages", body).await.expect(202);

        assert_eq!(sent.text("/to_number"), "+14155550123");
        assert_eq!(sent.text("/from_number"), channel.number);
        let lead = tenant.api.get(&format!("/api/v1/leads/{}", sent.text("/lead_id"))).await.expect(200);
        assert_eq!(lead.text("/phone"), "+14155550123");
        poll_until("the text at Twilio", async || {
            (world.twilio.sent(&channel.account_sid).await.len() == 1).then_some(())
        })
        .await;
        poll_until("an empty queue", async || {
            let queue = tenant.api.get("/api/v1/admin/sms-queue").await.expect(200);
            (queue.body["pending"] == 0 && queue.body["sent"] == 1).then_some(())
        })
        .await;
    }
}
