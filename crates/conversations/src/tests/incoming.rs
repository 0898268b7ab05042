//! A text comes in.

use entity::value::{ConversationStatus, LeadSource, LeadStatus, MediaStatus};
use entity::{conversation, media};
use test_db::on_both_databases;

use super::*;
use crate::leads;
use crate::threads::{self, ThreadChange};

on_both_databases! {
    async fn a_first_text_makes_lead_conversation_and_message(db: TestDb) {
        let world = World::new(&db).await;
        let place = [("FromCity", "AUSTIN"), ("FromState", "TX"), ("FromZip", "78701"), ("FromCountry", "US")];
        let inbound = world.inbound("SM1", CUSTOMER, "Hi there", &place).await;
        let received = world.receive(&[inbound]).await;
        assert!(matches!(received[..], [Received::Stored(_)]));
        let lead = world.lead().await;
        assert_eq!(lead.phone.as_deref(), Some(CUSTOMER));
        assert_eq!((lead.source, lead.status), (LeadSource::Sms, LeadStatus::New));
        assert!(lead.sms_enabled && lead.last_sms_at.is_some() && lead.last_contact_at.is_some());
        assert_eq!(lead.country.as_deref(), Some("US"));
        let row = conversation::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        assert_eq!(row.remote_jid, "sms_15557654321");
        assert_eq!((row.unread_count, row.status), (1, ConversationStatus::Open));
        let message = world.message(row.last_message_id.unwrap()).await;
        assert_eq!((message.body.as_str(), message.status), ("Hi there", MessageStatus::Received));
        assert_eq!(message.from_city.as_deref(), Some("AUSTIN"));
        assert_eq!(message.from_zip.as_deref(), Some("78701"));
    }

    async fn the_same_text_twice_is_stored_once_in_one_batch_and_over_two(db: TestDb) {
        let world = World::new(&db).await;
        let text = world.inbound("SM1", CUSTOMER, "Hi", &[]).await;
        let received = world.receive(&[text.clone(), text.clone()]).await;
        assert_eq!(received[1], Received::Duplicate);
        assert_eq!(world.receive(&[text]).await, [Received::Duplicate]);
        assert_eq!(world.count::<message::Entity>().await, 1);
        let row = conversation::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        assert_eq!(row.unread_count, 1);
    }

    async fn the_same_text_at_the_same_time_is_stored_once(db: TestDb) {
        let world = World::new(&db).await;
        let text = world.inbound("SM1", CUSTOMER, "Hi", &[]).await;
        let one = [text.clone()];
        let two = [text];
        let (a, b) = tokio::join!(world.receive(&one), world.receive(&two));
        assert!(a[0] == Received::Duplicate || b[0] == Received::Duplicate);
        assert_eq!(world.count::<message::Entity>().await, 1);
        assert_eq!(world.count::<lead::Entity>().await, 1);
    }

    async fn a_word_that_was_found_late_does_not_undo_a_later_one(db: TestDb) {
        let world = World::new(&db).await;
        let start = world.inbound("SM2", CUSTOMER, "START", &[]).await;
        world.receive(&[start]).await;
        world.receive(&[world.listed("SM1", "STOP", TimeDelta::minutes(-2)).await]).await;
        assert!(!world.lead().await.sms_opt_out, "START was said after it");
        let stop = world.inbound("SM4", CUSTOMER, "STOP", &[]).await;
        world.receive(&[stop]).await;
        world.receive(&[world.listed("SM3", "START", TimeDelta::minutes(-1)).await]).await;
        assert!(world.lead().await.sms_opt_out, "STOP was said after it");
        world.receive(&[world.listed("SM5", "START", TimeDelta::minutes(1)).await]).await;
        assert!(!world.lead().await.sms_opt_out, "the last word counts");
        assert_eq!(world.count::<message::Entity>().await, 5);
    }

    async fn of_two_words_that_were_found_late_the_later_one_counts(db: TestDb) {
        let world = World::new(&db).await;
        world.receive(&[world.listed("SM1", "STOP", TimeDelta::minutes(-3)).await]).await;
        assert!(world.lead().await.sms_opt_out);
        world.receive(&[world.listed("SM2", "START", TimeDelta::minutes(-2)).await]).await;
        assert!(!world.lead().await.sms_opt_out);
    }

    async fn a_text_that_was_found_late_says_so_and_when_it_came(db: TestDb) {
        let world = World::new(&db).await;
        let came_at = world.clock.now() - TimeDelta::hours(2);
        let received = world.receive(&[world.listed("SM1", "Hello?", TimeDelta::hours(-2)).await]).await;
        let [Received::Stored(id)] = received[..] else { panic!("{received:?}") };
        let message = world.message(id).await;
        assert_eq!((message.caught_up, message.sent_at), (true, Some(came_at)));
        assert_eq!(world.lead().await.last_sms_at, Some(came_at));
        let row = conversation::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        assert_eq!(row.waiting_since, Some(came_at));
        // Its webhook comes after all.
        let webhook = world.inbound("SM1", CUSTOMER, "Hello?", &[]).await;
        assert_eq!(world.receive(&[webhook]).await, [Received::Duplicate]);
    }

    async fn a_batch_keeps_the_order_of_arrival(db: TestDb) {
        let world = World::new(&db).await;
        let stop = world.inbound("SM1", CUSTOMER, "STOP", &[]).await;
        let start = world.inbound("SM2", CUSTOMER, "START", &[]).await;
        world.receive(&[stop, start]).await;
        assert!(!world.lead().await.sms_opt_out);
    }

    async fn senders_that_are_no_numbers_are_kept_and_cannot_be_answered(db: TestDb) {
        let world = World::new(&db).await;
        let long = "x".repeat(5000);
        for (sid, from) in [("SM1", "72720"), ("SM2", "Amazon"), ("SM3", long.as_str())] {
            let inbound = world.inbound(sid, from, "Your code", &[]).await;
            world.receive(&[inbound]).await;
        }
        assert_eq!(world.count::<lead::Entity>().await, 3);
        let row = conversation::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        let reply = Draft { to: Recipient::Conversation(row.id), ..draft("Thanks") };
        assert!(matches!(world.submit(reply).await, Err(Error::NotAnswerable { .. })));
    }

    async fn media_is_recorded_in_order(db: TestDb) {
        let world = World::new(&db).await;
        let items = [
            ("NumMedia", "2"),
            ("MediaUrl0", "https://api.twilio.com/a"), ("MediaContentType0", "image/jpeg"),
            ("MediaUrl1", "https://api.twilio.com/b"), ("MediaContentType1", "video/mp4"),
        ];
        let inbound = world.inbound("MM1", CUSTOMER, "", &items).await;
        let received = world.receive(&[inbound]).await;
        let Received::Stored(id) = received[0] else { panic!("stored") };
        let view = messages::get(db.db().read(), world.tenant, id).await.unwrap();
        let types: Vec<_> = view.media.iter().map(|item| item.content_type.as_str()).collect();
        assert_eq!(types, ["image/jpeg", "video/mp4"]);
        assert!(view.media.iter().all(|item| item.status == MediaStatus::Pending));
        assert_eq!(world.count::<media::Entity>().await, 2);
    }

    async fn a_closed_conversation_reopens_and_unread_counts_up(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hi").await;
        let row = conversation::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let close = ThreadChange { status: Some(ConversationStatus::Closed), ..Default::default() };
        threads::update(&tx, &world.clock, &mut outbox, world.tenant, None, row.id, close).await.unwrap();
        let view = threads::set_read(&tx, &world.clock, &mut outbox, world.tenant, row.id, true).await.unwrap();
        assert_eq!(view.conversation.unread_count, 0);
        world.finish(tx, outbox).await;
        world.texts("SM2", "Are you there?").await;
        let view = threads::get(db.db().read(), world.tenant, row.id).await.unwrap();
        assert_eq!(view.conversation.status, ConversationStatus::Open);
        assert_eq!(view.conversation.unread_count, 1);
        assert_eq!(view.last_message.unwrap().message.body, "Are you there?");
    }

    async fn an_opt_out_outlives_the_lead(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "stop").await;
        let lead = world.lead().await;
        assert!(lead.sms_opt_out);
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        leads::delete(&tx, &world.clock, &mut outbox, world.tenant, lead.id).await.unwrap();
        world.finish(tx, outbox).await;
        assert_eq!(world.count::<message::Entity>().await, 0);
        assert!(matches!(world.submit(draft("Hello")).await, Err(Error::OptedOut { .. })));
        world.texts("SM2", "Yes").await;
        assert!(!world.lead().await.sms_opt_out);
        world.submit(draft("Welcome back")).await.unwrap();
    }

    async fn what_twilio_says_of_an_opt_out_decides_over_the_words(db: TestDb) {
        let world = World::new(&db).await;
        let arret = world.inbound("SM1", CUSTOMER, "arret", &[("OptOutType", "STOP")]).await;
        world.receive(&[arret]).await;
        assert!(world.lead().await.sms_opt_out);
        let help = world.inbound("SM2", CUSTOMER, "START", &[("OptOutType", "HELP")]).await;
        world.receive(&[help]).await;
        assert!(world.lead().await.sms_opt_out);
    }

    async fn yes_opts_nobody_in_who_did_not_say_stop(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hi").await;
        let lead = world.lead().await;
        let tenant = threads::tenant(db.db().read(), world.tenant).await.unwrap();
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let by_hand = leads::LeadChange { sms_opt_out: Some(true), ..Default::default() };
        leads::update(&tx, &world.clock, &mut outbox, &tenant, lead.id, by_hand).await.unwrap();
        world.finish(tx, outbox).await;
        world.texts("SM2", "Yes").await;
        assert!(world.lead().await.sms_opt_out);
        world.texts("SM3", "START").await;
        assert!(!world.lead().await.sms_opt_out);
    }
}
