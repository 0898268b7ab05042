//! Removes files that nothing needs any more: uploads that were never sent, what is left of leads that
//! were erased, what is older than files are kept, and what somebody left behind who died at it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ::media::{Store, StoreError};
use chrono::TimeDelta;
use conversations::attachments;
use db::Db;
use entity::clock::Clock;
use futures_util::StreamExt;
use sea_orm::DbErr;

use super::{Job, Round};

/// How long an upload may wait for its message.
const UNUSED_FOR: TimeDelta = TimeDelta::hours(24);

/// How often the store is gone through for files that no row names, and how old those have to be.
const SWEEP_EVERY: TimeDelta = TimeDelta::hours(24);

/// How many files are asked about at once.
const CHUNK: usize = 500;

/// Removes what is not needed. Comes round every five minutes.
#[derive(Debug)]
pub(crate) struct TidyMedia {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    /// How long files are kept; for ever without it.
    pub(crate) keep: Option<TimeDelta>,
    /// When the store was gone through last, in milliseconds since 1970.
    pub(crate) swept_ms: AtomicI64,
}

impl Job for TidyMedia {
    const NAME: &'static str = "tidy_media";
    const EVERY: Duration = Duration::from_secs(300);

    async fn round(&self) -> Result<Round, DbErr> {
        let now = self.clock.now();
        let tx = self.db.write_tx().await?;
        let mut removed = attachments::remove_unused(&tx, now - UNUSED_FOR).await?;
        if let Some(keep) = self.keep {
            removed += attachments::remove_old(&tx, &self.clock, now - keep).await?;
        }
        tx.commit().await?;
        let tx = self.db.write_tx().await?;
        let keys = attachments::unneeded_blobs(&tx, &self.clock).await?;
        tx.commit().await?;
        removed += keys.len() as u64;
        for key in &keys {
            // What can't be removed now is found by the sweep.
            if let Err(error) = self.store.delete(key).await {
                tell(&error);
            }
        }
        if removed > 0 {
            tracing::info!(removed, "Removed files that nothing needs any more");
            return Ok(Round::More);
        }
        self.sweep().await?;
        Ok(Round::Done)
    }
}

impl TidyMedia {
    async fn sweep(&self) -> Result<(), DbErr> {
        let now_ms = self.clock.now_ms();
        if now_ms - self.swept_ms.load(Ordering::Relaxed) < SWEEP_EVERY.num_milliseconds() {
            return Ok(());
        }
        self.swept_ms.store(now_ms, Ordering::Relaxed);
        let kept = self.store.kept_before(self.clock.now() - SWEEP_EVERY);
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
            for key in &unknown {
                if let Err(error) = self.store.delete(key).await {
                    tell(&error);
                }
            }
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
