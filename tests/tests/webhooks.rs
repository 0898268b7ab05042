//! What Twilio posts to us: who is believed, and what is never lost.

mod signed;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Channel, Reply, Tenant, World, fields, on_both, signature};

const CUSTOMER: &str = "+14155550199";
const TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

const SMS: [&str; 4] = [
    "/api/webhooks/twilio/sms",
    "/api/twilio/sms/inbound",
    "/api/webhooks/twilio/sms/incoming",
    "/api/v1/webhooks/twilio/sms/incoming",
];
const STATUS: [&str; 4] = [
    "/api/webhooks/twilio/status",
    "/api/twilio/sms/status",
    "/api/webhooks/twilio/sms/status",
    "/api/v1/webhooks/twilio/sms/status",
];

/// A MessageSid that no other text has.
fn sid(number: usize) -> String {
    format!("SM{number:032x}")
}

async fn inbound(tenant: &Tenant) -> Vec<Value> {
    let list = tenant
        .api
        .get("/api/v1/messages?direction=inbound&limit=200")
        .await
        .expect(200);
    list.rows().to_vec()
}

async fn post(world: &World, channel: &Channel, form: &[(String, String)]) -> Reply {
    world.webhook(SMS[0], form, Some(&channel.auth_token)).await
}

#[track_caller]
fn expect_twiml(reply: Reply) {
    let reply = reply.expect(200);
    assert!(
        reply.header("content-type").starts_with("text/xml"),
        "{:?}",
        reply.headers
    );
    assert_eq!(reply.raw, TWIML);
}

/// What may differ between two refusals: nothing but the id.
fn without_id(reply: &Reply) -> Value {
    let mut body = reply.body.clone();
    body.as_object_mut().unwrap().remove("request_id");
    body
}

