//! A text goes out.

use std::time::Duration;

use entity::{lane_group, message_attempt};
use test_db::on_both_databases;
use twilio::error_codes::Class;

use super::*;

pub(super) fn refused(code: i32, class: Class) -> Answer {
    let message = "Twilio's words".to_owned();
    Answer::Refused {
        code: Some(code),
        message,
        class,
        throttled: false,
        retry_after: None,
    }
}

on_both_databases! {
    async fn a_text_to_a_new_number_makes_lead_and_conversation(db: TestDb) {
        let world = World::new(&db).await;
        let draft = Draft { to: Recipient::Number("(555) 765-4321".to_owned()), ..draft("Hello") };
        let view = world.submit(draft).await.unwrap();
        assert_eq!(view.message.to_number, CUSTOMER);
        assert_eq!(view.message.from_number, OURS);
        assert_eq!(view.message.status, MessageStatus::Queued);
        assert!(world.is_queued().await);
        assert!(world.lead().await.last_contact_at.is_some());
    }

    async fn what_cannot_be_sent_is_refused_and_leaves_nothing(db: TestDb) {
        let world = World::new(&db).await;
        for body in ["", "   ", &"x".repeat(1601)] {
            assert!(matches!(world.submit(draft(body)).await, Err(Error::Invalid(_))), "{body}");
        }
        for to in ["", "12", "no number", OURS] {
            let draft = Draft { to: Recipient::Number(to.to_owned()), ..draft("Hello") };
            assert!(matches!(world.submit(draft).await, Err(Error::Invalid(_))), "{to}");
        }
        assert_eq!(world.count::<message::Entity>().await, 0);
        assert_eq!(world.count::<lead::Entity>().await, 0);
        assert!(!world.is_queued().await);
    }

    async fn the_request_is_written_down_before_it_leaves(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        assert_eq!(outgoing.attempt.number, 1);
        assert_eq!(world.message(id).await.status, MessageStatus::Sending);
        // Its turn again, as after a crash: it is not sent a second time.
        assert!(matches!(world.begin(id).await, Begin::Later(_)));
        world.clock.advance(TimeDelta::seconds(61));
        assert!(matches!(world.begin(id).await, Begin::Settle(_)));
    }

    async fn an_accepted_text_is_sent(db: TestDb) {
        let world = World::new(&db).await;
        let outgoing = world.sent("SM1").await;
        let message = world.message(outgoing.message.id).await;
        assert_eq!(message.status, MessageStatus::Sent);
        assert_eq!(message.external_id.as_deref(), Some("SM1"));
        assert!(message.sent_at.is_some());
        assert!(matches!(world.begin(message.id).await, Begin::Drop));
    }

    async fn somebody_who_said_stop_in_between_is_not_texted(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        world.texts("SM9", "STOP").await;
        assert_eq!(world.message(id).await.status, MessageStatus::Canceled);
        assert!(!world.is_queued().await);
        assert!(matches!(world.begin(id).await, Begin::Drop));
    }

    async fn a_refusal_that_may_pass_is_tried_after_one_two_and_four_minutes(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        for minutes in [1, 2, 4] {
            let outgoing = world.leaves(id).await;
            let after = world.answer(&outgoing, refused(30022, Class::Retry)).await;
            let wait = after.again_at.unwrap() - world.clock.now();
            let least = TimeDelta::minutes(minutes);
            assert!(wait >= least && wait <= least + least / 10, "{wait}");
            assert_eq!(world.message(id).await.status, MessageStatus::Queued);
            world.clock.advance(wait);
        }
        let outgoing = world.leaves(id).await;
        assert_eq!(world.answer(&outgoing, refused(30022, Class::Retry)).await, After::default());
        let message = world.message(id).await;
        assert_eq!((message.status, message.attempts), (MessageStatus::Failed, 4));
        assert_eq!(message.error_code, Some(30022));
    }

    async fn a_permanent_refusal_is_final(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        assert_eq!(world.answer(&outgoing, refused(21211, Class::Recipient)).await, After::default());
        assert_eq!(world.message(id).await.status, MessageStatus::Failed);
    }

    async fn being_told_to_slow_down_is_no_attempt(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        let answer = Answer::Refused {
            code: Some(20429),
            message: "Too many requests".to_owned(),
            class: Class::Retry,
            throttled: true,
            retry_after: Some(Duration::from_secs(7)),
        };
        let after = world.answer(&outgoing, answer).await;
        assert_eq!(after.again_at, Some(world.clock.now() + TimeDelta::seconds(7)));
        // Not this number alone: its account.
        assert_eq!(after.pause, None);
        let slowed = lane_group::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        assert_eq!(slowed.name, outgoing.channel.account_sid);
        assert_eq!(slowed.ready_at_ms, after.again_at.unwrap().timestamp_millis());
        assert_eq!(world.count::<message_attempt::Entity>().await, 0);
        assert_eq!(world.message(id).await.attempts, 0);
    }

    async fn a_lost_answer_is_settled_by_twilios_list(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        let after = world.answer(&outgoing, Answer::Unknown).await;
        world.clock.advance(after.again_at.unwrap() - world.clock.now());
        let Begin::Settle(outgoing) = world.begin(id).await else { panic!("to be settled") };
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let (clock, policy) = (&world.clock, &world.policy);
        let after = sending::settle(&tx, clock, &mut outbox, policy, &outgoing, Some("SM7")).await.unwrap();
        world.finish(tx, outbox).await;
        assert_eq!(after, After::default());
        let message = world.message(id).await;
        assert_eq!((message.status, message.external_id.as_deref()), (MessageStatus::Sent, Some("SM7")));
    }

    async fn a_text_twice_absent_from_twilios_list_is_sent_again(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        let mut after = world.answer(&outgoing, Answer::Unknown).await;
        for _ in 0..2 {
            world.clock.advance(after.again_at.unwrap() - world.clock.now());
            let Begin::Settle(outgoing) = world.begin(id).await else { panic!("to be settled") };
            let (tx, mut outbox) = (world.tx().await, Outbox::new());
            let (clock, policy) = (&world.clock, &world.policy);
            after = sending::settle(&tx, clock, &mut outbox, policy, &outgoing, None).await.unwrap();
            world.finish(tx, outbox).await;
        }
        assert_eq!(after.again_at, Some(world.clock.now()));
        assert_eq!(world.leaves(id).await.attempt.number, 2);
    }

    async fn a_text_is_begun_a_moment_before_its_turn(db: TestDb) {
        let world = World::new(&db).await;
        let at = world.clock.now() + TimeDelta::milliseconds(90);
        let id = world.submit(Draft { send_at: Some(at), ..draft("Hello") }).await.unwrap().message.id;
        for (turn, sends) in [(at - TimeDelta::milliseconds(1), false), (at, true)] {
            let (tx, mut outbox) = (world.tx().await, Outbox::new());
            let (clock, policy) = (&world.clock, &world.policy);
            let begun = sending::begin(&tx, clock, &mut outbox, policy, world.tenant, id, turn).await;
            world.finish(tx, outbox).await;
            assert_eq!(matches!(begun.unwrap(), Begin::Send(_)), sends, "{turn}");
        }
    }

    async fn a_removed_channel_leaves_nothing_waiting(db: TestDb) {
        let world = World::new(&db).await;
        let waits = world.submit(draft("Hello")).await.unwrap().message;
        let leaving = world.submit(draft("On its way")).await.unwrap().message.id;
        let outgoing = world.leaves(leaving).await;
        world.answer(&outgoing, Answer::Unknown).await;
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let (clock, tenant, channel) = (&world.clock, world.tenant, waits.channel_id);
        channels::delete(&tx, clock, &mut Outbox::new(), tenant, channel).await.unwrap();
        outbound::cancel_channel(&tx, clock, &mut outbox, tenant, channel).await.unwrap();
        world.finish(tx, outbox).await;
        assert_eq!(world.message(waits.id).await.status, MessageStatus::Canceled);
        // A worker comes past the other one, whose answer can't be found out about any more.
        assert!(matches!(world.begin(leaving).await, Begin::Drop));
        assert_eq!(world.message(leaving).await.status, MessageStatus::Failed);
    }

    async fn a_text_given_up_for_lost_that_turns_up_is_not_sent_again(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.submit(draft("Hello")).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        let mut after = world.answer(&outgoing, Answer::Unknown).await;
        for _ in 0..2 {
            world.clock.advance(after.again_at.unwrap() - world.clock.now());
            let Begin::Settle(outgoing) = world.begin(id).await else { panic!("to be settled") };
            let (tx, mut outbox) = (world.tx().await, Outbox::new());
            let (clock, policy) = (&world.clock, &world.policy);
            after = sending::settle(&tx, clock, &mut outbox, policy, &outgoing, None).await.unwrap();
            world.finish(tx, outbox).await;
        }
        world.status("SM1", "sent", Some(&outgoing), "").await;
        assert_eq!(world.message(id).await.status, MessageStatus::Sent);
        assert!(matches!(world.begin(id).await, Begin::Drop));
    }

    async fn an_answer_and_a_text_at_the_same_time_do_not_wait_for_each_other_in_vain(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM0", "Hi").await;
        let thread = entity::conversation::Entity::of(world.tenant)
            .one(db.db().read()).await.unwrap().unwrap();
        for round in 1..=20 {
            let text = [world.inbound(&format!("SM{round}"), CUSTOMER, "Hello?", &[]).await];
            let reply = Draft {
                to: Recipient::Conversation(thread.id),
                cancel_on_reply: true,
                ..draft("Yes?")
            };
            let (received, sent) = tokio::join!(world.receive(&text), world.submit(reply));
            assert!(matches!(received[0], Received::Stored(_)));
            let id = sent.unwrap().message.id;
            let text = [world.inbound(&format!("SN{round}"), CUSTOMER, "Hello?", &[]).await];
            tokio::join!(world.receive(&text), world.begin(id));
        }
    }
}
