//! Files: fetched, given up, removed.

use std::sync::atomic::{AtomicBool, AtomicI64};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use conversations::attachments::{self, Kept, Usage};
use entity::value::{MediaReason, MediaStatus};
use entity::{blob, media as files};
use media::{StoreError, kind};
use sea_orm::{ActiveModelTrait, Set};
use test_db::on_both_databases;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use super::*;
use crate::jobs::{Errand, FetchMedia, Job, Round, TidyMedia};

impl Bench {
    fn errand(&self) -> Errand {
        Errand {
            db: self.db.clone(),
            clock: self.clock.clone(),
            bell: self.bell.clone(),
            keys: Arc::clone(&self.keys),
            twilio: self.client(),
            store: self.store.clone(),
            studio: Studio::open().unwrap(),
            decoding: Mutex::default(),
        }
    }

    /// Does all that is due.
    async fn fetch(&self) {
        let tasks = TaskTracker::new();
        let job = FetchMedia::new(self.errand(), tasks.clone());
        while job.round().await.unwrap() == Round::More {}
        tasks.close();
        tasks.wait().await;
    }

    /// A file that a customer sent, to be fetched.
    async fn came(&self, bytes: &[u8]) -> files::Model {
        let media = json!([{"content_type": "image/png", "base64": STANDARD.encode(bytes)}]);
        let text = json!({
            "account_sid": ACCOUNT, "from": THEIRS, "to": OURS, "media": media,
        });
        let http = reqwest::Client::new();
        let url = format!("{}/_simulator/inbound", self.twilio.url());
        let told = http.post(url).json(&text).send().await.unwrap();
        let told: Value = told.json().await.unwrap();
        let message = told["message_sid"].as_str().unwrap();
        let url = format!(
            "{}/_simulator/messages?direction=inbound",
            self.twilio.url()
        );
        let all: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
        let all = all["messages"].as_array().unwrap();
        let found = all.iter().find(|row| row["sid"] == message).unwrap();
        let media = found["media"][0]["sid"].as_str().unwrap();
        self.awaited(&address(&format!("Messages/{message}/Media/{media}")))
            .await
    }

    /// Changes a row behind everybody's back.
    async fn alter(&self, row: files::Model, change: impl FnOnce(&mut files::ActiveModel)) {
        let mut row = row.into_active_model();
        change(&mut row);
        row.update(self.db.writer()).await.unwrap();
    }

    /// At a time that is so much later.
    fn tidier(&self, later: TimeDelta, keep: Option<TimeDelta>) -> TidyMedia {
        TidyMedia {
            db: self.db.clone(),
            clock: Clock::manual(self.clock.now() + later),
            bell: self.bell.clone(),
            store: self.store.clone(),
            keep,
            passed_ms: AtomicI64::new(0),
            introduced: AtomicBool::new(false),
        }
    }

    async fn tidy(&self, later: TimeDelta, keep: Option<TimeDelta>) {
        let tidier = self.tidier(later, keep);
        while tidier.round().await.unwrap() == Round::More {}
    }

    /// Keeps a text of these words.
    async fn keep(&self, words: &str) -> Kept {
        let mut spool = self.store.spool(1000).unwrap();
        spool.write(words.as_bytes()).await.unwrap();
        let file = spool.finish().await.unwrap();
        let (conn, clock) = (self.db.writer(), &self.clock);
        let kind = kind::of(&file.head, None);
        attachments::keep(conn, clock, &self.store, self.tenant, &file, kind, None)
            .await
            .unwrap()
    }

    pub(super) async fn upload(&self, words: &str) -> files::Model {
        let kept = self.keep(words).await;
        attachments::add(self.db.writer(), &self.clock, self.tenant, kept, None)
            .await
            .unwrap()
    }

    /// A file of a message.
    async fn sent(&self, words: &str) -> files::Model {
        let row = self.upload(words).await;
        let mut row = row.into_active_model();
        row.message_id = Set(Some(self.submit(THEIRS, "Hello").await));
        row.update(self.db.writer()).await.unwrap()
    }

