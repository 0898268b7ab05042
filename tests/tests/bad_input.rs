//! Whatever is sent, the answer is a clear 4xx, and nothing is half-written.

use serde_json::{Value, json};

use crate::harness::{Client, Reply, World, on_both, poll_until};

/// Sends a body as it is.
async fn raw(
    api: &Client,
    method: &str,
    path: &str,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> Reply {
    let request = api
        .request(method, path)
        .header("content-type", content_type)
        .body(body);
    api.send(request).await
}

const JSON: &str = "application/json";

on_both! {
    async fn a_body_that_is_no_json_is_malformed(world: World) {
        let tenant = world.register().await;
        for path in ["/api/v1/messages", "/api/v1/leads", "/api/v1/channels", "/api/v1/users"] {
            for body in [&b""[..], b"{", b"nope", b"{\"to\": \"\xff\xfe\"}", b"{}{}", b"[1,"] {
                raw(&tenant.api, "POST", path, JSON, body).await.expect_problem(400, "malformed");
            }
            let wrong_type = raw(&tenant.api, "POST", path, "text/plain", "{}").await;
            wrong_type.expect_problem(415, "unsupported_media_type");
            let big = format!("{{\"name\": \"{}\"}}", "x".repeat(1024 * 1024));
            raw(&tenant.api, "POST", path, JSON, big).await.expect_problem(413, "too_large");
            for body in ["[]", "7", "null", "\"text\""] {
                raw(&tenant.api, "POST", path, JSON, body).await.expect_problem(422, "invalid");
            }
            let nul = raw(&tenant.api, "POST", path, JSON, r#"{"name": "a\u0000b"}"#).await;
            nul.expect_problem(422, "invalid");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        raw(&tenant.api, "POST", "/api/v1/leads", JSON, deep).await.expect_problem(400, "malformed");
    }

    async fn a_text_that_cant_be_sent_is_refused_with_the_reason(world: World) {
        let tenant = world.register().await;
        let to = "+14155550123";
        let none = tenant.api.post("/api/v1/messages", json!({"to": to, "body": "Hi"})).await;
        none.expect_problem(409, "channel_not_configured");
        world.add_channel(&tenant, "active").await;
        let cases = [
            (json!({"to": to, "body": ""}), "/body"),
            (json!({"to": to}), "/body"),
            (json!({"to": to, "body": "x".repeat(1601)}), "/body"),
            (json!({"to": to, "body": 7}), "/body"),
            (json!({"to": "12", "body": "Hi"}), "/to"),
            (json!({"to": "", "body": "Hi"}), "/to"),
            (json!({"to": "my friend", "body": "Hi"}), "/to"),
            (json!({"body": "Hi"}), "/to"),
            (json!({"to": to, "body": "Hi", "priority": "now"}), "/priority"),
            (json!({"to": to, "body": "Hi", "send_at": "tomorrow"}), "/send_at"),
            (json!({"to": to, "body": "Hi", "channel_id": "x"}), "/channel_id"),
            (json!({"to": to, "body": "Hi", "valid_for_seconds": -1}), "/valid_for_seconds"),
            (json!({"to": to, "body": "a\0b"}), "/body"),
        ];
        for (body, pointer) in cases {
            let reply = tenant.api.post("/api/v1/messages", body.clone()).await;
            let refused = reply.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), [pointer], "{body}");
        }
        assert_eq!(tenant.api.get("/api/v1/messages").await.expect(200).rows(), [] as [Value; 0]);
        assert_eq!(tenant.api.get("/api/v1/leads").await.expect(200).rows(), [] as [Value; 0]);
    }

    async fn a_list_is_asked_for_rightly_or_refused(world: World) {
        let tenant = world.register().await;
        let cursor = {
            world.member(&tenant, "viewer").await;
            tenant.api.get("/api/v1/users?limit=1").await.expect(200).text("/next_cursor")
        };
        for list in ["users", "channels", "leads", "conversations", "messages", "api-keys"] {
            for limit in ["0", "201", "-1", "x", ""] {
                let reply = tenant.api.get(&format!("/api/v1/{list}?limit={limit}")).await;
                assert_eq!(reply.expect_problem(422, "invalid").pointers(), ["limit"], "{list}");
            }
            for bad in ["x", "AAAA", "%00", "'; DROP TABLE leads", cursor.as_str()] {
                if list == "users" && bad == cursor {
                    continue;
                }
                let reply = tenant.api.get(&format!("/api/v1/{list}?cursor={bad}")).await;
                assert_eq!(reply.expect_problem(422, "invalid").pointers(), ["cursor"], "{list} {bad}");
            }
        }
        for (query, pointer) in [
            ("conversations?status=ajar", "status"),
            ("conversations?sort=random", "sort"),
            ("conversations?unread=perhaps", "unread"),
            ("conversations?assigned=nobody", "assigned"),
            ("conversations?updated_since=yesterday", "updated_since"),
            ("messages?direction=sideways", "direction"),
            ("messages?status=lost", "status"),
            ("leads?status=hot", "status"),
            ("leads?source=dream", "source"),
            ("leads?q=%00", "q"),
        ] {
            let reply = tenant.api.get(&format!("/api/v1/{query}")).await;
            assert_eq!(reply.expect_problem(422, "invalid").pointers(), [pointer], "{query}");
        }
    }

    async fn an_id_that_is_none_or_of_another_kind_is_not_found(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let lists = ["channels", "leads", "conversations", "messages", "users"];
        for list in lists.iter().filter(|list| **list != "channels") {
            for id in [channel.id.as_str(), "x", "7", "%00", "..%2F..%2Fetc", "0192f000-0000-7000-8000-000000000001"] {
                let path = format!("/api/v1/{list}/{id}");
                tenant.api.get(&path).await.expect_problem(404, "not_found");
                let patched = tenant.api.patch(&path, json!({"role": "agent"})).await;
                assert!(matches!(patched.status, 404 | 405), "{path}: {}", patched.raw);
            }
        }
    }

    async fn an_unknown_route_or_method_is_a_problem_too(world: World) {
        let tenant = world.register().await;
        for path in ["/api", "/api/v1", "/api/v1/pigeons", "/api/v2/leads", "/apis", "/%ff", "/api/v1/leads/"] {
            tenant.api.get(path).await.expect_problem(404, "not_found");
        }
        let wrong = tenant.api.send(tenant.api.request("PUT", "/api/v1/leads")).await;
        let wrong = wrong.expect_problem(405, "method_not_allowed");
        assert_eq!(wrong.header("allow"), "GET, POST");
    }

    async fn odd_but_well_formed_text_is_kept_as_it_is(world: World) {
        let tenant = world.register().await;
        for name in ["O'Brien; DROP TABLE leads; --", "👩‍👩‍👧‍👦", "<script>alert(1)</script>", "%_\\", "\u{202e}abc"] {
            let made = tenant.api.post("/api/v1/leads", json!({"name": name})).await.expect(201);
            assert_eq!(made.text("/name"), name);
            // What has no word in it is found by nothing.
            let expected = usize::from(name.chars().any(char::is_alphabetic));
            poll_until("the lead's being found", async || {
                let request = tenant.api.request("GET", "/api/v1/leads").query(&[("q", name)]);
                let found = tenant.api.send(request).await.expect(200);
                (found.rows().len() == expected).then_some(())
            })
            .await;
        }
    }
}