on_both! {
    async fn a_text_is_taken_on_every_address(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let own = format!("/api/webhooks/twilio/channels/{}/sms", channel.id);
        let paths: Vec<&str> = SMS.into_iter().chain([own.as_str()]).collect();
        for (number, path) in paths.iter().enumerate() {
            let form = channel.inbound(&sid(number), CUSTOMER, &format!("by {path}"));
            expect_twiml(world.webhook(path, &form, Some(&channel.auth_token)).await);
        }
        let with_query = format!("{}?a=1&b=%2F&a=&c", SMS[0]);
        let form = channel.inbound(&sid(99), CUSTOMER, "with a query");
        expect_twiml(world.webhook(&with_query, &form, Some(&channel.auth_token)).await);

        let texts = inbound(&tenant).await;
        assert_eq!(texts.len(), paths.len() + 1);
        assert_eq!(texts[0]["from_city"], "SAN FRANCISCO");
        assert_eq!(texts[0]["from_country"], "US");
    }

    async fn a_status_is_taken_on_every_address(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let own = format!("/api/webhooks/twilio/channels/{}/status", channel.id);
        for path in STATUS.into_iter().chain([own.as_str()]) {
            for status in ["delivered", "a_status_of_tomorrow"] {
                let form = channel.status(&sid(7), CUSTOMER, status);
                expect_twiml(world.webhook(path, &form, Some(&channel.auth_token)).await);
                let refused = world.webhook(path, &form, None).await;
                refused.expect_problem(403, "forbidden");
            }
        }
    }

    async fn every_refusal_is_the_same(world: World) {
        let (ann, eve) = (world.register().await, world.register().await);
        let channel = world.add_channel(&ann, "active").await;
        let others = world.add_channel(&eve, "active").await;
        let form = channel.inbound(&sid(1), CUSTOMER, "Hello");
        let mut foreign_account = form.clone();
        foreign_account[3].1.clone_from(&others.account_sid);
        let mut unknown_number = form.clone();
        unknown_number[5].1 = "+14155559999".to_owned();
        let own = format!("/api/webhooks/twilio/channels/{}/sms", channel.id);
        let theirs = format!("/api/webhooks/twilio/channels/{}/sms", others.id);
        let nobodys = "/api/webhooks/twilio/channels/0192f000-0000-7000-8000-000000000001/sms";
        let right = signature(&channel.auth_token, &format!("{}{}", world.public_url(), SMS[0]), &form);

        let token = Some(channel.auth_token.as_str());
        let mut refusals = vec![
            ("no signature", world.webhook(SMS[0], &form, None).await),
            ("another tenant's token", world.webhook(SMS[0], &form, Some(&others.auth_token)).await),
            ("another account", world.webhook(SMS[0], &foreign_account, token).await),
            ("an unknown number", world.webhook(SMS[0], &unknown_number, token).await),
            ("another channel's URL", world.webhook(&theirs, &form, token).await),
            ("another's token on one's URL", world.webhook(&own, &form, Some(&others.auth_token)).await),
            ("nobody's URL", world.webhook(nobodys, &form, token).await),
            ("no channel at all", world.webhook("/api/webhooks/twilio/channels/x/sms", &form, token).await),
            ("signed for another URL", world.raw_webhook(SMS[1], &form, Some(&right)).await),
        ];
        for (name, wrong) in [
            ("empty", String::new()),
            ("unpadded", right.trim_end_matches('=').to_owned()),
            ("other case", right.to_lowercase()),
            ("truncated", right[..20].to_owned()),
            ("another text behind it", format!("{right}=")),
        ] {
            refusals.push((name, world.raw_webhook(SMS[0], &form, Some(&wrong)).await));
        }

        let first = without_id(&refusals[0].1);
        for (name, refusal) in refusals {
            assert_eq!(refusal.status, 403, "{name}: {}", refusal.raw);
            assert_eq!(without_id(&refusal), first, "{name}");
        }
        assert_eq!(inbound(&ann).await.len() + inbound(&eve).await.len(), 0);
        expect_twiml(world.raw_webhook(SMS[0], &form, Some(&right)).await);
    }

    async fn a_text_that_comes_again_is_stored_once(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let form = channel.inbound(&sid(1), CUSTOMER, "Hello");

        expect_twiml(post(&world, &channel, &form).await);
        expect_twiml(post(&world, &channel, &form).await);
        assert_eq!(inbound(&tenant).await.len(), 1);

        let at_once = channel.inbound(&sid(2), "+14155550198", "Hello from somebody new");
        let replies = join_all((0..8).map(|_| post(&world, &channel, &at_once))).await;
        replies.into_iter().for_each(expect_twiml);
        let texts = inbound(&tenant).await;
        assert_eq!(texts.len(), 2);
        let leads = tenant.api.get("/api/v1/leads").await.expect(200);
        assert_eq!(leads.rows().len(), 2);
        let conversations = tenant.api.get("/api/v1/conversations").await.expect(200);
        assert!(conversations.rows().iter().all(|row| row["unread_count"] == 1));
    }

    async fn many_new_customers_at_once_are_all_stored(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let forms: Vec<_> = (0..40)
            .map(|n| channel.inbound(&sid(n), &format!("+141555501{:02}", n % 20), &format!("text {n}")))
            .collect();

        let replies = join_all(forms.iter().map(|form| post(&world, &channel, form))).await;

        replies.into_iter().for_each(expect_twiml);
        assert_eq!(inbound(&tenant).await.len(), 40);
        assert_eq!(tenant.api.get("/api/v1/leads").await.expect(200).rows().len(), 20);
    }

    async fn a_genuine_text_is_never_refused_for_its_content(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let long = "é".repeat(5000);
        let texts = [
            (CUSTOMER, ""),
            (CUSTOMER, " \r\n\ttrim me not \u{feff}"),
            (CUSTOMER, "a\0b"),
            (CUSTOMER, long.as_str()),
            (CUSTOMER, "👩‍👩‍👧‍👦 '; DROP TABLE messages; -- <b>&amp;</b> ${x} {{y}} \\"),
            ("72345", "a short code"),
            ("VESUVIO", "a name"),
            ("anonymous", "nobody"),
            ("whatsapp:+14155550199", "another channel"),
        ];
        for (number, (from, body)) in texts.iter().enumerate() {
            let mut form = channel.inbound(&sid(number), from, body);
            form.push(("AFieldOfTomorrow".to_owned(), String::new()));
            form.push(("AFieldOfTomorrow".to_owned(), "twice".to_owned()));
            form.retain(|(name, _)| name != "ApiVersion");
            expect_twiml(post(&world, &channel, &form).await);
        }
        let stored = inbound(&tenant).await;
        for (number, (from, body)) in texts.iter().enumerate() {
            let row = stored.iter().find(|row| row["external_id"] == sid(number).as_str()).unwrap();
            assert_eq!(row["from_number"], *from);
            assert_eq!(row["body"], body.replace('\0', ""));
        }
        let inbox = tenant.api.get("/api/v1/conversations").await.expect(200);
        let short = inbox.rows().iter().find(|row| row["remote_address"] == "72345").unwrap();
        assert_eq!(short["can_reply"], false);
    }

    async fn what_is_no_text_at_all_is_refused(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        for missing in ["MessageSid", "From"] {
            let mut form = channel.inbound(&sid(1), CUSTOMER, "Hello");
            form.retain(|(name, _)| name != missing && name != "SmsSid" && name != "SmsMessageSid");
            post(&world, &channel, &form).await.expect(400);
        }
        let mut many = channel.inbound(&sid(1), CUSTOMER, "Hello");
        many.extend((0..1000).map(|n| (format!("Field{n}"), String::new())));
        post(&world, &channel, &many).await.expect_problem(413, "too_large");
        let big = channel.inbound(&sid(1), CUSTOMER, &"x".repeat(1024 * 1024));
        post(&world, &channel, &big).await.expect_problem(413, "too_large");
        let big_and_unsigned = world.webhook(SMS[0], &big, None).await;
        big_and_unsigned.expect_problem(413, "too_large");
        world.anybody.get(SMS[0]).await.expect_problem(405, "method_not_allowed");
        assert_eq!(inbound(&tenant).await.len(), 0);
        let large = channel.inbound(&sid(2), CUSTOMER, &"x".repeat(100 * 1024));
        expect_twiml(post(&world, &channel, &large).await);
    }

    async fn stop_opts_out_and_start_opts_in(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let opted_out = async || {
            let leads = tenant.api.get("/api/v1/leads").await.expect(200);
            leads.rows()[0]["sms_opt_out"].as_bool().unwrap()
        };
        let send = async || {
            tenant.api.post("/api/v1/messages", json!({"to": CUSTOMER, "body": "Hi"})).await
        };
        world.customer_texts(&channel, CUSTOMER, "Please stop by at noon").await;
        assert!(!opted_out().await);
        send().await.expect(202);

        world.customer_texts(&channel, CUSTOMER, " Stop ").await;
        assert!(opted_out().await);
        send().await.expect_problem(409, "opted_out");

        world.customer_texts(&channel, CUSTOMER, "START").await;
        assert!(!opted_out().await);
        send().await.expect(202);
    }

    async fn twilios_own_word_on_opting_out_decides(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let cases = [("basta", "STOP", true), ("stop", "HELP", true), ("avanti", "START", false)];
        for (number, (body, word, opted_out)) in cases.into_iter().enumerate() {
            let mut form = channel.inbound(&sid(number), CUSTOMER, body);
            form.extend(fields(&[("OptOutType", word)]));
            expect_twiml(post(&world, &channel, &form).await);
            let leads = tenant.api.get("/api/v1/leads").await.expect(200);
            assert_eq!(leads.rows()[0]["sms_opt_out"], opted_out, "{body}");
        }
    }

    async fn media_are_noted_all_of_them(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let mut form = channel.inbound(&sid(1), CUSTOMER, "");
        form.retain(|(name, _)| name != "NumMedia");
        form.extend(fields(&[
            ("NumMedia", "2"),
            ("MediaUrl0", "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0"),
            ("MediaContentType0", "image/jpeg"),
            ("MediaUrl1", "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME1"),
            ("MediaContentType1", "application/pdf"),
        ]));
        expect_twiml(post(&world, &channel, &form).await);
        let texts = inbound(&tenant).await;
        let media = texts[0]["media"].as_array().unwrap();
        let types: Vec<_> = media.iter().map(|one| one["content_type"].as_str().unwrap()).collect();
        assert_eq!(types, ["image/jpeg", "application/pdf"]);
    }

    async fn an_inactive_or_removed_channel_receives_nothing(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let path = format!("/api/v1/channels/{}", channel.id);
        let form = channel.inbound(&sid(1), CUSTOMER, "Hello");

        tenant.api.patch(&path, json!({"status": "inactive"})).await.expect(200);
        post(&world, &channel, &form).await.expect_problem(403, "forbidden");
        tenant.api.patch(&path, json!({"status": "active"})).await.expect(200);
        expect_twiml(post(&world, &channel, &form).await);
        tenant.api.delete(&path).await.expect(204);
        let later = channel.inbound(&sid(2), CUSTOMER, "Hello?");
        post(&world, &channel, &later).await.expect_problem(403, "forbidden");
        assert_eq!(inbound(&tenant).await.len(), 1);
    }

    async fn a_squatter_neither_gets_nor_blocks_anything(world: World) {
        let (ann, eve) = (world.register().await, world.register().await);
        let channel = world.add_channel(&ann, "active").await;
        let body = json!({
            "type": "twilio_sms", "name": "Mine", "status": "active",
            "credentials": {
                "accountSid": channel.account_sid,
                "authToken": "e".repeat(32),
                "phoneNumber": channel.number,
            },
        });
        eve.api.post("/api/v1/channels", body.clone()).await.expect(201);

        expect_twiml(post(&world, &channel, &channel.inbound(&sid(1), CUSTOMER, "Hello")).await);

        assert_eq!(inbound(&ann).await.len(), 1);
        assert_eq!(inbound(&eve).await.len(), 0);
        let mut stolen = body;
        stolen["credentials"]["authToken"] = json!(channel.auth_token);
        let mallory = world.register().await;
        let refused = mallory.api.post("/api/v1/channels", stolen).await;
        refused.expect_problem(409, "channel_claimed");
    }

    async fn a_new_token_and_the_old_one_both_count_while_it_is_changed(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let path = format!("/api/v1/channels/{}", channel.id);
        let new = "0123456789abcdef0123456789abcdef";
        tenant.api.patch(&path, json!({"credentials": {"authToken": new}})).await.expect(200);

        for (number, token) in [channel.auth_token.as_str(), new].into_iter().enumerate() {
            let form = channel.inbound(&sid(number), CUSTOMER, "Hello");
            expect_twiml(world.webhook(SMS[0], &form, Some(token)).await);
        }
    }
}
