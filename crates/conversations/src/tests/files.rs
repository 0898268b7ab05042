//! Files of messages.

use std::collections::HashMap;

use entity::id::MediaId;
use entity::value::{MediaReason, MediaStatus, SentAs};
use entity::{blob, media};
use sea_orm::{ColumnTrait, QueryFilter};
use test_db::on_both_databases;

use super::*;
use crate::attachments;

impl World<'_> {
    /// A file that was uploaded, of these words.
    async fn upload(&self, words: &str) -> media::Model {
        let (now, digest) = (self.clock.now(), format!("digest of {words}"));
        let blob = blob::Model {
            tenant_id: self.tenant,
            digest: digest.clone(),
            key: format!("{}/{}", self.tenant, self.clock.uuid()),
            content_type: "text/plain".to_owned(),
            size: 10,
            used_at: now,
        };
        blob.into_active_model()
            .insert(self.db.db().writer())
            .await
            .unwrap();
        let blank = attachments::blank(MediaId::new(&self.clock), self.tenant, now);
        let row = media::Model {
            content_type: "text/plain".to_owned(),
            size: Some(10),
            digest: Some(digest),
            ..blank
        };
        row.into_active_model()
            .insert(self.db.db().writer())
            .await
            .unwrap()
    }

    /// One that can go by MMS.
    async fn card(&self, words: &str) -> media::Model {
        let mut row = self.upload(words).await.into_active_model();
        row.content_type = Set("text/vcard".to_owned());
        row.update(self.db.db().writer()).await.unwrap()
    }

    async fn remove_files_of_before(&self, before: DateTime<Utc>) -> u64 {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let removed = attachments::remove_old(&tx, &self.clock, &mut outbox, before).await;
        self.finish(tx, outbox).await;
        removed.unwrap()
    }

    async fn files(&self, id: MessageId) -> Vec<media::Model> {
        messages::get(self.db.db().read(), self.tenant, id)
            .await
            .unwrap()
            .media
    }
}

fn with(to: &str, media: Vec<MediaId>) -> Draft {
    Draft {
        to: Recipient::Number(to.to_owned()),
        media,
        ..draft("Hello")
    }
}

