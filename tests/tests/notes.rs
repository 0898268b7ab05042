//! What the team writes down about a conversation.

use serde_json::{Value, json};

use crate::harness::{Channel, Tenant, World, on_both};

const CUSTOMER: &str = "+14155550199";

/// The path of a conversation with a customer who has texted.
async fn conversation(world: &World, tenant: &Tenant) -> (Channel, String) {
    let channel = world.connect_channel(tenant).await;
    world.customer_texts(&channel, CUSTOMER, "Hello").await;
    let inbox = tenant.api.get("/api/v1/conversations").await.expect(200);
    let id = inbox.rows()[0]["id"].as_str().unwrap().to_owned();
    (channel, format!("/api/v1/conversations/{id}"))
}

on_both! {
    async fn a_note_is_changed_and_removed_by_who_wrote_it_or_an_admin(world: World) {
        let tenant = world.register().await;
        let (channel, conversation) = conversation(&world, &tenant).await;
        let notes = format!("{conversation}/notes");
        let (ann, bob) = (world.member(&tenant, "agent").await, world.member(&tenant, "agent").await);
        let admin = world.member(&tenant, "admin").await;

        let body = "Prefers mornings.\nAsks for Dr. Brown – not Dr. Green.";
        let note = ann.post(&notes, json!({"body": body})).await.expect(201);
        let path = format!("/api/v1/notes/{}", note.text("/id"));
        assert_eq!(note.header("location"), path);
        assert_eq!(note.text("/body"), body);
        assert_eq!(note.text("/author/name"), "agent");
        assert!(conversation.ends_with(&note.text("/conversation_id")));
        assert_eq!(bob.get(&path).await.expect(200).body, note.body);

        bob.patch(&path, json!({"body": "No"})).await.expect_problem(403, "forbidden");
        bob.delete(&path).await.expect_problem(403, "forbidden");
        let changed = ann.patch(&path, json!({"body": "Prefers evenings."})).await.expect(200);
        assert_eq!(changed.text("/body"), "Prefers evenings.");
        assert!(changed.text("/updated_at") > changed.text("/created_at"));
        let changed = admin.patch(&path, json!({"body": "Either will do."})).await.expect(200);
        assert_eq!(changed.body["author"], note.body["author"]);
        let list = bob.get(&notes).await.expect(200);
        assert_eq!(list.rows(), [changed.body]);

        ann.delete(&path).await.expect(204);
        ann.delete(&path).await.expect_problem(404, "not_found");
        assert_eq!(ann.get(&notes).await.expect(200).rows(), [] as [Value; 0]);
        // Nobody but the team has ever seen any of it.
        assert_eq!(world.twilio.sent(&channel.account_sid).await, [] as [Value; 0]);
    }

    async fn a_note_that_can_not_be_taken_is_refused_with_the_reason(world: World) {
        let tenant = world.register().await;
        let (_, conversation) = conversation(&world, &tenant).await;
        let notes = format!("{conversation}/notes");
        let longest = "é".repeat(5000);
        for (body, pointer) in [
            (json!({}), "/body"),
            (json!({"body": null}), "/body"),
            (json!({"body": 7}), "/body"),
            (json!({"body": ""}), "/body"),
            (json!({"body": " \n\t "}), "/body"),
            (json!({"body": "a\u{0}b"}), "/body"),
            (json!({"body": format!("{longest}é")}), "/body"),
        ] {
            let refused = tenant.api.post(&notes, body).await;
            assert_eq!(refused.expect_problem(422, "invalid").pointers(), [pointer]);
        }
        let note = tenant.api.post(&notes, json!({"body": longest})).await.expect(201);
        let path = format!("/api/v1/notes/{}", note.text("/id"));
        let refused = tenant.api.patch(&path, json!({"body": ""})).await;
        assert_eq!(refused.expect_problem(422, "invalid").pointers(), ["/body"]);
        for nowhere in ["conversations/0192f000-0000-7000-8000-000000000001/notes", "conversations/x/notes"] {
            let nowhere = format!("/api/v1/{nowhere}");
            tenant.api.post(&nowhere, json!({"body": "Hi"})).await.expect_problem(404, "not_found");
            tenant.api.get(&nowhere).await.expect_problem(404, "not_found");
        }
        assert_eq!(tenant.api.get(&notes).await.expect(200).rows().len(), 1);
    }

    async fn a_repeated_request_writes_one_note(world: World) {
        let tenant = world.register().await;
        let (_, conversation) = conversation(&world, &tenant).await;
        let notes = format!("{conversation}/notes");
        let post = async || {
            let request = tenant.api.request("POST", &notes).header("idempotency-key", "n1");
            tenant.api.send(request.json(&json!({"body": "Once"}))).await.expect(201)
        };
        let (first, second) = (post().await, post().await);
        assert_eq!(second.header("idempotent-replayed"), "true");
        assert_eq!(first.body, second.body);
        assert_eq!(tenant.api.get(&notes).await.expect(200).rows().len(), 1);
    }

    async fn notes_are_walked_page_by_page_and_asked_for_once(world: World) {
        let tenant = world.register().await;
        let (_, conversation) = conversation(&world, &tenant).await;
        let notes = format!("{conversation}/notes");
        for n in 0..5 {
            tenant.api.post(&notes, json!({"body": format!("{n}")})).await.expect(201);
        }
        let first = tenant.api.get(&format!("{notes}?limit=3")).await.expect(200);
        let cursor = first.text("/next_cursor");
        let second = tenant.api.get(&format!("{notes}?limit=3&cursor={cursor}")).await.expect(200);
        let bodies = first.rows().iter().chain(second.rows()).map(|row| row["body"].as_str().unwrap());
        assert_eq!(bodies.collect::<Vec<_>>(), ["4", "3", "2", "1", "0"]);
        assert_eq!(second.body["next_cursor"], Value::Null);

        tenant.api.get_if_changed(&notes, &tenant.api.get(&notes).await).await.expect(304);
        let before = tenant.api.get(&notes).await.expect(200);
        tenant.api.post(&notes, json!({"body": "More"})).await.expect(201);
        tenant.api.get_if_changed(&notes, &before).await.expect(200);
    }

    async fn notes_go_with_the_lead_and_stay_when_their_author_leaves(world: World) {
        let tenant = world.register().await;
        let (_, conversation) = conversation(&world, &tenant).await;
        let notes = format!("{conversation}/notes");
        let agent = world.member(&tenant, "agent").await;
        let note = agent.post(&notes, json!({"body": "Secret of Ann's"})).await.expect(201);
        let path = format!("/api/v1/notes/{}", note.text("/id"));
        tenant.api.delete(&format!("/api/v1/users/{}", note.text("/author/id"))).await.expect(204);
        let orphan = tenant.api.get(&path).await.expect(200);
        assert_eq!((orphan.text("/body").as_str(), &orphan.body["author"]), ("Secret of Ann's", &Value::Null));

        let lead = tenant.api.get(&conversation).await.expect(200).text("/lead/id");
        tenant.api.delete(&format!("/api/v1/leads/{lead}")).await.expect(204);
        tenant.api.get(&path).await.expect_problem(404, "not_found");
        tenant.api.get(&notes).await.expect_problem(404, "not_found");
    }
}
