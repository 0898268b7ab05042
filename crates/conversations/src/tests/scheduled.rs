//! Texts that wait for their time.

use test_db::on_both_databases;

use super::*;

on_both_databases! {
    async fn a_scheduled_text_can_be_changed_canceled_and_sent_after_all(db: TestDb) {
        let world = World::new(&db).await;
        let at = world.clock.now() + TimeDelta::hours(1);
        let id = world.queued(Draft { send_at: Some(at), ..draft("Hello") }).await.id;
        assert_eq!(world.message(id).await.status, MessageStatus::Scheduled);
        let body = Some("Good morning".to_owned());
        let changed = world.edit(id, Edit { body, ..Edit::default() }).await.unwrap();
        assert_eq!(changed.body, "Good morning");
        assert_eq!(changed.scheduled_at, Some(at));
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let (clock, tenant) = (&world.clock, world.tenant);
        let view = outbound::cancel(&tx, clock, &mut outbox, tenant, id).await.unwrap();
        assert_eq!((view.message.status, view.message.reason), (MessageStatus::Canceled, None));
        let again = outbound::cancel(&tx, clock, &mut outbox, tenant, id).await;
        assert!(matches!(again, Err(Error::WrongStatus { .. })));
        world.finish(tx, outbox).await;
        let retried = world.retry(id).await.unwrap();
        assert_eq!((retried.status, retried.scheduled_at), (MessageStatus::Queued, None));
        world.leaves(id).await;
    }

    async fn a_time_that_is_past_means_at_once(db: TestDb) {
        let world = World::new(&db).await;
        let (past, later) = (world.clock.now() - TimeDelta::days(400), world.clock.now() + TimeDelta::hours(1));
        let now = world.queued(Draft { send_at: Some(past), ..draft("Hello") }).await;
        assert_eq!((now.status, now.scheduled_at), (MessageStatus::Queued, None));
        assert_eq!(now.valid_until, Some(world.clock.now() + TimeDelta::days(1)));
        world.leaves(now.id).await;
        for at in [past, world.clock.now()] {
            let id = world.queued(Draft { send_at: Some(later), ..draft("Hello") }).await.id;
            let edit = Edit { send_at: Some(at), ..Edit::default() };
            let changed = world.edit(id, edit).await.unwrap();
            assert_eq!((changed.status, changed.scheduled_at), (MessageStatus::Queued, None));
            world.leaves(id).await;
        }
    }

    async fn what_is_no_time_or_no_text_changes_nothing(db: TestDb) {
        let world = World::new(&db).await;
        let at = world.clock.now() + TimeDelta::hours(1);
        let before = world.queued(Draft { send_at: Some(at), ..draft("Hello") }).await;
        let edit = Edit {
            send_at: Some(at + TimeDelta::days(400)),
            body: Some(" ".to_owned()),
            valid_for_seconds: Some(0),
            cancel_on_reply: Some(true),
        };
        let Err(Error::Invalid(problems)) = world.edit(before.id, edit).await else {
            panic!("it should be refused");
        };
        let pointers: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers, ["/body", "/send_at", "/valid_for_seconds"]);
        assert_eq!(world.message(before.id).await, before);
    }

    async fn a_text_to_be_dropped_on_a_reply_is(db: TestDb) {
        let world = World::new(&db).await;
        let at = world.clock.now() + TimeDelta::hours(1);
        let nudge = Draft { send_at: Some(at), cancel_on_reply: true, ..draft("Still interested?") };
        let dropped = world.queued(nudge).await.id;
        let stays = world.queued(Draft { send_at: Some(at), ..draft("See you at 9") }).await.id;
        let decided_later = world.queued(Draft { send_at: Some(at), ..draft("Hello?") }).await.id;
        let edit = Edit { cancel_on_reply: Some(true), ..Edit::default() };
        world.edit(decided_later, edit).await.unwrap();
        world.texts("SM1", "Here I am").await;
        for id in [dropped, decided_later] {
            let message = world.message(id).await;
            assert_eq!(message.status, MessageStatus::Canceled);
            assert_eq!(message.reason, Some(MessageReason::CustomerWrote));
        }
        assert_eq!(world.message(stays).await.status, MessageStatus::Scheduled);
    }

    async fn a_text_goes_by_the_number_that_its_channel_has_by_then(db: TestDb) {
        let world = World::new(&db).await;
        let at = world.clock.now() + TimeDelta::hours(1);
        let before = world.queued(Draft { send_at: Some(at), ..draft("Hello") }).await;
        let number = "+15551239999";
        let patch = channels::ChannelPatch {
            credentials: Some(CredentialsInput {
                phone_number: Patch::Set(number.to_owned()),
                ..CredentialsInput::default()
            }),
            ..channels::ChannelPatch::default()
        };
        let tx = world.tx().await;
        let (ring, clock, tenant) = (&world.ring, &world.clock, world.tenant);
        channels::update(&tx, ring, clock, &mut Outbox::new(), tenant, before.channel_id, patch).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.advance(TimeDelta::hours(1));
        let outgoing = world.leaves(before.id).await;
        assert_eq!(outgoing.message.from_number, number);
        assert_eq!(world.message(before.id).await.from_number, number);
    }
}
