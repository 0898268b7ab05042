//! What conversations are marked with.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Client, Tenant, World, on_both};

const LABELS: &str = "/api/v1/labels";

/// Paths of conversations with as many customers.
async fn conversations(world: &World, tenant: &Tenant, count: usize) -> Vec<String> {
    let channel = world.connect_channel(tenant).await;
    for n in 0..count {
        world
            .customer_texts(&channel, &format!("+1415555020{n}"), "Hello")
            .await;
    }
    let inbox = tenant.api.get("/api/v1/conversations").await.expect(200);
    let path = |row: &Value| format!("/api/v1/conversations/{}", row["id"].as_str().unwrap());
    inbox.rows().iter().map(path).collect()
}

async fn put_on(api: &Client, conversation: &str, labels: Value) -> Value {
    let changed = api.patch(conversation, json!({ "labels": labels })).await;
    changed.expect(200).body["labels"].clone()
}

/// Names and counts of all labels.
async fn all(api: &Client) -> Vec<(String, i64)> {
    let list = api.get(LABELS).await.expect(200);
    let label = |row: &Value| {
        let name = row["name"].as_str().unwrap().to_owned();
        (name, row["conversations"].as_i64().unwrap())
    };
    list.rows().iter().map(label).collect()
}

async fn count(api: &Client, label: &str) -> usize {
    let request = api.request("GET", "/api/v1/conversations");
    let list = api
        .send(request.query(&[("label", label)]))
        .await
        .expect(200);
    list.rows().len()
}

