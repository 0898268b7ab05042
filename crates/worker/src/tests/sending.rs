//! Texts that Twilio takes, refuses or asks to wait for.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use queue::{Handler, Turn, Want};
use simulator::MessagingService;
use test_db::on_both_databases;

use super::*;
use crate::jobs::SendMessage;

on_both_databases! {
    async fn a_text_is_sent_and_its_sid_recorded(db: TestDb) {
        let bench = Bench::new(db).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Your table is ready.").await;
        let message = bench.until(id, MessageStatus::Sent).await;
        let sent = bench.at_twilio().await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0]["sid"].as_str(), message.external_id.as_deref());
        assert_eq!(sent[0]["from"], OURS);
        assert_eq!(sent[0]["to"], THEIRS);
        assert_eq!(sent[0]["body"], "Your table is ready.");
        let callback =
            channels::status_callback(PUBLIC_URL, bench.channel.id, id, 1);
        assert_eq!(sent[0]["status_callback"], callback);
        assert!(message.sent_at.is_some());
        assert_eq!(bench.outcomes(id).await, [AttemptOutcome::Accepted]);
        assert_eq!(bench.queued().await, []);
        while !bench.alive.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        worker.end().await;
        assert!(!bench.alive.load(Ordering::Relaxed));
    }

    async fn a_text_by_a_service_names_the_number_too(db: TestDb) {
        let pool = MessagingService {
            sid: "MG00000000000000000000000000000001".to_owned(),
            numbers: vec![OURS.to_owned()],
            ..MessagingService::default()
        };
        let account = AccountSeed { messaging_services: vec![pool], ..account() };
        let bench = Bench::with(db, account, OURS).await;
        bench.fault("drop_after_accept", 1, json!({})).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        let message = bench.until(id, MessageStatus::Sent).await;
        let sent = bench.at_twilio().await;
        assert_eq!(sent.len(), 1, "found without an answer, as any other");
        assert_eq!(sent[0]["sid"].as_str(), message.external_id.as_deref());
        assert_eq!(sent[0]["messaging_service_sid"], "MG00000000000000000000000000000001");
        assert_eq!(sent[0]["from"], OURS);
        worker.end().await;
    }

    async fn a_refused_text_fails_with_twilios_code(db: TestDb) {
        // Twilio's test credentials refuse this number.
        let account = AccountSeed { test: true, ..account() };
        let bench = Bench::with(db, account, "+15005550006").await;
        let worker = bench.start();
        let id = bench.submit("+15005550001", "Hello").await;
        let message = bench.until(id, MessageStatus::Failed).await;
        assert_eq!(message.error_code, Some(21211));
        assert!(message.error_message.unwrap().contains("not a valid phone number"));
        assert_eq!(bench.outcomes(id).await, [AttemptOutcome::Refused]);
        assert_eq!(bench.queued().await, []);
        worker.end().await;
    }

    async fn a_text_that_came_too_fast_waits_and_counts_as_no_attempt(db: TestDb) {
        let bench = Bench::new(db).await;
        bench.fault("rate_limited", 2, json!({ "retry_after": 1 })).await;
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        let message = bench.until(id, MessageStatus::Sent).await;
        let waited = message.sent_at.unwrap() - message.created_at;
        assert!(waited.num_milliseconds() >= 2000, "{waited}");
        assert_eq!((message.attempts, message.retries), (1, 0));
        assert_eq!(bench.outcomes(id).await, [AttemptOutcome::Accepted]);
        assert_eq!(bench.at_twilio().await.len(), 1);
        worker.end().await;
    }

    async fn a_text_of_a_channel_that_cannot_be_opened_fails_and_says_why(db: TestDb) {
        let mut bench = Bench::new(db).await;
        bench.keys = Arc::new(KeyRing::new(vec![MasterKey::generate()]).unwrap());
        let worker = bench.start();
        let id = bench.submit(THEIRS, "Hello").await;
        let message = bench.until(id, MessageStatus::Failed).await;
        assert_eq!(message.error_code, None);
        let words = message.error_message.unwrap();
        assert!(words.contains("Enter its auth token again"), "{words}");
        assert_eq!(bench.at_twilio().await.len(), 0);
        worker.end().await;
    }

    async fn who_has_lost_the_claim_does_not_send(db: TestDb) {
        let bench = Bench::new(db).await;
        let id = bench.submit(THEIRS, "Hello").await;
        let now_ms = bench.clock.now_ms();
        let lease_ms = 1000;
        let tx = bench.db.write_tx().await.unwrap();
        let want = Want {
            worker: bench.clock.uuid(),
            lease: bench.clock.uuid(),
            lease_ms,
            lanes: 1,
            most: 1,
            for_replies: 0,
            of_group: 1,
            in_hand: HashMap::new(),
        };
        let claims = queue::claim(&tx, &want, now_ms).await.unwrap();
        queue::release_expired(&tx, now_ms + lease_ms + 1, lease_ms).await.unwrap();
        tx.commit().await.unwrap();
        SendMessage::from(bench.worker()).handle(Turn::now(claims[0].clone())).await;
        assert_eq!(bench.at_twilio().await.len(), 0);
        // The rightful holder finds the attempt and sends once it is sure that nothing was sent.
        let worker = bench.start();
        bench.until(id, MessageStatus::Sent).await;
        assert_eq!(bench.at_twilio().await.len(), 1);
        worker.end().await;
    }
}