    /// A file of a message, at this address of Twilio's.
    async fn awaited(&self, url: &str) -> files::Model {
        let mut row = self.sent("x").await.into_active_model();
        row.status = Set(MediaStatus::Pending);
        row.digest = Set(None);
        row.source_url = Set(Some(url.to_owned()));
        row.next_try_ms = Set(Some(self.clock.now_ms() - 1));
        row.update(self.db.writer()).await.unwrap()
    }

    async fn file(&self, row: &files::Model) -> Option<files::Model> {
        files::Entity::find_by_id(row.id)
            .one(self.db.read())
            .await
            .unwrap()
    }

    async fn usage(&self) -> Usage {
        attachments::usage(self.db.read(), self.tenant)
            .await
            .unwrap()
    }

    /// How many files the store has.
    async fn kept(&self) -> usize {
        use futures_util::StreamExt;
        let all = self.store.kept_before(DateTime::<Utc>::MAX_UTC);
        // And the one that says whose they are.
        let keys: Vec<_> = all.collect().await;
        keys.iter()
            .flatten()
            .filter(|key| key.contains('/'))
            .count()
    }
}

fn address(path: &str) -> String {
    format!("https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/{path}")
}

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(9, 9, image::Rgb([1, 2, 3]));
    picture
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

const FILE: &str =
    "Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001";

