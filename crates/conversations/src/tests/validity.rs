//! Texts that nobody came past in time.

use test_db::on_both_databases;

use super::*;

on_both_databases! {
    async fn every_text_has_an_end_counted_from_when_it_is_due(db: TestDb) {
        let world = World::new(&db).await;
        let now = world.clock.now();
        let later = now + TimeDelta::hours(5);
        let cases = [
            (draft("Hello"), now + TimeDelta::hours(24)),
            (Draft { priority: SendPriority::Reply, ..draft("Hello") }, now + TimeDelta::hours(24)),
            (Draft { priority: SendPriority::Bulk, ..draft("Hello") }, now + TimeDelta::hours(72)),
            (Draft { send_at: Some(later), ..draft("Hello") }, later + TimeDelta::hours(24)),
            (Draft { valid_for_seconds: Some(60), ..draft("Hello") }, now + TimeDelta::seconds(60)),
        ];
        for (draft, until) in cases {
            assert_eq!(world.queued(draft).await.valid_until, Some(until));
        }
        let year = TimeDelta::days(365).num_seconds();
        for seconds in [0, -1, year + 1, i64::MAX] {
            let draft = Draft { valid_for_seconds: Some(seconds), ..draft("Hello") };
            assert!(matches!(world.submit(draft).await, Err(Error::Invalid(_))), "{seconds}");
        }
    }

    async fn a_text_past_its_validity_fails_and_can_be_sent_again(db: TestDb) {
        let world = World::new(&db).await;
        let now = world.clock.now();
        let id = world.queued(Draft { valid_for_seconds: Some(60), ..draft("Now!") }).await.id;
        world.clock.advance(TimeDelta::seconds(60));
        // The last moment is still in time.
        let in_time = world.queued(Draft { valid_for_seconds: Some(1), ..draft("Now!") }).await.id;
        world.clock.advance(TimeDelta::seconds(1));
        world.leaves(in_time).await;
        assert!(matches!(world.begin(id).await, Begin::Expired));

        let message = world.message(id).await;
        assert_eq!(message.status, MessageStatus::Failed);
        assert_eq!(message.reason, Some(MessageReason::Expired));
        assert_eq!(message.error_code, None);
        let until = (now + TimeDelta::seconds(60)).format("%Y-%m-%d %H:%M:%S");
        assert_eq!(
            message.error_message.unwrap(),
            format!("It could not be sent in time: it was valid until {until} UTC.")
        );
        assert!(crate::reason::advice(MessageReason::Expired).is_some());
        assert_eq!(world.told(id).await.last().unwrap(), "sms_delivery_failed");

        let retried = world.retry(id).await.unwrap();
        assert_eq!((retried.status, retried.reason), (MessageStatus::Queued, None));
        assert_eq!(retried.valid_until, Some(world.clock.now() + TimeDelta::hours(24)));
        world.leaves(id).await;
    }

    async fn a_clock_that_jumps_sends_nothing_stale_and_ends_it_by_the_hundred(db: TestDb) {
        let world = World::new(&db).await;
        let mut stale = Vec::new();
        for n in 0..120 {
            let to = Recipient::Number(format!("+1415555{n:04}"));
            stale.push(world.queued(Draft { to, ..draft("Now!") }).await);
        }
        world.clock.advance(TimeDelta::days(3));
        let fresh = world.queued(draft("Hello")).await;
        assert!(matches!(world.begin(stale[0].id).await, Begin::Expired));
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let (clock, tenant, channel) = (&world.clock, world.tenant, fresh.channel_id);
        outbound::expire_waiting(&tx, clock, &mut outbox, tenant, channel).await.unwrap();
        world.finish(tx, outbox).await;
        let mut failed = 0;
        for message in stale {
            failed += usize::from(world.message(message.id).await.status == MessageStatus::Failed);
        }
        assert_eq!(failed, 101);
        assert_eq!(world.due().await.len(), 20);
        world.leaves(fresh.id).await;
    }

    async fn the_end_moves_along_with_an_edit(db: TestDb) {
        let world = World::new(&db).await;
        let at = world.clock.now() + TimeDelta::hours(1);
        let draft = Draft { send_at: Some(at), valid_for_seconds: Some(600), ..draft("Hello") };
        let id = world.queued(draft).await.id;
        let edit = Edit { send_at: Some(at + TimeDelta::hours(3)), ..Edit::default() };
        let moved = world.edit(id, edit).await.unwrap();
        assert_eq!(moved.valid_until, Some(at + TimeDelta::hours(3) + TimeDelta::seconds(600)));
        let edit = Edit { valid_for_seconds: Some(60), ..Edit::default() };
        let shorter = world.edit(id, edit).await.unwrap();
        assert_eq!(shorter.valid_until, Some(at + TimeDelta::hours(3) + TimeDelta::seconds(60)));
        let edit = Edit { send_at: Some(world.clock.now()), ..Edit::default() };
        let at_once = world.edit(id, edit).await.unwrap();
        assert_eq!(at_once.valid_until, Some(world.clock.now() + TimeDelta::seconds(60)));
    }

    async fn an_automatic_retry_comes_too_late_as_well(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.queued(Draft { valid_for_seconds: Some(30), ..draft("Now!") }).await.id;
        let outgoing = world.leaves(id).await;
        let refusal = outgoing::refused(30022, twilio::error_codes::Class::Retry);
        let after = world.answer(&outgoing, refusal).await;
        world.clock.advance(after.again_at.unwrap() - world.clock.now());
        assert!(matches!(world.begin(id).await, Begin::Expired));
        let message = world.message(id).await;
        assert_eq!((message.status, message.attempts), (MessageStatus::Failed, 1));
        assert_eq!((message.error_code, message.reason), (None, Some(MessageReason::Expired)));
    }
}
