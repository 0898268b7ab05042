//! Removes files that nothing needs any more: uploads that were never sent, what is left of leads that
//! were erased, what is older than files are kept, and what somebody left behind who died at it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use ::media::{Store, StoreError};
use chrono::TimeDelta;
use conversations::attachments;
use db::Db;
use entity::clock::Clock;
use events::{Bell, Outbox};
use futures_util::StreamExt;
use sea_orm::DbErr;
use sea_orm::prelude::Uuid;

use super::{Job, Round};

/// How long an upload may wait for its message.
const UNUSED_FOR: TimeDelta = TimeDelta::hours(24);

/// How often all blobs are asked about: each is, whether anything was removed or not.
const PASS_EVERY: TimeDelta = TimeDelta::hours(1);

/// How often the store is gone through for files that no row names, and how old those have to be. By
/// the database's memory: a start is not the time for it, least of all one with wrong settings.
const SWEEP_EVERY: TimeDelta = TimeDelta::hours(24);

/// How many files are asked about at once.
const CHUNK: usize = 500;

/// Removes what is not needed. Comes round every five minutes.
#[derive(Debug)]
pub(crate) struct TidyMedia {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bell: Bell,
    pub(crate) store: Store,
    /// How long files are kept; for ever without it.
    pub(crate) keep: Option<TimeDelta>,
    /// When the blobs were gone through last, in milliseconds since 1970.
    pub(crate) passed_ms: AtomicI64,
    /// Whether the store has been asked whose it is.
    pub(crate) introduced: AtomicBool,
}

impl Job for TidyMedia {
    const NAME: &'static str = "tidy_media";
    const EVERY: Duration = Duration::from_secs(300);

    async fn round(&self) -> Result<Round, DbErr> {
        let now = self.clock.now();
        let (tx, mut outbox) = (self.db.write_tx().await?, Outbox::new());
        let mut removed = attachments::remove_unused(&tx, now - UNUSED_FOR).await?;
        if let Some(keep) = self.keep {
            removed += attachments::remove_old(&tx, &self.clock, &mut outbox, now - keep).await?;
        }
        outbox.commit(tx, now, &self.bell).await?;
        if removed > 0 {
            tracing::info!(removed, "Removed files whose time was over");
            return Ok(Round::More);
        }
        if self.comes_round(&self.passed_ms, PASS_EVERY) {
            self.pass().await?;
        }
        let ours = attachments::installation(self.db.writer(), &self.clock).await?;
        if !self.introduced.load(Ordering::Relaxed) {
            let known = self.is_ours(ours).await.is_some();
            self.introduced.store(known, Ordering::Relaxed);
        }
        if attachments::take_sweep(self.db.writer(), &self.clock, SWEEP_EVERY).await?
            && self.is_ours(ours).await == Some(true)
        {
            self.sweep().await?;
        }
        Ok(Round::Done)
    }
}

impl TidyMedia {
    fn comes_round(&self, last_ms: &AtomicI64, every: TimeDelta) -> bool {
        let now_ms = self.clock.now_ms();
        let comes = now_ms - last_ms.load(Ordering::Relaxed) >= every.num_milliseconds();
        if comes {
            last_ms.store(now_ms, Ordering::Relaxed);
        }
        comes
    }

    /// Goes through all blobs, a few in each transaction.
    async fn pass(&self) -> Result<(), DbErr> {
        let mut after = None;
        loop {
            let (tx, mut outbox) = (self.db.write_tx().await?, Outbox::new());
            let (clock, from) = (&self.clock, after.as_ref());
            let passed = attachments::remove_unneeded_blobs(&tx, clock, &mut outbox, from).await?;
            outbox.commit(tx, clock.now(), &self.bell).await?;
            if !passed.keys.is_empty() {
                let files = passed.keys.len();
                tracing::info!(files, "Removed files that nothing shows any more");
            }
            self.delete(&passed.keys).await;
            if passed.next.is_none() {
                return Ok(());
            }
            after = passed.next;
        }
    }

    /// What can't be removed now is found by the sweep.
    async fn delete(&self, keys: &[String]) {
        for key in keys {
            if let Err(error) = self.store.delete(key).await {
                tell(&error);
            }
        }
    }

    /// Whether the store belongs to this database, if it says so: one that belongs to none does from
    /// now on.
    async fn is_ours(&self, ours: Uuid) -> Option<bool> {
        match self.store.claim(ours).await {
            Ok(owner) if owner == ours.to_string() => Some(true),
            Ok(owner) => {
                tracing::error!(
                    store.installation = %owner,
                    database.installation = %ours,
                    "The store for files belongs to another database, so nothing in it is swept; \
                     one of media.url and database.url is wrong",
                );
                Some(false)
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "The store for files does not say whose it is; nothing in it is swept",
                );
                None
            }
        }
    }

    async fn sweep(&self) -> Result<(), DbErr> {
        let before = self.clock.now() - SWEEP_EVERY;
        if let Err(error) = self.store.remove_staged(before).await {
            tell(&error);
        }
        let kept = self.store.kept_before(before);
        let mut chunks = kept.chunks(CHUNK);
        while let Some(chunk) = chunks.next().await {
            let keys: Result<Vec<String>, StoreError> = chunk.into_iter().collect();
            let keys = match keys {
                Ok(keys) => keys,
                Err(error) => {
                    tell(&error);
                    return Ok(());
                }
            };
            let unknown = attachments::unknown_keys(self.db.read(), keys).await?;
            self.delete(&unknown).await;
            if !unknown.is_empty() {
                let files = unknown.len();
                tracing::info!(files, "Removed files that no row names");
            }
        }
        Ok(())
    }
}

fn tell(error: &StoreError) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "A file that nothing needs any more can't be removed; it is tried again",
    );
}