on_both_databases! {
    async fn messages_that_take_the_same_files_at_once_have_them_all(db: TestDb) {
        let world = World::new(&db).await;
        // Both people are known, so that nothing but the files is fought for.
        for to in ["+15557654321", "+15557654322"] {
            world.submit(with(to, Vec::new())).await.unwrap();
        }
        for round in 0..8 {
            let (one, two) = (
                world.upload(&format!("one {round}")).await.id,
                world.upload(&format!("two {round}")).await.id,
            );
            // Each in another order.
            let (first, second) = tokio::join!(
                world.submit(with("+15557654321", vec![one, two])),
                world.submit(with("+15557654322", vec![two, one])),
            );
            for view in [first.unwrap(), second.unwrap()] {
                assert_eq!(view.media.len(), 2);
                let files = world.files(view.message.id).await;
                assert_eq!(files.len(), 2, "round {round}");
                assert!(files.iter().all(|file| file.status == MediaStatus::Stored));
            }
        }
    }

    async fn a_file_whose_content_was_just_removed_is_not_promised(db: TestDb) {
        let world = World::new(&db).await;
        let (there, gone) = (world.upload("there").await, world.upload("gone").await);
        let digest = gone.digest.clone().unwrap();
        blob::Entity::delete_many()
            .filter(blob::Column::Digest.eq(digest))
            .exec(db.db().writer())
            .await
            .unwrap();
        let refused = world.submit(with(CUSTOMER, vec![there.id, gone.id])).await.unwrap_err();
        let Error::Invalid(problems) = refused else { panic!("{refused}") };
        assert_eq!(problems[0].pointer, "/media_ids/1");
        assert_eq!(world.count::<message::Entity>().await, 0);
    }

    async fn what_a_message_takes_counts_as_used(db: TestDb) {
        let world = World::new(&db).await;
        let file = world.upload("late").await;
        world.clock.advance(TimeDelta::hours(5));
        world.submit(with(CUSTOMER, vec![file.id])).await.unwrap();
        let blob = blob::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        assert_eq!(blob.used_at, world.clock.now());
    }

    async fn what_has_lost_its_files_is_not_sent_again_without_them(db: TestDb) {
        let world = World::new(&db).await;
        let file = world.upload("menu").await;
        let id = world.submit(with(CUSTOMER, vec![file.id])).await.unwrap().message.id;
        let outgoing = world.leaves(id).await;
        let refused = super::outgoing::refused(21_211, twilio::error_codes::Class::Recipient);
        world.answer(&outgoing, refused).await;
        assert_eq!(world.message(id).await.status, MessageStatus::Failed);
        let old = world.clock.now() + TimeDelta::seconds(1);
        world.clock.advance(TimeDelta::days(40));
        assert_eq!(world.remove_files_of_before(old).await, 1);
        assert_eq!(world.files(id).await[0].status, MediaStatus::Removed);
        assert!(matches!(world.retry(id).await, Err(Error::FilesRemoved)));
        assert_eq!(world.message(id).await.status, MessageStatus::Failed);
    }

    async fn a_file_is_kept_from_its_sending_on_and_its_end_is_told(db: TestDb) {
        let world = World::new(&db).await;
        let file = world.upload("menu").await;
        let later = world.clock.now() + TimeDelta::days(60);
        let draft = Draft { send_at: Some(later), ..with(CUSTOMER, vec![file.id]) };
        let id = world.submit(draft).await.unwrap().message.id;
        world.clock.advance(TimeDelta::days(60));
        let keep = TimeDelta::days(30);
        assert_eq!(world.remove_files_of_before(world.clock.now() - keep).await, 0);
        let outgoing = world.leaves(id).await;
        world.answer(&outgoing, accepted("SM00000000000000000000000000000001")).await;
        world.clock.advance(TimeDelta::days(29));
        assert_eq!(world.remove_files_of_before(world.clock.now() - keep).await, 0);
        world.clock.advance(TimeDelta::days(2));
        let seq = events::current(db.db().read(), world.tenant).await.unwrap();
        assert_eq!(world.remove_files_of_before(world.clock.now() - keep).await, 1);
        assert_eq!(world.message(id).await.updated_at, world.clock.now());
        assert!(events::current(db.db().read(), world.tenant).await.unwrap() > seq);
        assert_eq!(world.remove_files_of_before(world.clock.now() - keep).await, 0);
    }

    async fn how_much_room_files_take_is_told_anew_when_some_are_removed(db: TestDb) {
        let world = World::new(&db).await;
        let file = world.upload("forgotten").await;
        world.clock.advance(TimeDelta::hours(25));
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        attachments::remove_unused(&tx, file.created_at + TimeDelta::hours(1)).await.unwrap();
        let passed = attachments::remove_unneeded_blobs(&tx, &world.clock, &mut outbox, None);
        assert_eq!(passed.await.unwrap().keys.len(), 1);
        assert!(!outbox.is_empty());
        world.finish(tx, outbox).await;
    }

    async fn a_number_without_mms_sends_links(db: TestDb) {
        let world = World::new(&db).await;
        let channel = channel::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        for (mms, ways) in [(None, SentAs::Mms), (Some(false), SentAs::Link), (Some(true), SentAs::Mms)] {
            if let Some(mms) = mms {
                let (conn, id) = (db.db().writer(), channel.id);
                assert!(channels::note_mms(conn, world.tenant, id, mms).await.unwrap());
                assert!(!channels::note_mms(conn, world.tenant, id, mms).await.unwrap());
            }
            let file = world.card(&format!("{mms:?}")).await;
            let sent = world.submit(with("+14155550100", vec![file.id])).await.unwrap();
            assert_eq!(sent.media[0].sent_as, Some(ways), "{mms:?}");
        }
    }

    async fn one_tenants_many_files_leave_room_for_anothers(db: TestDb) {
        let world = World::new(&db).await;
        let other = super::tenant(&db, &world.clock).await;
        for n in 0..12 {
            let owner = if n == 11 { other } else { world.tenant };
            let file = world.upload(&format!("file {n}")).await;
            let mut row = file.into_active_model();
            row.tenant_id = Set(owner);
            row.next_try_ms = Set(Some(n));
            row.update(db.db().writer()).await.unwrap();
        }
        let mut busy = HashMap::from([(world.tenant, 1)]);
        let lease = std::time::Duration::from_secs(60);
        let tx = world.tx().await;
        let taken = attachments::take_due(&tx, &world.clock, 8, 4, &busy, lease).await.unwrap();
        let of = |tenant| taken.iter().filter(|row| row.tenant_id == tenant).count();
        assert_eq!((of(world.tenant), of(other)), (3, 1));
        busy.insert(world.tenant, 4);
        let none = attachments::take_due(&tx, &world.clock, 8, 4, &busy, lease).await.unwrap();
        assert!(none.is_empty());
        tx.commit().await.unwrap();
    }

    async fn new_credentials_bring_what_was_refused(db: TestDb) {
        let world = World::new(&db).await;
        let channel = channel::Entity::of(world.tenant).one(db.db().read()).await.unwrap().unwrap();
        let mut rows = Vec::new();
        for (n, reason) in [MediaReason::Refused, MediaReason::Unreachable, MediaReason::Gone].into_iter().enumerate() {
            let file = world.upload(&format!("file {n}")).await;
            let received = world.texts(&format!("SM{n:032}"), "Hello").await;
            let Received::Stored(message) = received else { panic!("{received:?}") };
            let mut row = file.into_active_model();
            row.message_id = Set(Some(message));
            row.status = Set(MediaStatus::Failed);
            row.reason = Set(Some(reason));
            row.tries = Set(9);
            rows.push(row.update(db.db().writer()).await.unwrap().id);
        }
        let tx = world.tx().await;
        assert_eq!(attachments::ask_again(&tx, &world.clock, &channel).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let due = media::Entity::of(world.tenant).filter(media::Column::NextTryMs.is_not_null());
        let due = due.all(db.db().read()).await.unwrap();
        assert!(due.iter().all(|row| row.status == MediaStatus::Pending && row.tries == 0));
        assert!(due.iter().all(|row| row.reason.is_none() && row.id != rows[2]));
    }

    async fn however_many_contents_nothing_needs_all_of_them_go(db: TestDb) {
        let world = World::new(&db).await;
        let used = world.upload("used").await;
        let blobs = (0..1_100).map(|n| {
            let blob = blob::Model {
                tenant_id: world.tenant,
                digest: format!("{n:04}"),
                key: format!("key {n}"),
                content_type: "text/plain".to_owned(),
                size: 1,
                used_at: world.clock.now(),
            };
            blob.into_active_model()
        });
        blob::Entity::insert_many(blobs).exec(db.db().writer()).await.unwrap();
        world.clock.advance(TimeDelta::hours(2));
        let (mut after, mut gone, mut looks) = (None, 0, 0);
        loop {
            let (tx, mut outbox) = (world.tx().await, Outbox::new());
            let clock = &world.clock;
            let passed = attachments::remove_unneeded_blobs(&tx, clock, &mut outbox, after.as_ref());
            let passed = passed.await.unwrap();
            world.finish(tx, outbox).await;
            (gone, looks) = (gone + passed.keys.len(), looks + 1);
            after = passed.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((gone, looks), (1_100, 3));
        let left = blob::Entity::of(world.tenant).all(db.db().read()).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(Some(&left[0].digest), used.digest.as_ref());
    }
}
