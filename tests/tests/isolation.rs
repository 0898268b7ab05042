//! Two tenants against every operation that the OpenAPI document names, so that a new route can't
//! be forgotten: one that this file doesn't know how to call fails it.

mod example;

use std::collections::BTreeMap;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{Client, Reply, Tenant, World, on_both, poll_until};

const CUSTOMER: &str = "+14155550199";

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One operation of the document.
struct Operation {
    method: String,
    path: String,
    /// Whether one need not be logged in.
    is_open: bool,
    /// A body that it takes; null if it takes none.
    body: Value,
}

impl Operation {
    fn all(document: &Value) -> Vec<Self> {
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if METHODS.contains(&method.as_str()) {
                    all.push(Self::new(document, path, method, operation));
                }
            }
        }
        all
    }

    fn new(document: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let schema = operation.pointer("/requestBody/content/application~1json/schema");
        Self {
            method: method.to_uppercase(),
            path: Self::pattern(path),
            is_open: operation["security"] == json!([]) || operation["security"] == json!([{}]),
            body: schema.map_or(Value::Null, |schema| example::of(document, schema)),
        }
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with everything in it that it names, but for a thing's id: a customer's number
    /// names nobody's thing.
    fn pattern(path: &str) -> String {
        path.replace("{phoneNumber}", CUSTOMER)
    }

    /// What the path names: `channels` for `/api/v1/channels/{id}/test`.
    fn resource(&self) -> &str {
        if self.path.starts_with("/api/v1/leads/imports/") {
            return "leads/imports";
        }
        self.path.split('/').nth(3).unwrap_or_default()
    }

    fn names_something(&self) -> bool {
        self.path.contains('{')
    }

    /// The path with a thing's id in it.
    fn path_of(&self, ids: &BTreeMap<&str, String>) -> String {
        if !self.names_something() {
            return self.path.clone();
        }
        let id = ids
            .get(self.resource())
            .unwrap_or_else(|| panic!("{}: teach `things` to make one of these", self.name()));
        let start = self.path.find('{').unwrap();
        let end = self.path.find('}').unwrap();
        format!("{}{id}{}", &self.path[..start], &self.path[end + 1..])
    }

    async fn call(&self, client: &Client, path: &str) -> Reply {
        let request = client.request(&self.method, path);
        let request = if self.body.is_null() {
            request
        } else {
            request.json(&self.body)
        };
        client.send(request).await
    }

    /// Whether everybody may do it, for it concerns nobody but themselves.
    fn is_ones_own(&self) -> bool {
        self.resource() == "auth"
    }

    /// Whether the answer has an end: that of events has none, and tests of its own (`events.rs`).
    fn ends(&self) -> bool {
        self.resource() != "events"
    }
}