on_both_databases! {
    async fn a_message_with_files_that_got_no_answer_is_found_and_not_sent_again(db: TestDb) {
        let bench = Bench::new(db).await;
        let card = bench.upload("BEGIN:VCARD\nFN:Ann\nEND:VCARD").await;
        let note = bench.upload("Opening hours").await;
        bench.fault("drop_after_accept", 3, json!({})).await;
        let worker = bench.start();
        // With nothing but a file, with a link, and with both.
        for (words, media) in [
            ("", vec![card.id]),
            ("Hours:", vec![note.id]),
            ("Both:", vec![note.id, card.id]),
        ] {
            let before = bench.at_twilio().await.len();
            let id = bench.submit_with(THEIRS, words, media).await;
            let message = bench.until(id, MessageStatus::Sent).await;
            assert_eq!(bench.at_twilio().await.len(), before + 1, "{words}");
            assert_eq!(bench.outcomes(id).await, [AttemptOutcome::Accepted], "{words}");
            assert!(message.external_id.is_some());
        }
        worker.end().await;
    }

    async fn what_is_not_there_is_tried_again_and_given_up_in_the_end(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.awaited(&address(FILE)).await;
        bench.fetch().await;
        let waiting = bench.file(&row).await.unwrap();
        assert_eq!((waiting.status, waiting.tries), (MediaStatus::Pending, 1));
        assert!(waiting.next_try_ms > row.next_try_ms);
        // Nobody has it before its time.
        bench.fetch().await;
        assert_eq!(bench.file(&row).await.unwrap().tries, 1);
        let mut last = waiting.into_active_model();
        last.tries = Set(8);
        last.next_try_ms = Set(Some(0));
        last.update(bench.db.writer()).await.unwrap();
        bench.fetch().await;
        let given_up = bench.file(&row).await.unwrap();
        assert_eq!(given_up.status, MediaStatus::Failed);
        assert_eq!(given_up.reason, Some(MediaReason::Gone));
        assert_eq!(given_up.next_try_ms, None);
    }

    async fn what_is_not_there_minutes_after_its_text_is_gone(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.awaited(&address(FILE)).await;
        let early = row.created_at - TimeDelta::minutes(11);
        bench.alter(row.clone(), |row| row.created_at = Set(early)).await;
        bench.fetch().await;
        assert_eq!(bench.file(&row).await.unwrap().reason, Some(MediaReason::Gone));
    }

    async fn a_picture_comes_with_a_small_one_and_leaves_no_mark(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.came(&picture()).await;
        bench.fetch().await;
        let row = bench.file(&row).await.unwrap();
        assert_eq!((row.status, row.width, row.decoding), (MediaStatus::Stored, Some(9), false));
        assert!(row.thumbnail_digest.is_some());
    }

    async fn a_picture_that_somebody_died_of_is_kept_and_not_looked_at(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.came(&picture()).await;
        bench.alter(row.clone(), |row| row.decoding = Set(true)).await;
        bench.fetch().await;
        let row = bench.file(&row).await.unwrap();
        assert_eq!((row.status, row.thumbnail_digest), (MediaStatus::Stored, None));
        assert_eq!(row.content_type, "image/png");
    }

    async fn a_file_that_nobody_survives_is_given_up(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.came(&picture()).await;
        // As often as it is tried; nobody lived to write down how it ended.
        bench.alter(row.clone(), |row| row.tries = Set(9)).await;
        bench.fetch().await;
        assert_eq!(bench.file(&row).await.unwrap().status, MediaStatus::Failed);
    }

    async fn a_store_that_does_not_work_is_no_fault_of_the_file(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.came(&picture()).await;
        let folder = bench._files.path().join("coming");
        std::fs::remove_dir(&folder).unwrap();
        for _ in 0..12 {
            bench.fetch().await;
            let waiting = bench.file(&row).await.unwrap();
            assert_eq!((waiting.status, waiting.tries), (MediaStatus::Pending, 0));
            bench.alter(waiting, |row| row.next_try_ms = Set(Some(0))).await;
        }
        std::fs::create_dir(&folder).unwrap();
        bench.fetch().await;
        assert_eq!(bench.file(&row).await.unwrap().status, MediaStatus::Stored);
    }

    async fn what_hangs_keeps_nothing_else_waiting(db: TestDb) {
        let bench = Bench::new(db).await;
        let slow = bench.came(&picture()).await;
        bench.fault("latency", 1, json!({"on": "media", "latency_ms": 3000})).await;
        let tasks = TaskTracker::new();
        let job = FetchMedia::new(bench.errand(), tasks.clone());
        assert_eq!(job.round().await.unwrap(), Round::More);
        tokio::time::sleep(Duration::from_millis(200)).await;
        let quick = bench.came(&picture()).await;
        let begun = std::time::Instant::now();
        while bench.file(&quick).await.unwrap().status == MediaStatus::Pending {
            job.round().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert!(begun.elapsed() < Duration::from_millis(2500));
        }
        assert_eq!(bench.file(&slow).await.unwrap().status, MediaStatus::Pending);
        tasks.close();
        tasks.wait().await;
        assert_eq!(bench.file(&slow).await.unwrap().status, MediaStatus::Stored);
    }

    async fn what_can_not_be_deleted_at_twilio_stays_written_down(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.came(&picture()).await;
        bench.fetch().await;
        let here = bench.file(&row).await.unwrap();
        bench.fault("unavailable", 1, json!({"on": "media"})).await;
        bench.alter(here, |row| {
            row.tries = Set(8);
            row.next_try_ms = Set(Some(0));
        }).await;
        bench.fetch().await;
        let left = bench.file(&row).await.unwrap();
        assert_eq!((left.status, left.next_try_ms), (MediaStatus::Stored, None));
        assert_eq!(left.source_url, row.source_url);
        // With Twilio's consent it goes.
        bench.alter(left, |row| row.next_try_ms = Set(Some(0))).await;
        bench.fetch().await;
        let gone = bench.file(&row).await.unwrap();
        assert_eq!((gone.source_url, gone.next_try_ms), (None, None));
    }

    async fn an_address_that_is_not_twilios_is_never_asked(db: TestDb) {
        let bench = Bench::new(db).await;
        for url in ["http://169.254.169.254/latest/meta-data", "", &address("Keys/SK1")] {
            let row = bench.awaited(url).await;
            bench.fetch().await;
            let row = bench.file(&row).await.unwrap();
            assert_eq!(row.reason, Some(MediaReason::Misplaced), "{url}");
        }
    }

    async fn the_same_content_is_kept_once(db: TestDb) {
        let bench = Bench::new(db).await;
        let (one, two) = (bench.upload("the same").await, bench.upload("the same").await);
        assert_eq!(one.digest, two.digest);
        assert_eq!(bench.usage().await, Usage { files: 1, bytes: 8 });
        assert_eq!(bench.kept().await, 1);
    }

    async fn a_content_that_the_store_has_lost_comes_back_with_the_next_upload(db: TestDb) {
        let bench = Bench::new(db).await;
        let one = bench.upload("the same").await;
        let find = || blob::Entity::find().one(bench.db.read());
        let lost = find().await.unwrap().unwrap().key;
        bench.store.delete(&lost).await.unwrap();
        let two = bench.upload("the same").await;
        assert_eq!(one.digest, two.digest);
        let key = find().await.unwrap().unwrap().key;
        assert!(key != lost && bench.store.has(&key).await.unwrap());
        assert_eq!(bench.usage().await, Usage { files: 1, bytes: 8 });
    }

    async fn what_nothing_needs_is_removed_and_nothing_else(db: TestDb) {
        let bench = Bench::new(db).await;
        let message = bench.sent("used").await.message_id.unwrap();
        let unused = bench.upload("unused").await;
        let shared = bench.upload("used").await;
        // Kept by somebody who died before they wrote it down.
        bench.keep("lost").await;
        assert_eq!(bench.kept().await, 3);
        bench.tidy(TimeDelta::minutes(30), None).await;
        assert_eq!(bench.kept().await, 3);
        bench.tidy(TimeDelta::hours(2), None).await;
        assert_eq!(bench.kept().await, 2);
        assert!(bench.file(&unused).await.is_some());
        bench.tidy(TimeDelta::hours(25), None).await;
        assert!(bench.file(&unused).await.is_none() && bench.file(&shared).await.is_none());
        assert_eq!(bench.usage().await, Usage { files: 1, bytes: 4 });
        // The lead is erased, and its messages with it.
        message::Entity::delete_by_id((message, bench.tenant)).exec(bench.db.writer()).await.unwrap();
        bench.tidy(TimeDelta::hours(2), None).await;
        assert_eq!((bench.usage().await, bench.kept().await), (Usage::default(), 0));
    }

    async fn a_file_that_no_row_names_is_found_in_the_store(db: TestDb) {
        let bench = Bench::new(db).await;
        bench.tidy(TimeDelta::zero(), None).await;
        let lost = format!("{}/{}", bench.tenant, bench.clock.uuid());
        // What somebody else keeps in the same place.
        for key in [lost.as_str(), "a/b", "backup.tar"] {
            bench.store.put_bytes(key, "text/plain", b"x".to_vec()).await.unwrap();
        }
        bench.sent("known").await;
        bench.tidy(TimeDelta::hours(23), None).await;
        bench.store.get(&lost, None).await.unwrap();
        bench.tidy(TimeDelta::hours(25), None).await;
        assert!(matches!(bench.store.get(&lost, None).await, Err(StoreError::NotFound)));
        let known = blob::Entity::find().one(bench.db.read()).await.unwrap().unwrap();
        for key in [known.key.as_str(), "a/b", "backup.tar"] {
            bench.store.get(key, None).await.unwrap();
        }
    }

    async fn a_start_with_another_database_leaves_the_store_as_it_is(db: TestDb) {
        let bench = Bench::new(db).await;
        let another = bench.clock.uuid();
        assert_eq!(bench.store.claim(another).await.unwrap(), another.to_string());
        let theirs = format!("{}/{}", bench.clock.uuid(), bench.clock.uuid());
        bench.store.put_bytes(&theirs, "text/plain", b"x".to_vec()).await.unwrap();
        for hours in [0, 25, 50] {
            bench.tidy(TimeDelta::hours(hours), None).await;
        }
        bench.store.get(&theirs, None).await.unwrap();
    }

    async fn old_files_go_and_their_messages_stay(db: TestDb) {
        let bench = Bench::new(db).await;
        let row = bench.sent("old").await;
        let waits = bench.sent("waits").await;
        let mut message = bench.message(row.message_id.unwrap()).await.into_active_model();
        message.status = Set(MessageStatus::Sent);
        message.update(bench.db.writer()).await.unwrap();
        let keep = Some(TimeDelta::days(30));
        bench.tidy(TimeDelta::days(29), keep).await;
        assert_eq!(bench.file(&row).await.unwrap().status, MediaStatus::Stored);
        bench.tidy(TimeDelta::days(31), keep).await;
        let row = bench.file(&row).await.unwrap();
        assert_eq!((row.status, row.digest), (MediaStatus::Removed, None));
        assert_eq!(bench.file(&waits).await.unwrap().status, MediaStatus::Stored);
        assert_eq!(bench.kept().await, 1);
        bench.message(row.message_id.unwrap()).await;
    }
}
