//! The loop of a worker: claim, wait for the instant, do, again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use db::Db;
use entity::clock::Clock;
use sea_orm::DbErr;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::claim::{HORIZON_MS, is_due};
use crate::{Claim, claim, release_expired};

/// How often a worker looks although nobody woke it: work queued by another process, and pieces
/// whose time comes by itself.
const POLL: Duration = Duration::from_millis(HORIZON_MS.unsigned_abs());

/// How long to wait while as much is in hand as may be: for a few to finish, as claiming each
/// single one would cost a commit each.
const FULL: Duration = Duration::from_millis(10);

/// How often the leases of the dead are collected.
const SWEEP: Duration = Duration::from_secs(5);

/// How long to leave the database alone after it failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Does a claimed piece of work. It settles the claim itself, in the transaction that records
/// the result: by [`crate::done`] or [`crate::again`].
pub trait Handler: Send + Sync + 'static {
    /// Does one piece; what goes wrong is the handler's to record.
    fn handle(&self, claim: Claim) -> impl Future<Output = ()> + Send;
}

/// What came of a look.
enum Look {
    /// As much is in hand as may be.
    Full,
    /// There was nothing to do, or others had it.
    Nothing,
    /// Something is being done now, and there may be more.
    Claimed,
}

/// Claims work and hands it on, as long as it is not told to stop.
#[derive(Debug)]
pub struct Runner {
    /// Where the lanes are.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// Rung when this process has queued something.
    pub wake: Arc<Notify>,
    /// Set to the time of the latest successful look, in milliseconds since 1970.
    pub beat: Arc<AtomicI64>,
    /// How many pieces may be in hand at once.
    pub concurrency: usize,
    /// How long a claim lasts; three request time-outs or more.
    pub lease: Duration,
}

impl Runner {
    /// Runs until `stop`, then finishes what is in hand.
    pub async fn run<H: Handler>(self, handler: Arc<H>, stop: CancellationToken) {
        let permits = Arc::new(Semaphore::new(self.concurrency));
        let tasks = TaskTracker::new();
        let mut swept_ms = 0;
        while !stop.is_cancelled() {
            let pause = match self.round(&permits, &tasks, &handler, &mut swept_ms).await {
                Ok(Look::Full) => FULL,
                Ok(Look::Nothing) => POLL,
                Ok(Look::Claimed) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(error = %error, "the queue can't be read; trying again");
                    AFTER_ERROR
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified(), if pause == POLL => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    /// One look.
    async fn round<H: Handler>(
        &self,
        permits: &Arc<Semaphore>,
        tasks: &TaskTracker,
        handler: &Arc<H>,
        swept_ms: &mut i64,
    ) -> Result<Look, DbErr> {
        let now_ms = self.clock.now_ms();
        if now_ms - *swept_ms >= millis(SWEEP) {
            *swept_ms = now_ms;
            self.sweep(now_ms).await?;
        }
        let free = permits.available_permits();
        // Only a look: idle workers must not keep the write lock from those who have work.
        let due = free > 0 && is_due(self.db.read(), now_ms).await?;
        self.beat.store(now_ms, Ordering::Relaxed);
        if free == 0 {
            return Ok(Look::Full);
        }
        let claims = if due {
            self.claim(now_ms, free).await?
        } else {
            Vec::new()
        };
        let look = if claims.is_empty() {
            Look::Nothing
        } else {
            Look::Claimed
        };
        for claim in claims {
            // There is a permit for each: only this loop takes any.
            let permit = Arc::clone(permits).try_acquire_owned().ok();
            let (handler, clock) = (Arc::clone(handler), self.clock.clone());
            tasks.spawn(async move {
                let early = claim.start_at_ms - clock.now_ms();
                tokio::time::sleep(Duration::from_millis(u64::try_from(early).unwrap_or(0))).await;
                handler.handle(claim).await;
                drop(permit);
            });
        }
        Ok(look)
    }

    async fn claim(&self, now_ms: i64, most: usize) -> Result<Vec<Claim>, DbErr> {
        let tx = self.db.write_tx().await?;
        let lease = self.clock.uuid();
        let claims = claim(&tx, lease, now_ms, millis(self.lease), 16, most).await?;
        tx.commit().await?;
        Ok(claims)
    }

    async fn sweep(&self, now_ms: i64) -> Result<(), DbErr> {
        let tx = self.db.write_tx().await?;
        let released = release_expired(&tx, now_ms).await?;
        tx.commit().await?;
        if released > 0 {
            tracing::warn!(
                released,
                "gave back work whose holder did not finish in time"
            );
        }
        Ok(())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