/// One of everything that has an id, by the name of its resource.
async fn things(world: &World, tenant: &Tenant) -> BTreeMap<&'static str, String> {
    let channel = world.connect_channel(tenant).await;
    world.customer_texts(&channel, CUSTOMER, "Hello").await;
    let first = async |path: &str| {
        let list = tenant.api.get(path).await.expect(200);
        list.rows()[0]["id"].as_str().unwrap().to_owned()
    };
    let body = json!({"email": format!("bob-{}@example.com", tenant.id), "role": "agent"});
    let user = tenant
        .api
        .post("/api/v1/users", body)
        .await
        .expect(201)
        .text("/id");
    let key = tenant
        .api
        .post("/api/v1/api-keys", json!({"name": "till"}))
        .await
        .expect(201);
    let file = Part::text("Opening hours").file_name("hours.txt");
    let upload = tenant.api.request("POST", "/api/v1/media");
    let upload = upload.multipart(Form::new().part("file", file));
    let media = tenant.api.send(upload).await.expect(201).text("/id");
    let people = Form::new().part("file", Part::text("phone\n+14155550123\n12\n"));
    let import = tenant.api.request("POST", "/api/v1/leads/imports");
    let import = tenant.api.send(import.multipart(people)).await.expect(202);
    let import = import.text("/id");
    poll_until("the import's end", async || {
        let path = format!("/api/v1/leads/imports/{import}");
        let row = tenant.api.get(&path).await.expect(200);
        (row.text("/status") == "done").then_some(())
    })
    .await;
    let conversation = first("/api/v1/conversations").await;
    let notes = format!("/api/v1/conversations/{conversation}/notes");
    let note = tenant.api.post(&notes, json!({"body": "VIP"})).await;
    let label = tenant.api.post("/api/v1/labels", json!({"name": "VIP"}));
    let label = label.await.expect(201).text("/id");
    let labelled = format!("/api/v1/conversations/{conversation}");
    let labelled = tenant
        .api
        .patch(&labelled, json!({"labels": ["VIP"]}))
        .await;
    assert_eq!(labelled.expect(200).body["labels"], json!(["VIP"]));
    BTreeMap::from([
        ("notes", note.expect(201).text("/id")),
        ("labels", label),
        ("leads/imports", import),
        ("media", media),
        ("channels", channel.id),
        ("leads", first("/api/v1/leads").await),
        ("conversations", conversation),
        ("messages", first("/api/v1/messages").await),
        ("users", user),
        ("api-keys", key.text("/id")),
    ])
}

async fn document(world: &World) -> Vec<Operation> {
    let document = world
        .anybody
        .get("/api/v1/openapi.json")
        .await
        .expect(200)
        .body;
    let operations = Operation::all(&document);
    assert!(
        operations.len() > 30,
        "that is not all of it: {}",
        operations.len()
    );
    operations
}

