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
}
