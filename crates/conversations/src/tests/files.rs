//! Files of messages.

use entity::id::MediaId;
use entity::value::MediaStatus;
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
}
