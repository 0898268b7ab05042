//! Finding leads, texts and notes.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use reqwest::Url;
use serde_json::{Value, json};

use crate::harness::{Client, Reply, World, on_both, poll_until};

const CUSTOMER: &str = "+14155550199";

/// Asks a list with parameters as a browser would write them.
async fn ask(api: &Client, path: &str, query: &[(&str, &str)]) -> Reply {
    let base = format!("http://host/api/v1/{path}");
    let url = Url::parse_with_params(&base, query).unwrap();
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    api.get(&target).await.expect(200)
}

/// What is found, each as its type and a text of it, newest first.
async fn found(api: &Client, q: &str) -> Vec<String> {
    let reply = ask(api, "search", &[("q", q)]).await;
    reply.rows().iter().map(named).collect()
}

fn named(row: &Value) -> String {
    match row["type"].as_str().unwrap() {
        "lead" => format!("lead {}", row["lead"]["name"].as_str().unwrap_or("?")),
        kind => format!("{kind} {}", row[kind]["body"].as_str().unwrap()),
    }
}

async fn until_found(api: &Client, q: &str, expected: &[&str]) {
    poll_until(&format!("{q} finding {expected:?}"), async || {
        (found(api, q).await == expected).then_some(())
    })
    .await;
}

on_both! {
    async fn names_numbers_and_texts_are_found(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let api = &tenant.api;
        let joao = json!({"name": "João da Silva", "phone": CUSTOMER, "email": "joao@casa-verde.example"});
        let lead = api.post("/api/v1/leads", joao).await.expect(201);
        world.customer_texts(&channel, CUSTOMER, "Hello, the Boiler is leaking again, order 20231187").await;
        world.customer_texts(&channel, "+14155550177", "東京都庁で会いましょう").await;
        let text = "message Hello, the Boiler is leaking again, order 20231187";
        let asian = "message 東京都庁で会いましょう";
        until_found(api, "boi", &[text]).await;
        until_found(api, "東京", &[asian]).await;

        for q in ["BOILER leak", "hello order", "1187", "boiler 2023"] {
            assert_eq!(found(api, q).await, [text], "{q}");
        }
        for q in ["joao", "JOÃO silva", "Silva joa", "verde", "joao@casa-verde.example", "0199", "(415) 555-0199"] {
            assert_eq!(found(api, q).await, ["lead João da Silva"], "{q}");
        }
        for q in ["oiler", "boiler joao", "0198", "", "?!", "zzz"] {
            assert_eq!(found(api, q).await, [] as [&str; 0], "{q}");
        }
        // A letter is enough for a beginning.
        assert_eq!(found(api, "b").await, [text]);
        let hit = ask(api, "search", &[("q", "joao"), ("type", "lead")]).await;
        let hit = &hit.rows()[0];
        assert_eq!(hit["lead"]["id"], lead.body["id"]);
        let thread = api.get("/api/v1/conversations?q=0199").await.expect(200);
        assert_eq!(hit["conversation_id"], thread.rows()[0]["id"]);
        let of_texts = ask(api, "search", &[("q", "boiler"), ("type", "message")]).await;
        assert_eq!(of_texts.rows()[0]["conversation_id"], thread.rows()[0]["id"]);
        assert_eq!(of_texts.rows()[0]["lead"]["id"], lead.body["id"]);
        assert_eq!(ask(api, "search", &[("q", "boiler"), ("type", "note")]).await.rows(), [] as [Value; 0]);
    }

    async fn what_came_in_is_found_within_two_seconds(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "first").await;
        until_found(&tenant.api, "first", &["message first"]).await;
        for word in ["second", "third", "fourth"] {
            world.customer_texts(&channel, CUSTOMER, word).await;
            let came = Instant::now();
            until_found(&tenant.api, word, &[&format!("message {word}")]).await;
            assert!(came.elapsed() < Duration::from_secs(2), "{word}: {:?}", came.elapsed());
        }
    }

    async fn what_changes_is_found_by_what_it_is_now(world: World) {
        let tenant = world.register().await;
        world.connect_channel(&tenant).await;
        let api = &tenant.api;
        let lead = api.post("/api/v1/leads", json!({"name": "Anna Old", "phone": CUSTOMER})).await.expect(201);
        let path = format!("/api/v1/leads/{}", lead.text("/id"));
        let made = DateTime::parse_from_rfc3339(&lead.text("/created_at")).unwrap();
        let soon = (made + TimeDelta::hours(5)).to_rfc3339();
        let text = json!({"to": CUSTOMER, "body": "See you on Monday", "send_at": soon});
        let text = api.post("/api/v1/messages", text).await.expect(202);
        until_found(api, "monday", &["message See you on Monday"]).await;
        until_found(api, "anna", &["lead Anna Old"]).await;

        let changed = json!({"body": "See you on Tuesday"});
        api.patch(&format!("/api/v1/messages/{}", text.text("/id")), changed).await.expect(200);
        api.patch(&path, json!({"name": "Berta New", "phone": "+14155550111"})).await.expect(200);
        until_found(api, "tuesday", &["message See you on Tuesday"]).await;
        until_found(api, "berta 0111", &["lead Berta New"]).await;
        for q in ["monday", "anna", "0199"] {
            assert_eq!(found(api, q).await, [] as [&str; 0], "{q}");
        }
        api.delete(&path).await.expect(204);
        for q in ["tuesday", "berta"] {
            assert_eq!(found(api, q).await, [] as [&str; 0], "{q}");
        }
    }

    async fn notes_are_found_by_who_may_read_them(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let api = &tenant.api;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let inbox = api.get("/api/v1/conversations").await.expect(200);
        let (thread, lead) = (inbox.text("/data/0/id"), inbox.text("/data/0/lead/id"));
        let notes = format!("/api/v1/conversations/{thread}/notes");
        let note = api.post(&notes, json!({"body": "Prefers mornings"})).await.expect(201).text("/id");
        until_found(api, "morning", &["note Prefers mornings"]).await;
        let row = &ask(api, "search", &[("q", "morning"), ("type", "note")]).await.body["data"][0];
        assert_eq!((&row["conversation_id"], &row["lead"]["id"]), (&json!(thread), &json!(lead)));
        assert_eq!(row["note"]["id"], note);

        let scopes = json!({"name": "no conversations", "scopes": ["messages:read", "leads:read"]});
        let key = api.post("/api/v1/api-keys", scopes).await.expect(201).text("/key");
        let limited = tenant.api.with_token(&key);
        assert_eq!(found(&limited, "morning").await, [] as [&str; 0]);
        limited.get("/api/v1/search?q=morning&type=note").await.expect_problem(403, "forbidden");

        let path = format!("/api/v1/notes/{note}");
        api.patch(&path, json!({"body": "Prefers evenings"})).await.expect(200);
        until_found(api, "evening", &["note Prefers evenings"]).await;
        assert_eq!(found(api, "morning").await, [] as [&str; 0]);
        api.delete(&path).await.expect(204);
        until_found(api, "evening", &[]).await;
    }

    async fn pages_go_on_where_the_one_before_ended(world: World) {
        let tenant = world.register().await;
        let api = &tenant.api;
        for n in 0..7 {
            let lead = json!({"name": format!("Maria {n}"), "phone": format!("+1415555010{n}"), "tags": [format!("t{}", n % 2)]});
            api.post("/api/v1/leads", lead).await.expect(201);
        }
        let newest_first: Vec<_> = (0..7).rev().map(|n| format!("lead Maria {n}")).collect();
        let expected: Vec<_> = newest_first.iter().map(String::as_str).collect();
        until_found(api, "mar", &expected).await;
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut query = vec![("q", "mar"), ("limit", "3")];
            if !cursor.is_empty() {
                query.push(("cursor", &cursor));
            }
            let page = ask(api, "search", &query).await;
            all.extend(page.rows().iter().map(named));
            cursor = page.text("/next_cursor");
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(all, newest_first);
        let names = |reply: &Reply| -> Vec<String> {
            reply.rows().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
        };
        let filtered = ask(api, "leads", &[("q", "mari"), ("tag", "t1"), ("limit", "2")]).await;
        assert_eq!(names(&filtered), ["Maria 5", "Maria 3"]);
        let next = filtered.text("/next_cursor");
        let rest = ask(api, "leads", &[("q", "mari"), ("tag", "t1"), ("limit", "2"), ("cursor", &next)]).await;
        assert_eq!((names(&rest), &rest.body["next_cursor"]), (vec!["Maria 1".to_owned()], &Value::Null));
        assert_eq!(names(&ask(api, "leads", &[("q", "0106")]).await), ["Maria 6"]);
    }

    async fn the_inbox_is_looked_through_in_its_own_order(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        let api = &tenant.api;
        for (n, name) in ["Rosa", "Rosalie", "Other"].iter().enumerate() {
            let phone = format!("+1415555020{n}");
            api.post("/api/v1/leads", json!({"name": name, "phone": phone})).await.expect(201);
            world.customer_texts(&channel, &phone, "Hi").await;
        }
        world.customer_texts(&channel, "+14155550200", "Me again").await;
        until_found(api, "rosa", &["lead Rosalie", "lead Rosa"]).await;
        let names = |reply: &Reply| -> Vec<String> {
            reply.rows().iter().map(|row| row["lead"]["name"].as_str().unwrap().to_owned()).collect()
        };
        let inbox = ask(api, "conversations", &[("q", "ros")]).await;
        assert_eq!(names(&inbox), ["Rosa", "Rosalie"]);
        let waiting = ask(api, "conversations", &[("q", "ros"), ("sort", "waiting")]).await;
        assert_eq!(names(&waiting), ["Rosa", "Rosalie"]);
        let first = ask(api, "conversations", &[("q", "ros"), ("limit", "1")]).await;
        let next = first.text("/next_cursor");
        let second = ask(api, "conversations", &[("q", "ros"), ("limit", "1"), ("cursor", &next)]).await;
        assert_eq!((names(&second), &second.body["next_cursor"]), (vec!["Rosalie".to_owned()], &Value::Null));
        let since = ask(api, "conversations", &[("q", "ros"), ("updated_since", "2020-01-01T00:00:00Z")]).await;
        assert_eq!(names(&since), ["Rosalie", "Rosa"]);
        assert_eq!(ask(api, "conversations", &[("q", "other"), ("unread", "false")]).await.rows(), [] as [Value; 0]);
    }

    async fn an_answer_is_not_taken_for_unchanged_while_the_index_comes_up(world: World) {
        let tenant = world.register().await;
        tenant.api.post("/api/v1/leads", json!({"name": "Greta"})).await.expect(201);
        for list in ["search", "leads"] {
            let path = format!("/api/v1/{list}?q=greta");
            let mut last = tenant.api.get(&path).await.expect(200);
            poll_until("Greta", async || {
                let reply = tenant.api.get_if_changed(&path, &last).await;
                if reply.status == 200 {
                    last = reply;
                }
                (!last.rows().is_empty()).then_some(())
            })
            .await;
        }
    }

    async fn a_question_is_not_endless(world: World) {
        let tenant = world.register().await;
        for list in ["search", "leads", "conversations"] {
            let path = format!("/api/v1/{list}?q={}", "a".repeat(201));
            let refused = tenant.api.get(&path).await.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), ["q"]);
        }
    }

    async fn a_key_that_may_not_see_texts_finds_none(world: World) {
        let tenant = world.register().await;
        for scopes in [json!(["leads:read"]), json!(["messages:read"])] {
            let key = json!({"name": "till", "scopes": scopes});
            let key = tenant.api.post("/api/v1/api-keys", key).await.expect(201).text("/key");
            let api = world.anybody.with_token(&key);
            api.get("/api/v1/search?q=a").await.expect_problem(403, "forbidden");
        }
    }
}
