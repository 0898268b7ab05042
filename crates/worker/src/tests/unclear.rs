//! Texts of which nobody knows for a while whether Twilio has them.

use std::collections::HashSet;

use conversations::sending;
use test_db::on_both_databases;
use twilio::client::NewMessage;

use super::*;

use AttemptOutcome::{Absent, Accepted};

fn sids(sent: &[Value]) -> HashSet<&str> {
    sent.iter()
        .map(|message| message["sid"].as_str().unwrap())
        .collect()
}

on_both_databases! {
    async fn a_text_that_twilio_took_without_an_answer_is_found_and_not_sent_again(db: TestDb) {
        let bench = Bench::new(db).await;
        bench.fault("drop_after_accept", 1, json!({})).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        let message = bench.until(id, MessageStatus::Sent).await;
        let sent = bench.at_twilio().await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0]["sid"].as_str(), message.external_id.as_deref());
        assert_eq!(bench.outcomes(id).await, [Accepted]);
        assert_eq!(bench.queued().await, []);
        worker.end().await;
    }

    async fn a_text_lost_in_an_error_of_twilio_is_sent_once(db: TestDb) {
        let bench = Bench::new(db).await;
        bench.fault("server_error", 1, json!({})).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        bench.until(id, MessageStatus::Sent).await;
        assert_eq!(bench.at_twilio().await.len(), 1);
        assert_eq!(bench.outcomes(id).await, [Absent, Accepted]);
        worker.end().await;
    }

    async fn what_a_dead_worker_had_begun_is_looked_up_first(db: TestDb) {
        let bench = Bench::new(db).await;
        let id = bench.submit(THEIRS, "Hello").await;
        let tx = bench.db.write_tx().await.unwrap();
        let mut outbox = Outbox::new();
        let (clock, policy) = (&bench.clock, &bench.policy);
        let turn = clock.now();
        sending::begin(&tx, clock, &mut outbox, policy, bench.tenant, id, turn).await.unwrap();
        outbox.commit(tx, clock.now(), &bench.bell).await.unwrap();
        // It died after Twilio had taken the text and before it could say so.
        let text = NewMessage {
            to: THEIRS.to_owned(),
            from: Some(OURS.to_owned()),
            body: Some("Hello".to_owned()),
            ..NewMessage::default()
        };
        let credentials = twilio::Credentials::token(ACCOUNT, TOKEN.into());
        let taken = bench.client().create_message(&credentials, &text).await.unwrap();

        let worker = bench.start();
        let message = bench.until(id, MessageStatus::Sent).await;
        assert_eq!(message.external_id, Some(taken.sid));
        assert_eq!(bench.at_twilio().await.len(), 1);
        worker.end().await;
    }

    async fn texts_with_the_same_words_are_told_apart(db: TestDb) {
        let bench = Bench::new(db).await;
        bench.fault("drop_after_accept", 3, json!({})).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(bench.submit(THEIRS, "Hello").await);
        }
        let worker = bench.start();
        let mut found = HashSet::new();
        for id in &ids {
            found.insert(bench.until(*id, MessageStatus::Sent).await.external_id.unwrap());
            assert_eq!(bench.outcomes(*id).await, [Accepted]);
        }
        let sent = bench.at_twilio().await;
        assert_eq!(sent.len(), 3);
        assert_eq!(found.iter().map(String::as_str).collect::<HashSet<_>>(), sids(&sent));
        worker.end().await;
    }

    async fn an_earlier_text_with_the_same_words_proves_nothing(db: TestDb) {
        let bench = Bench::new(db).await;
        let worker = bench.start();
        let first = bench.submit(THEIRS, "Hello").await;
        bench.until(first, MessageStatus::Sent).await;
        bench.fault("drop_before_accept", 1, json!({})).await;
        let second = bench.submit(THEIRS, "Hello").await;
        bench.until(second, MessageStatus::Sent).await;
        assert_eq!(bench.at_twilio().await.len(), 2);
        assert_eq!(bench.outcomes(second).await, [Absent, Accepted]);
        worker.end().await;
    }

    async fn a_text_that_nobody_can_look_up_any_more_fails_and_says_that_it_may_have_arrived(db: TestDb) {
        let mut bench = Bench::new(db).await;
        bench.fault("drop_after_accept", 1, json!({})).await;
        bench.fault("unavailable", 1000, json!({ "on": "list" })).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        while bench.outcomes(id).await != [AttemptOutcome::Unknown] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        worker.end().await;
        // Its keys are lost while nobody works.
        bench.keys = Arc::new(KeyRing::new(vec![MasterKey::generate()]).unwrap());
        let worker = bench.start();
        let words = bench.until(id, MessageStatus::Failed).await.error_message.unwrap();
        assert!(words.contains("may have been sent"), "{words}");
        assert_eq!(bench.queued().await, []);
        worker.end().await;
    }

    async fn a_text_is_looked_up_for_a_day_and_no_longer(db: TestDb) {
        let bench = Bench::new(db).await;
        bench.fault("drop_after_accept", 1, json!({})).await;
        bench.fault("unavailable", 1000, json!({ "on": "list" })).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        while bench.outcomes(id).await != [AttemptOutcome::Unknown] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let attempt = bench.attempts(id).await.remove(0);
        let begun = attempt.created_at - chrono::TimeDelta::hours(25);
        let mut row = attempt.into_active_model();
        row.created_at = sea_orm::ActiveValue::Set(begun);
        row.update(bench.db.writer()).await.unwrap();
        let words = bench.until(id, MessageStatus::Failed).await.error_message.unwrap();
        assert!(words.contains("may have been sent"), "{words}");
        assert_eq!(bench.at_twilio().await.len(), 1);
        worker.end().await;
    }

    async fn a_list_that_cannot_be_had_proves_nothing(db: TestDb) {
        let bench = Bench::new(db).await;
        bench.fault("drop_after_accept", 1, json!({})).await;
        bench.fault("unavailable", 3, json!({ "on": "list" })).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        bench.until(id, MessageStatus::Sent).await;
        assert_eq!(bench.at_twilio().await.len(), 1);
        assert_eq!(bench.outcomes(id).await, [Accepted]);
        worker.end().await;
    }
}