on_both! {
    async fn without_a_login_there_is_nothing(world: World) {
        let tenant = world.register().await;
        let ids = things(&world, &tenant).await;
        let strangers = [
            world.anybody.clone(),
            world.anybody.with_token("tlk_not_a_key"),
            world.anybody.with_token(&format!("{}x", tenant.api.token())),
        ];
        for operation in document(&world).await.iter().filter(|it| !it.is_open) {
            for stranger in &strangers {
                let reply = operation.call(stranger, &operation.path_of(&ids)).await;
                assert_eq!(reply.status, 401, "{}: {}", operation.name(), reply.raw);
                let reply = reply.expect_problem(401, "unauthenticated");
                assert_eq!(reply.header("www-authenticate"), "Bearer");
            }
        }
    }

    async fn open_operations_are_known(world: World) {
        let mut open: Vec<_> =
            document(&world).await.iter().filter(|it| it.is_open).map(Operation::name).collect();
        open.sort();
        assert_eq!(open, ["POST /api/v1/auth/login", "POST /api/v1/auth/refresh", "POST /api/v1/auth/register"]);
    }

    async fn another_tenants_things_are_not_there(world: World) {
        let (ann, eve) = (world.register().await, world.register().await);
        let ids = things(&world, &ann).await;
        let before = snapshot(&ann, &ids).await;
        for operation in document(&world).await.iter().filter(|it| it.ends() && !it.is_ones_own()) {
            let reply = operation.call(&eve.api, &operation.path_of(&ids)).await;
            if operation.names_something() {
                assert_eq!(reply.status, 404, "{}: {}", operation.name(), reply.raw);
                reply.expect_problem(404, "not_found");
            } else if operation.method == "GET" {
                assert_eq!(reply.status, 200, "{}: {}", operation.name(), reply.raw);
                for (thing, id) in &ids {
                    assert!(!reply.raw.contains(id), "{} shows one of the {thing}", operation.name());
                }
            }
        }
        assert_eq!(snapshot(&ann, &ids).await, before);
    }

    async fn another_tenants_ids_are_not_taken_in_a_body_or_query(world: World) {
        let (ann, eve) = (world.register().await, world.register().await);
        let ids = things(&world, &ann).await;
        let own = things(&world, &eve).await;

        let by_their_channel =
            json!({"to": "+14155550123", "body": "Hi", "channel_id": ids["channels"]});
        eve.api.post("/api/v1/messages", by_their_channel).await.expect(422);
        let to_their_user = json!({"assigned_user_id": ids["users"]});
        let conversation = format!("/api/v1/conversations/{}", own["conversations"]);
        let reply = eve.api.patch(&conversation, to_their_user).await;
        assert!(matches!(reply.status, 404 | 422), "{}", reply.raw);
        for query in [
            format!("messages?conversation_id={}", ids["conversations"]),
            format!("messages?lead_id={}", ids["leads"]),
            format!("messages?channel_id={}", ids["channels"]),
            format!("conversations?channel_id={}", ids["channels"]),
            format!("activity?conversation_id={}", ids["conversations"]),
            format!("activity?lead_id={}", ids["leads"]),
        ] {
            let list = eve.api.get(&format!("/api/v1/{query}")).await.expect(200);
            assert_eq!(list.rows(), [] as [Value; 0], "{query}");
        }
        // Labels of the same name are two labels.
        let vips = eve.api.get("/api/v1/conversations?label=vip").await.expect(200);
        assert_eq!(vips.rows().len(), 1);
        assert_eq!(vips.rows()[0]["id"], own["conversations"].as_str());
        let cursor = ann.api.get("/api/v1/users?limit=1").await.expect(200).text("/next_cursor");
        let foreign = eve.api.get(&format!("/api/v1/users?cursor={cursor}")).await;
        assert_eq!(foreign.expect_problem(422, "invalid").pointers(), ["cursor"]);
    }

    async fn a_viewer_reads_and_writes_nothing(world: World) {
        let tenant = world.register().await;
        let ids = things(&world, &tenant).await;
        let viewer = world.member(&tenant, "viewer").await;
        let before = snapshot(&tenant, &ids).await;
        for operation in document(&world).await.iter().filter(|it| it.ends() && !it.is_ones_own()) {
            let reply = operation.call(&viewer, &operation.path_of(&ids)).await;
            match operation.method.as_str() {
                // API keys are the owner's matter.
                "GET" if operation.resource() != "api-keys" => {
                    assert_eq!(reply.status, 200, "{}: {}", operation.name(), reply.raw);
                }
                _ => assert_eq!(reply.status, 403, "{}: {}", operation.name(), reply.raw),
            }
        }
        assert_eq!(snapshot(&tenant, &ids).await, before);
    }

    async fn what_is_described_answers_under_both_prefixes(world: World) {
        let tenant = world.register().await;
        let ids = things(&world, &tenant).await;
        for operation in document(&world).await.iter().filter(|it| it.ends() && it.method == "GET") {
            let path = operation.path_of(&ids);
            let one = tenant.api.get(&path).await.expect(200);
            let other = tenant.api.get(&path.replacen("/api/v1", "/api", 1)).await.expect(200);
            assert_eq!(one.body, other.body, "{path}");
        }
    }
}

/// All that a tenant has, as it is now.
async fn snapshot(tenant: &Tenant, ids: &BTreeMap<&'static str, String>) -> Value {
    let mut all = serde_json::Map::new();
    for resource in ids.keys() {
        let path = match *resource {
            // There is no list of files but in their messages.
            "media" => "/api/v1/media/usage".to_owned(),
            // Nor of notes but in their conversations, where everything else is told too.
            "notes" => format!("/api/v1/conversations/{}/timeline", ids["conversations"]),
            _ => format!("/api/v1/{resource}"),
        };
        let list = tenant.api.get(&path).await.expect(200);
        all.insert((*resource).to_owned(), list.body);
    }
    let activity = tenant.api.get("/api/v1/activity").await.expect(200);
    all.insert("activity".to_owned(), activity.body);
    all.insert(
        "tenant".to_owned(),
        tenant.api.get("/api/v1/tenant").await.expect(200).body,
    );
    all.into()
}