on_both! {
    async fn a_label_is_made_shown_changed_and_removed(world: World) {
        let tenant = world.register().await;
        let made = tenant.api.post(LABELS, json!({"name": "  Big   Deal ", "color": "teal"})).await.expect(201);
        let path = format!("{LABELS}/{}", made.text("/id"));
        assert_eq!(made.header("location"), path);
        let body = json!({"id": made.body["id"], "name": "Big Deal", "color": "teal", "conversations": 0});
        assert_eq!(made.body, body);
        assert_eq!(tenant.api.get(&path).await.expect(200).body, body);
        let plain = tenant.api.post(LABELS, json!({"name": "apple"})).await.expect(201);
        assert_eq!(plain.text("/color"), "gray");

        let changed = tenant.api.patch(&path, json!({"color": "red"})).await.expect(200);
        assert_eq!((changed.text("/name").as_str(), changed.text("/color").as_str()), ("Big Deal", "red"));
        let changed = tenant.api.patch(&path, json!({"name": "BIG DEAL"})).await.expect(200);
        assert_eq!(changed.text("/name"), "BIG DEAL");
        let both = [("apple".to_owned(), 0), ("BIG DEAL".to_owned(), 0)];
        assert_eq!(all(&tenant.api).await, both);

        tenant.api.delete(&path).await.expect(204);
        tenant.api.get(&path).await.expect_problem(404, "not_found");
        assert_eq!(all(&tenant.api).await, both[..1]);
    }

    async fn no_two_labels_are_alike_however_they_are_written(world: World) {
        let tenant = world.register().await;
        let label = tenant.api.post(LABELS, json!({"name": "Straße"})).await.expect(201);
        let other = tenant.api.post(LABELS, json!({"name": "Été"})).await.expect(201);
        for name in ["straße", "STRASSE", " Strasse ", "ÉTÉ", "e\u{301}te\u{301}"] {
            let again = tenant.api.post(LABELS, json!({ "name": name })).await;
            again.expect_problem(409, "label_exists");
        }
        let path = format!("{LABELS}/{}", other.text("/id"));
        tenant.api.patch(&path, json!({"name": "STRASSE"})).await.expect_problem(409, "label_exists");
        assert_eq!(all(&tenant.api).await.len(), 2);
        // Another tenant's are another matter.
        let neighbour = world.register().await;
        neighbour.api.post(LABELS, json!({"name": label.body["name"]})).await.expect(201);
    }

    async fn what_is_no_label_is_refused_with_the_reason(world: World) {
        let tenant = world.register().await;
        let conversation = conversations(&world, &tenant, 1).await.remove(0);
        for (body, pointer) in [
            (json!({}), "/name"),
            (json!({"name": " "}), "/name"),
            (json!({"name": "a\nb"}), "/name"),
            (json!({"name": "x".repeat(101)}), "/name"),
            (json!({"name": "x", "color": "puce"}), "/color"),
        ] {
            let refused = tenant.api.post(LABELS, body).await.expect_problem(422, "invalid");
            assert_eq!(refused.pointers(), [pointer]);
        }
        let many: Vec<_> = (0..51).map(|n| format!("label {n}")).collect();
        for (labels, pointer) in [(json!(["fine", " "]), "/labels/1"), (json!(many), "/labels"), (json!("vip"), "/labels")] {
            let refused = tenant.api.patch(&conversation, json!({ "labels": labels })).await;
            assert_eq!(refused.expect_problem(422, "invalid").pointers(), [pointer]);
        }
        assert_eq!(all(&tenant.api).await, []);
    }

    async fn labels_put_on_a_conversation_are_made_and_found(world: World) {
        let tenant = world.register().await;
        let paths = conversations(&world, &tenant, 3).await;
        tenant.api.post(LABELS, json!({"name": "VIP"})).await.expect(201);

        let names = put_on(&tenant.api, &paths[0], json!(["vip", "Überfällig", "Vip"])).await;
        assert_eq!(names, json!(["VIP", "Überfällig"]));
        put_on(&tenant.api, &paths[1], json!(["überfällig"])).await;
        assert_eq!(all(&tenant.api).await, [("VIP".to_owned(), 1), ("Überfällig".to_owned(), 2)]);
        for (label, found) in [("vip", 1), ("ÜBERFÄLLIG", 2), ("rude", 0)] {
            assert_eq!(count(&tenant.api, label).await, found, "{label}");
        }
        let list = tenant.api.get("/api/v1/conversations").await.expect(200);
        let shown: Vec<_> = list.rows().iter().map(|row| row["labels"].clone()).collect();
        assert_eq!(shown, [json!(["VIP", "Überfällig"]), json!(["Überfällig"]), json!([])]);

        assert_eq!(put_on(&tenant.api, &paths[0], json!(["VIP"])).await, json!(["VIP"]));
        assert_eq!(put_on(&tenant.api, &paths[1], json!([])).await, json!([]));
        assert_eq!(all(&tenant.api).await, [("VIP".to_owned(), 1), ("Überfällig".to_owned(), 0)]);
    }

    async fn a_renamed_label_is_renamed_everywhere_and_a_removed_one_gone(world: World) {
        let tenant = world.register().await;
        let paths = conversations(&world, &tenant, 2).await;
        for path in &paths {
            put_on(&tenant.api, path, json!(["new", "kept"])).await;
        }
        let list = tenant.api.get(LABELS).await.expect(200);
        let label = format!("{LABELS}/{}", list.rows()[1]["id"].as_str().unwrap());
        let before = tenant.api.get(&paths[0]).await.expect(200);

        let renamed = tenant.api.patch(&label, json!({"name": "Old"})).await.expect(200);
        assert_eq!(renamed.body["conversations"], 2);
        let after = tenant.api.get_if_changed(&paths[0], &before).await.expect(200);
        assert_eq!(after.body["labels"], json!(["kept", "Old"]));
        assert_eq!((count(&tenant.api, "old").await, count(&tenant.api, "new").await), (2, 0));

        tenant.api.delete(&label).await.expect(204);
        assert_eq!(tenant.api.get(&paths[1]).await.expect(200).body["labels"], json!(["kept"]));
        assert_eq!(count(&tenant.api, "old").await, 0);
    }

    async fn agents_who_make_the_same_labels_at_once_make_them_once(world: World) {
        let tenant = world.register().await;
        let paths = conversations(&world, &tenant, 6).await;
        for round in 0..3 {
            let (one, other) = (format!("One {round}"), format!("Other {round}"));
            let forth = json!([one, other]);
            let back = json!([other.to_uppercase(), one.to_lowercase()]);
            let each = paths.iter().zip([&forth, &back].into_iter().cycle());
            let set = each.map(|(path, labels)| put_on(&tenant.api, path, labels.clone()));
            for labels in join_all(set).await {
                assert_eq!(labels.as_array().unwrap().len(), 2, "{labels}");
            }
        }
        let labels = all(&tenant.api).await;
        assert_eq!(labels.len(), 6, "{labels:?}");
        assert_eq!(labels.iter().map(|(_, count)| count).sum::<i64>(), 12);
    }
}