/// Sixty others between the text and its look-up: Twilio's list has fifty on a page.
#[tokio::test]
async fn a_text_is_found_on_a_later_page() {
    let mut bench = Bench::new(TestDb::sqlite().await).await;
    bench.policy.settle_after = Duration::from_secs(3);
    bench.fault("drop_after_accept", 1, json!({})).await;
    let worker = bench.start();
    let id = bench.submit(THEIRS, "Hello").await;
    while bench.at_twilio().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (client, credentials) = (
        bench.client(),
        twilio::Credentials::token(ACCOUNT, TOKEN.into()),
    );
    for number in 0..60 {
        let other = NewMessage {
            to: THEIRS.to_owned(),
            from: Some(OURS.to_owned()),
            body: Some(format!("Another {number}")),
            ..NewMessage::default()
        };
        client.create_message(&credentials, &other).await.unwrap();
    }
    bench.until(id, MessageStatus::Sent).await;
    assert_eq!(bench.outcomes(id).await, [Accepted]);
    worker.end().await;
}

/// Somebody else holds SQLite's write lock for longer than anybody waits for it.
#[tokio::test]
async fn an_answer_is_not_lost_because_the_database_is_away() {
    let scratch = TestDb::sqlite().await;
    let other = Db::connect(&db::Options::new(scratch.url())).await.unwrap();
    let bench = Bench::new(scratch).await;
    bench
        .fault("latency", 1, json!({ "latency_ms": 1500 }))
        .await;
    let worker = bench.start();
    let id = bench.submit(THEIRS, "Hello").await;
    bench.until(id, MessageStatus::Sending).await;
    let lock = other.write_tx().await.unwrap();
    while bench.at_twilio().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(bench.message(id).await.status, MessageStatus::Sending);
    lock.rollback().await.unwrap();
    let message = bench.until(id, MessageStatus::Sent).await;
    let sent = bench.at_twilio().await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["sid"].as_str(), message.external_id.as_deref());
    worker.end().await;
}
