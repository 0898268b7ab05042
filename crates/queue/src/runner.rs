//! The loop of a worker: claim, wait for the instant, do, again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use db::Db;
use entity::clock::Clock;
use sea_orm::DbErr;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::claim::{HORIZON_MS, has_use_for, next_wake};
use crate::gate::{Gates, Turn};
use crate::group::Group;
use crate::tally::Tally;
use crate::time::{micros, now_ms};
use crate::{Want, claim, crew, release_expired, unstick};

/// How often a worker looks although nobody woke it: work queued by another process, and pieces
/// whose time comes by itself.
const POLL: Duration = Duration::from_millis(HORIZON_MS.unsigned_abs());

/// How long before a lane's next instant its pieces are claimed: half of what a claim looks ahead,
/// so that a look may come late by the other half without the lane losing an instant.
const AHEAD_MS: i64 = HORIZON_MS / 2;

/// How long to wait while as much is in hand as may be: for a few to finish, as claiming each
/// single one would cost a commit each.
const FULL: Duration = Duration::from_millis(10);

/// How often a worker says that it lives.
const BEAT: Duration = Duration::from_secs(2);

/// How often the leases of the dead are collected.
const SWEEP: Duration = Duration::from_secs(5);

/// How long to leave the database alone after it failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// One of so many hands is for replies alone.
const RESERVED: usize = 8;

/// One of so many hands that are free is too little to claim for, if a moment makes it more: a claim of
/// one piece costs about as much as one of many.
const FEW: usize = 16;

/// From how many lanes one claim takes.
const LANES: u64 = 64;

/// Does a claimed piece of work. It waits for its turn by [`Turn::comes`], says by [`Turn::carried_out`] when
/// there is nothing left to do but to write down what came of it, and settles the claim itself, in the
/// transaction that records the result: by [`crate::done`] or [`crate::again`].
pub trait Handler: Send + Sync + 'static {
    /// Does one piece; what goes wrong is the handler's to record.
    fn handle(&self, turn: Turn) -> impl Future<Output = ()> + Send;
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
    /// Set to the time of the latest successful look, in milliseconds since 1970 by `clock`.
    pub beat: Arc<AtomicI64>,
    /// How many pieces may be under way at once. While they are carried out quickly, some more are prepared.
    pub concurrency: usize,
    /// How many of one group, over all workers.
    pub group_concurrency: usize,
    /// How long a claim lasts; three request time-outs or more.
    pub lease: Duration,
}

impl Runner {
    /// Runs until `stop`, then finishes what is in hand.
    pub async fn run<H: Handler>(self, handler: Arc<H>, stop: CancellationToken) {
        let mut hands = Hands::new(self);
        while !stop.is_cancelled() {
            let pause = match hands.round(&handler).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(error = %error, "the queue can't be read; trying again");
                    AFTER_ERROR
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = hands.runner.wake.notified(), if pause != FULL && pause != AFTER_ERROR => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        hands.finish().await;
    }
}

/// What a worker has in hand of each group.
type InHand = Arc<Mutex<HashMap<Group, usize>>>;

/// A runner at work.
struct Hands {
    runner: Runner,
    /// Names this process to the others.
    worker: Uuid,
    tally: Tally,
    tasks: TaskTracker,
    in_hand: InHand,
    gates: Gates,
    /// How many workers there are.
    crew: usize,
    /// How far the database's clock is ahead of ours.
    ahead_ms: i64,
    beaten: Option<Instant>,
    swept: Option<Instant>,
    /// Whether more free hands have been waited for.
    has_waited: bool,
}

impl Hands {
    fn new(runner: Runner) -> Self {
        Self {
            worker: runner.clock.uuid(),
            tally: Tally::new(runner.concurrency),
            tasks: TaskTracker::new(),
            in_hand: InHand::default(),
            gates: Gates::default(),
            crew: 1,
            ahead_ms: 0,
            beaten: None,
            swept: None,
            has_waited: false,
            runner,
        }
    }

