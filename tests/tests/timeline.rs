//! A conversation as people read it, and what was done.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Client, Reply, Tenant, World, on_both};

const CUSTOMER: &str = "+14155550199";

/// The path of the latest conversation.
async fn latest(tenant: &Tenant) -> String {
    let inbox = tenant.api.get("/api/v1/conversations").await.expect(200);
    format!(
        "/api/v1/conversations/{}",
        inbox.rows()[0]["id"].as_str().unwrap()
    )
}

/// What a timeline shows, newest first: texts and notes by what they say, the rest by its kind.
fn told(list: &Reply) -> Vec<&str> {
    let tell = |row: &Value| match row["type"].as_str().unwrap() {
        "message" => "message/body",
        "note" => "note/body",
        _ => "activity/kind",
    };
    let tell = |row| -> &str {
        let pointer = format!("/{}", tell(row));
        let text = list.rows().iter().find(|other| *other == row);
        text.unwrap().pointer(&pointer).unwrap().as_str().unwrap()
    };
    list.rows().iter().map(tell).collect()
}

/// The kinds and details of activity, newest first.
async fn activity(api: &Client, query: &str) -> Vec<(String, Value)> {
    let list = api
        .get(&format!("/api/v1/activity?{query}"))
        .await
        .expect(200);
    let entry = |row: &Value| {
        (
            row["kind"].as_str().unwrap().to_owned(),
            row["data"].clone(),
        )
    };
    list.rows().iter().map(entry).collect()
}

fn entry(kind: &str, data: Value) -> (String, Value) {
    (kind.to_owned(), data)
}

