//! Clients that ask again and again: cheap when nothing has changed, and nothing is missed.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{World, on_both};

const SMS: &str = "/api/webhooks/twilio/sms";

on_both! {
    async fn an_unchanged_answer_is_not_sent_again(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, "+14155550199", "Hello").await;
        let viewer = world.member(&tenant, "viewer").await;
        let inbox = tenant.api.get("/api/v1/conversations").await.expect(200);
        let one = format!("/api/v1/conversations/{}", inbox.rows()[0]["id"].as_str().unwrap());
        for path in ["/api/v1/conversations", "/api/v1/messages", "/api/v1/leads", "/api/v1/channels", one.as_str()] {
            let answer = tenant.api.get(path).await.expect(200);
            assert!(!answer.header("events-cursor").is_empty(), "{path}");
            let again = tenant.api.get_if_changed(path, &answer).await.expect(304);
            assert_eq!(again.header("etag"), answer.header("etag"));
            assert_eq!(again.raw, "");
            viewer.get_if_changed(path, &answer).await.expect(200);
            tenant.api.get_if_changed(&format!("{path}?x=1"), &answer).await.expect(200);
            let read = tenant.api.post(&format!("{one}/unread"), json!({})).await;
            read.expect(200);
            tenant.api.get_if_changed(path, &answer).await.expect(200);
        }
    }

    async fn who_polls_for_changes_misses_none(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let start = tenant.api.get("/api/v1/tenant").await.expect(200).text("/created_at");
        let texting = async {
            for round in 0..5 {
                let forms: Vec<_> = (0..6)
                    .map(|n| (n, format!("SM{:032x}", round * 10 + n)))
                    .map(|(n, sid)| channel.inbound(&sid, &format!("+1415555020{n}"), "Hello"))
                    .collect();
                let posts = forms.iter().map(|form| world.webhook(SMS, form, Some(&channel.auth_token)));
                for reply in join_all(posts).await {
                    reply.expect(200);
                }
            }
        };
        let polling = async {
            let (mut since, mut seen) = (start, BTreeSet::new());
            while seen.len() < 30 {
                let mut cursor = String::new();
                loop {
                    let query = [("updated_since", since.as_str()), ("limit", "7"), ("cursor", &cursor)];
                    let query = &query[..if cursor.is_empty() { 2 } else { 3 }];
                    let request = tenant.api.request("GET", "/api/v1/messages").query(query);
                    let page = tenant.api.send(request).await.expect(200);
                    let times: Vec<_> = page.rows().iter().map(|row| row["updated_at"].as_str().unwrap()).collect();
                    assert!(times.is_sorted(), "{times:?}");
                    seen.extend(page.rows().iter().map(|row| row["external_id"].as_str().unwrap().to_owned()));
                    cursor = page.text("/next_cursor");
                    if cursor.is_empty() {
                        since = page.text("/next_updated_since");
                        break;
                    }
                }
            }
        };
        let both = async { tokio::join!(texting, polling) };
        tokio::time::timeout(std::time::Duration::from_secs(30), both).await.expect("thirty texts seen");
    }

    async fn a_list_is_walked_page_by_page_without_gap_or_repeat(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        for n in 0..7 {
            let form = channel.inbound(&format!("SM{n:032x}"), &format!("+1415555020{n}"), "Hello");
            world.webhook(SMS, &form, Some(&channel.auth_token)).await.expect(200);
        }
        for list in ["conversations", "conversations?sort=waiting", "conversations?sort=unread", "messages", "leads"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let request = tenant.api.request("GET", &format!("/api/v1/{list}")).query(&[("limit", "3")]);
                let request = if cursor.is_empty() { request } else { request.query(&[("cursor", &cursor)]) };
                let page = tenant.api.send(request).await.expect(200);
                seen.extend(page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
                cursor = page.text("/next_cursor");
                if cursor.is_empty() {
                    break;
                }
            }
            assert_eq!(seen.len(), 7, "{list}");
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 7, "{list}");
        }
    }
}