    /// One look; says how long to wait until the next.
    async fn round<H: Handler>(&mut self, handler: &Arc<H>) -> Result<Duration, DbErr> {
        self.keep_house().await?;
        let free = self.tally.free(self.tasks.len(), Instant::now());
        let now_ms = self.runner.clock.now_ms() + self.ahead_ms;
        // Only a look: idle workers must not keep the write lock from those who have work.
        let wake_ms = next_wake(self.runner.db.read(), self.worker, now_ms).await?;
        let beat_ms = self.runner.clock.now_ms();
        self.runner.beat.store(beat_ms, Ordering::Relaxed);
        if free == 0 {
            return Ok(FULL);
        }
        let mut want = self.want(free);
        let for_others = want.most.saturating_sub(want.for_replies);
        let is_few = for_others < self.runner.concurrency / FEW;
        self.has_waited = is_few && !self.has_waited;
        if self.has_waited {
            // Only what can't wait, this time.
            want.for_replies = want.most;
        }
        if !has_use_for(self.runner.db.read(), &want, now_ms).await? {
            return Ok(FULL);
        }
        let Some(wait_ms) = wake_ms.map(|wake_ms| wake_ms - now_ms - AHEAD_MS) else {
            return Ok(POLL);
        };
        if wait_ms > 0 {
            let wait = Duration::from_millis(wait_ms.unsigned_abs());
            return Ok(Ord::min(wait, POLL));
        }
        let turns = self.claim(&want).await?;
        if turns.is_empty() {
            // Others have it, or its group is not to be asked now.
            return Ok(FULL);
        }
        for turn in turns {
            self.hand_on(turn, handler);
        }
        Ok(Duration::ZERO)
    }

    fn want(&self, most: usize) -> Want {
        let runner = &self.runner;
        Want {
            worker: self.worker,
            lease: runner.clock.uuid(),
            lease_ms: millis(runner.lease),
            lanes: LANES,
            most,
            for_replies: runner.concurrency / RESERVED,
            of_group: Ord::max(runner.group_concurrency / self.crew, 1),
            in_hand: lock(&self.in_hand).clone(),
        }
    }

    async fn claim(&mut self, want: &Want) -> Result<Vec<Turn>, DbErr> {
        let runner = &self.runner;
        let tx = runner.db.write_tx().await?;
        let now_ms = now_ms(&tx, &runner.clock).await?;
        let now = Instant::now();
        let claims = claim(&tx, want, now_ms).await?;
        tx.commit().await?;
        let turn = |claim| self.gates.turn(claim, micros(now_ms), now);
        Ok(claims.into_iter().map(turn).collect())
    }

    fn hand_on<H: Handler>(&self, turn: Turn, handler: &Arc<H>) {
        let held = Held::new(&self.in_hand, turn.claim.group.clone());
        let turn = turn.in_hand(self.tally.hand());
        let handler = Arc::clone(handler);
        self.tasks.spawn(async move {
            handler.handle(turn).await;
            drop(held);
        });
    }

    async fn keep_house(&mut self) -> Result<(), DbErr> {
        let is_over = |since: Option<Instant>, wait| since.is_none_or(|at| at.elapsed() >= wait);
        if is_over(self.beaten, BEAT) {
            let conn = self.runner.db.writer();
            let now_ms = now_ms(conn, &self.runner.clock).await?;
            self.ahead_ms = now_ms - self.runner.clock.now_ms();
            self.crew = crew::beat(conn, self.worker, now_ms).await?;
            self.beaten = Some(Instant::now());
            self.gates.tidy();
        }
        if is_over(self.swept, SWEEP) {
            self.sweep().await?;
            self.swept = Some(Instant::now());
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<(), DbErr> {
        let tx = self.runner.db.write_tx().await?;
        let now_ms = now_ms(&tx, &self.runner.clock).await?;
        let released = release_expired(&tx, now_ms, millis(self.runner.lease)).await?;
        let unstuck = unstick(&tx, now_ms).await?;
        tx.commit().await?;
        if released > 0 {
            tracing::warn!(
                released,
                "gave back work whose holder did not finish in time"
            );
        }
        if unstuck > 0 {
            tracing::warn!(
                unstuck,
                "freed numbers that would have stood still for hours; has a clock been set back?"
            );
        }
        Ok(())
    }

    async fn finish(self) {
        self.tasks.close();
        self.tasks.wait().await;
        if let Err(error) = crew::leave(self.runner.db.writer(), self.worker).await {
            // The others see it by the silence.
            tracing::debug!(error = %error, "a worker could not say that it ends");
        }
    }
}

/// A piece in hand; counted until it is dropped, however its task ends.
struct Held {
    in_hand: InHand,
    group: Group,
}

impl Held {
    fn new(in_hand: &InHand, group: Group) -> Self {
        *lock(in_hand).entry(group.clone()).or_default() += 1;
        Self {
            in_hand: Arc::clone(in_hand),
            group,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut in_hand = lock(&self.in_hand);
        if let Some(count) = in_hand.get_mut(&self.group) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                in_hand.remove(&self.group);
            }
        }
    }
}

fn lock(in_hand: &InHand) -> std::sync::MutexGuard<'_, HashMap<Group, usize>> {
    in_hand.lock().unwrap_or_else(PoisonError::into_inner)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