on_both! {
    async fn texts_notes_and_activity_are_one_list(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let conversation = latest(&tenant).await;
        tenant.api.patch(&conversation, json!({"control": "human", "priority": "high"})).await.expect(200);
        tenant.api.post(&format!("{conversation}/notes"), json!({"body": "Be kind"})).await.expect(201);
        tenant.api.post(&format!("{conversation}/messages"), json!({"body": "Hi!"})).await.expect(202);
        tenant.api.patch(&conversation, json!({"status": "closed"})).await.expect(200);
        world.customer_texts(&channel, CUSTOMER, "STOP").await;

        let path = format!("{conversation}/timeline");
        let whole = tenant.api.get(&path).await.expect(200);
        assert_eq!(told(&whole), [
            "opted_out", "STOP", "conversation_status_changed", "Hi!", "Be kind",
            "priority_changed", "control_started", "Hello", "lead_created",
        ]);
        for row in whole.rows() {
            let kind = row["type"].as_str().unwrap();
            assert_eq!(row["id"], row[kind]["id"]);
            assert_eq!(row["at"], row[kind]["created_at"]);
        }

        let (mut pages, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = tenant.api.get(&format!("{path}?limit=2&cursor={cursor}")).await;
            let page = if cursor.is_empty() { tenant.api.get(&format!("{path}?limit=2")).await } else { page };
            let page = page.expect(200);
            pages.extend(page.rows().to_vec());
            cursor = page.text("/next_cursor");
            if cursor.is_empty() {
                break;
            }
        }
        // By their ids: the text is being sent meanwhile.
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&pages), ids(whole.rows()));
        let ids: BTreeSet<_> = pages.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 9);

        tenant.api.get_if_changed(&path, &tenant.api.get(&path).await).await.expect(304);
        let before = tenant.api.get(&path).await.expect(200);
        tenant.api.post(&format!("{conversation}/notes"), json!({"body": "Oh"})).await.expect(201);
        let after = tenant.api.get_if_changed(&path, &before).await.expect(200);
        assert_eq!(told(&after)[0], "Oh");
        let foreign = tenant.api.get(&format!("{conversation}/notes?cursor={}", tenant.api.get(&format!("{path}?limit=1")).await.text("/next_cursor"))).await;
        assert_eq!(foreign.expect_problem(422, "invalid").pointers(), ["cursor"]);
    }

    async fn a_key_needs_both_scopes_to_read_a_timeline(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let path = format!("{}/timeline", latest(&tenant).await);
        for (scopes, status) in [
            (json!(["conversations:read"]), 403),
            (json!(["messages:read"]), 403),
            (json!(["conversations:read", "messages:read"]), 200),
        ] {
            let key = tenant.api.post("/api/v1/api-keys", json!({"name": "till", "scopes": scopes})).await.expect(201);
            world.anybody.with_token(&key.text("/key")).get(&path).await.expect(status);
        }
    }

    async fn what_people_do_with_a_conversation_is_told_once(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let conversation = latest(&tenant).await;
        let id = conversation.rsplit('/').next().unwrap();
        let agent = world.member(&tenant, "agent").await;
        let me = agent.get("/api/v1/auth/me").await.expect(200).body["user"].clone();
        let person = json!({"id": me["id"], "name": me["name"]});
        let until = "2100-01-01T00:00:00Z";
        let change = json!({
            "status": "snoozed", "snoozed_until": until, "assigned_user_id": me["id"],
            "control": "human", "priority": "urgent", "labels": ["vip"],
        });
        agent.patch(&conversation, change.clone()).await.expect(200);
        let expected = [
            entry("labels_changed", json!({"added": ["vip"], "removed": []})),
            entry("priority_changed", json!({"from": "normal", "to": "urgent"})),
            entry("control_started", json!({})),
            entry("conversation_status_changed", json!({"from": "open", "to": "snoozed", "snoozed_until": until})),
            entry("conversation_assigned", json!({"assigned_user": person})),
            entry("lead_created", json!({"source": "sms"})),
        ];
        let query = format!("conversation_id={id}");
        assert_eq!(activity(&agent, &query).await, expected);
        let list = agent.get(&format!("/api/v1/activity?{query}")).await.expect(200);
        for row in &list.rows()[..5] {
            assert_eq!((&row["actor"], &row["conversation_id"]), (&person, &json!(id)));
            assert_eq!(row["lead_id"], list.rows()[5]["lead_id"]);
        }
        assert_eq!(list.rows()[5]["actor"], Value::Null);

        // The same again is nothing, and does not make the conversation new.
        let before = agent.get(&conversation).await.expect(200);
        agent.patch(&conversation, change).await.expect(200);
        assert_eq!(agent.get(&conversation).await.expect(200).body, before.body);
        assert_eq!(activity(&agent, &query).await, expected);

        let back = json!({"status": "open", "assigned_user_id": null, "control": "ai", "labels": []});
        agent.patch(&conversation, back).await.expect(200);
        assert_eq!(activity(&agent, &query).await[..4], [
            entry("labels_changed", json!({"added": [], "removed": ["vip"]})),
            entry("control_ended", json!({})),
            entry("conversation_status_changed", json!({"from": "snoozed", "to": "open"})),
            entry("conversation_assigned", json!({"assigned_user": null})),
        ]);
        let one = activity(&agent, &format!("{query}&kind=control_ended")).await;
        assert_eq!(one, [entry("control_ended", json!({}))]);
        let wrong = agent.get("/api/v1/activity?kind=moon_landed").await;
        assert_eq!(wrong.expect_problem(422, "invalid").pointers(), ["kind"]);
    }

    async fn opting_out_and_in_is_told_in_every_conversation_of_a_lead(world: World) {
        let tenant = world.register().await;
        let (one, two) = (world.connect_channel(&tenant).await, world.connect_channel(&tenant).await);
        for channel in [&one, &two] {
            world.customer_texts(channel, CUSTOMER, "Hello").await;
        }
        for text in ["STOP", "STOP", "START", "START"] {
            world.customer_texts(&one, CUSTOMER, text).await;
        }
        let list = tenant.api.get("/api/v1/leads").await.expect(200);
        let lead = list.rows()[0]["id"].as_str().unwrap();
        let path = format!("/api/v1/leads/{lead}");
        for opted_out in [true, true, false, false] {
            tenant.api.patch(&path, json!({"sms_opt_out": opted_out})).await.expect(200);
        }
        let by_text = json!({"number": one.number, "source": "keyword"});
        let by_hand = json!({"number": null, "source": "manual"});
        let expected = [
            entry("opted_in", by_hand.clone()),
            entry("opted_out", by_hand),
            entry("opted_in", by_text.clone()),
            entry("opted_out", by_text),
            entry("lead_created", json!({"source": "sms"})),
        ];
        assert_eq!(activity(&tenant.api, &format!("lead_id={lead}")).await, expected);
        for conversation in tenant.api.get("/api/v1/conversations").await.expect(200).rows() {
            let id = conversation["id"].as_str().unwrap();
            assert_eq!(activity(&tenant.api, &format!("conversation_id={id}")).await, expected);
        }
        let list = tenant.api.get("/api/v1/activity?kind=opted_out").await.expect(200);
        let channels: Vec<_> = list.rows().iter().map(|row| &row["channel_id"]).collect();
        assert_eq!(channels, [&Value::Null, &json!(one.id)]);
        assert_eq!(list.rows()[0]["actor"]["name"], "Ann");
        assert_eq!(list.rows()[1]["actor"], Value::Null);
    }

    async fn what_is_done_to_channels_team_and_keys_is_told_to_who_may_see_them(world: World) {
        let tenant = world.register().await;
        let channel = world.add_channel(&tenant, "active").await;
        let path = format!("/api/v1/channels/{}", channel.id);
        for patch in [json!({"name": "Back office"}), json!({"name": "Back office"}), json!({"status": "inactive", "settings": {"messages_per_second": 3}})] {
            tenant.api.patch(&path, patch).await.expect(200);
        }
        tenant.api.delete(&path).await.expect(204);
        let body = json!({"email": "bob@example.com", "name": "Bob", "role": "agent"});
        let bob = tenant.api.post("/api/v1/users", body).await.expect(201).text("/id");
        let bob = format!("/api/v1/users/{bob}");
        for role in ["agent", "admin"] {
            tenant.api.patch(&bob, json!({ "role": role })).await.expect(200);
        }
        tenant.api.delete(&bob).await.expect(204);
        let key = tenant.api.post("/api/v1/api-keys", json!({"name": "till"})).await.expect(201).text("/id");
        tenant.api.delete(&format!("/api/v1/api-keys/{key}")).await.expect(204);

        let keys = [entry("api_key_revoked", json!({"name": "till"})), entry("api_key_created", json!({"name": "till"}))];
        let others = [
            entry("member_removed", json!({"name": "Bob"})),
            entry("member_changed", json!({"name": "Bob", "role": "admin"})),
            entry("member_added", json!({"name": "Bob", "role": "agent"})),
            entry("channel_deleted", json!({"name": "Back office"})),
            entry("channel_changed", json!({"name": "Back office", "fields": ["status", "settings"]})),
            entry("channel_changed", json!({"name": "Back office", "fields": ["name"]})),
            entry("channel_created", json!({"name": "Front desk"})),
        ];
        assert_eq!(activity(&tenant.api, "").await, [&keys[..], &others[..]].concat());
        let admin = world.member(&tenant, "admin").await;
        assert_eq!(activity(&admin, "").await[1..], others);
        let scopes = json!({"name": "narrow", "scopes": ["conversations:read"]});
        let key = tenant.api.post("/api/v1/api-keys", scopes).await.expect(201).text("/key");
        assert_eq!(activity(&world.anybody.with_token(&key), "").await, []);
    }

    async fn of_an_erased_lead_nothing_is_told_but_that_it_came_and_went(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        world.customer_texts(&channel, CUSTOMER, "Hello").await;
        let conversation = latest(&tenant).await;
        tenant.api.patch(&conversation, json!({"labels": ["owes money"]})).await.expect(200);
        let lead = tenant.api.get(&conversation).await.expect(200).text("/lead/id");
        tenant.api.delete(&format!("/api/v1/leads/{lead}")).await.expect(204);
        assert_eq!(activity(&tenant.api, &format!("lead_id={lead}")).await, [
            entry("lead_deleted", json!({})),
            entry("lead_created", json!({"source": "sms"})),
        ]);
        let all = tenant.api.get("/api/v1/activity").await.expect(200).raw;
        assert!(!all.contains("owes money") && !all.contains(CUSTOMER), "{all}");
        assert_eq!(tenant.api.get("/api/v1/labels").await.expect(200).rows()[0]["conversations"], 0);
        tenant.api.get(&format!("{conversation}/timeline")).await.expect_problem(404, "not_found");
    }

    async fn the_tabs_are_counted_for_whoever_looks(world: World) {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        for n in 0..4 {
            world.customer_texts(&channel, &format!("+1415555020{n}"), "Hello").await;
        }
        let inbox = tenant.api.get("/api/v1/conversations").await.expect(200);
        let path = |n: usize| format!("/api/v1/conversations/{}", inbox.rows()[n]["id"].as_str().unwrap());
        let me = tenant.api.get("/api/v1/auth/me").await.expect(200).text("/user/id");
        tenant.api.patch(&path(0), json!({"assigned_user_id": me})).await.expect(200);
        tenant.api.patch(&path(1), json!({"assigned_user_id": me, "status": "closed"})).await.expect(200);
        tenant.api.post(&format!("{}/read", path(2)), json!({})).await.expect(200);
        let counts = "/api/v1/conversations/counts";
        let mine = tenant.api.get(counts).await.expect(200);
        assert_eq!(mine.body, json!({
            "open": {"all": 3, "mine": 1, "unassigned": 2},
            "unread": {"all": 3, "mine": 2, "unassigned": 1},
        }));
        tenant.api.get_if_changed(counts, &mine).await.expect(304);
        let colleague = world.member(&tenant, "viewer").await;
        let theirs = colleague.get(counts).await.expect(200);
        assert_eq!(theirs.body["open"], json!({"all": 3, "mine": 0, "unassigned": 2}));
        assert_eq!(world.register().await.api.get(counts).await.expect(200).body["open"]["all"], 0);
    }
}
