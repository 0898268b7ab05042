//! What Twilio tells of a text on its way.

use entity::{message_attempt, message_event};
use test_db::on_both_databases;

use super::*;

/// Every order of three callbacks.
const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

on_both_databases! {
    async fn in_whatever_order_and_twice_a_delivered_text_ends_delivered(db: TestDb) {
        let world = World::new(&db).await;
        for (round, order) in ORDERS.iter().enumerate() {
            let sid = format!("SM{round}");
            let outgoing = world.sent(&sid).await;
            for index in order.iter().chain(order) {
                let status = ["queued", "sent", "delivered"][*index];
                world.status(&sid, status, Some(&outgoing), "").await;
            }
            let message = world.message(outgoing.message.id).await;
            assert_eq!(message.status, MessageStatus::Delivered, "{order:?}");
            assert!(message.delivered_at.is_some());
        }
        assert_eq!(world.count::<message_event::Entity>().await, ORDERS.len() * 6);
    }

    async fn a_callback_before_the_answer_finds_the_text_by_our_id(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        world.status("SM1", "delivered", Some(&outgoing), "").await;
        world.answer(&outgoing, accepted("SM1")).await;
        let message = world.message(id).await;
        assert_eq!(message.status, MessageStatus::Delivered);
        assert_eq!(message.external_id.as_deref(), Some("SM1"));
    }

    async fn a_callback_settles_a_lost_answer(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        world.answer(&outgoing, Answer::Unknown).await;
        world.status("SM1", "sent", Some(&outgoing), "").await;
        assert_eq!(world.message(id).await.status, MessageStatus::Sent);
        world.clock.advance(TimeDelta::minutes(2));
        assert!(matches!(world.begin(id).await, Begin::Drop));
    }

    async fn a_callback_without_our_id_is_found_by_its_sid(db: TestDb) {
        let world = World::new(&db).await;
        let outgoing = world.sent("SM1").await;
        let tracked = world.status("SM1", "delivered", None, "").await;
        assert_eq!(tracked, Tracked::Message(outgoing.message.id));
    }

    async fn an_id_in_the_url_is_not_believed_over_the_signed_sid(db: TestDb) {
        let world = World::new(&db).await;
        let (first, second) = (world.sent("SM1").await, world.sent("SM2").await);
        world.status("SM2", "delivered", Some(&first), "").await;
        assert_eq!(world.message(first.message.id).await.status, MessageStatus::Sent);
        assert_eq!(world.message(second.message.id).await.status, MessageStatus::Delivered);
    }

    async fn what_is_none_of_ours_is_kept(db: TestDb) {
        let world = World::new(&db).await;
        assert_eq!(world.status("SM404", "delivered", None, "").await, Tracked::Foreign);
        assert_eq!(world.count::<message_event::Entity>().await, 1);
    }

    async fn an_unknown_status_is_kept_and_moves_nothing(db: TestDb) {
        let world = World::new(&db).await;
        let outgoing = world.sent("SM1").await;
        world.status("SM1", "teleported", Some(&outgoing), "").await;
        assert_eq!(world.message(outgoing.message.id).await.status, MessageStatus::Sent);
        assert_eq!(world.count::<message_event::Entity>().await, 1);
    }

    async fn a_permanent_failure_is_final_and_names_its_code(db: TestDb) {
        let world = World::new(&db).await;
        let outgoing = world.sent("SM1").await;
        world.status("SM1", "undelivered", Some(&outgoing), "30007").await;
        let message = world.message(outgoing.message.id).await;
        assert_eq!((message.status, message.error_code), (MessageStatus::Undelivered, Some(30007)));
        assert!(!world.is_queued_again().await);
    }

    async fn a_failure_that_may_pass_gets_another_attempt(db: TestDb) {
        let world = World::new(&db).await;
        let outgoing = world.sent("SM1").await;
        world.status("SM1", "failed", Some(&outgoing), "30001").await;
        let message = world.message(outgoing.message.id).await;
        assert_eq!(message.status, MessageStatus::Queued);
        assert!(message.next_attempt_at.unwrap() >= world.clock.now() + TimeDelta::minutes(1));
        assert!(world.is_queued_again().await);
        assert!(matches!(world.begin(message.id).await, Begin::Later(_)));
        world.clock.advance(TimeDelta::minutes(2));
        assert_eq!(world.leaves(message.id).await.attempt.number, 2);
    }

    async fn a_late_delivery_cancels_the_attempt_that_waits(db: TestDb) {
        let world = World::new(&db).await;
        let outgoing = world.sent("SM1").await;
        world.status("SM1", "failed", Some(&outgoing), "30001").await;
        world.status("SM1", "delivered", Some(&outgoing), "").await;
        let message = world.message(outgoing.message.id).await;
        assert_eq!(message.status, MessageStatus::Delivered);
        assert_eq!(message.error_code, None);
        assert!(matches!(world.begin(message.id).await, Begin::Drop));
    }

    async fn a_new_attempt_is_not_moved_by_news_of_the_one_before(db: TestDb) {
        let world = World::new(&db).await;
        let first = world.sent("SM1").await;
        world.status("SM1", "failed", Some(&first), "30001").await;
        world.clock.advance(TimeDelta::minutes(2));
        let second = world.leaves(first.message.id).await;
        world.answer(&second, accepted("SM2")).await;
        world.status("SM1", "failed", Some(&first), "30007").await;
        assert_eq!(world.message(first.message.id).await.status, MessageStatus::Sent);
        world.status("SM2", "delivered", Some(&second), "").await;
        assert_eq!(world.message(first.message.id).await.status, MessageStatus::Delivered);
        assert_eq!(world.count::<message_attempt::Entity>().await, 2);
    }
}

impl World<'_> {
    /// Whether an entry waits that nobody holds, besides those of texts that have left (these
    /// tests run no worker that would take them out).
    async fn is_queued_again(&self) -> bool {
        let now = self.clock.now_ms();
        let entries = entity::lane_entry::Entity::find()
            .all(self.db.db().read())
            .await
            .unwrap();
        entries.iter().any(|entry| entry.due_at_ms > now)
    }
}

on_both_databases! {
    async fn an_answer_that_comes_after_the_callbacks_takes_nothing_back(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        world.status("SM1", "delivered", Some(&outgoing), "").await;
        world.answer(&outgoing, accepted("SM1")).await;
        world.answer(&outgoing, Answer::Unknown).await;
        world.status("SM1", "sent", Some(&outgoing), "").await;
        assert_eq!(world.message(id).await.status, MessageStatus::Delivered);
        let attempts = messages::attempts(db.db().read(), world.tenant, id).await.unwrap();
        assert_eq!(attempts[0].status.as_deref(), Some("delivered"));
    }

    async fn an_answer_recorded_twice_counts_once(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        world.answer(&outgoing, Answer::NotSent).await;
        world.answer(&outgoing, Answer::NotSent).await;
        let message = world.message(id).await;
        assert_eq!((message.status, message.attempts), (MessageStatus::Queued, 0));
    }
}
