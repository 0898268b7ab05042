//! What Trunkline does when nobody is asking: it sends what is queued, and keeps the house.
//!
//! The promise: a text that was accepted is sent once, or somebody can read why not. Every step
//! is written down before the next one is taken, so that a worker may die anywhere: what it had
//! in hand comes back when its lease runs out, and is then looked up rather than sent again.
//! Any number of workers may run against one database; none is special.

mod figures;
mod jobs;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use channels::KeyRing;
use chrono::TimeDelta;
use conversations::sending::RetryPolicy;
use db::Db;
use entity::clock::Clock;
use events::Bell;
use media::picture::Studio;
use media::{Links, Store};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use jobs::{
    CatchUp, Errand, FetchMedia, Forget, ImportLeads, IndexSearch, SendMessage, TidyMedia,
    WakeSnoozed, WatchQueue, repeat,
};

/// How long the queue may go without a look before the worker no longer counts as alive.
const SILENCE: Duration = Duration::from_secs(15);

/// How often that is checked.
const WATCH: Duration = Duration::from_millis(100);

/// A worker, ready to run.
#[derive(Debug)]
pub struct Worker {
    /// Where everything is.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// Rung for who follows what happens.
    pub bell: Bell,
    /// The keys that open the channels' credentials.
    pub keys: Arc<KeyRing>,
    /// The way to Twilio, or to a stand-in.
    pub twilio: twilio::Client,
    /// Where Twilio reaches us; status callbacks begin with it.
    pub public_url: String,
    /// Where files are kept.
    pub store: Store,
    /// Looks at pictures.
    pub studio: Studio,
    /// Links to files.
    pub links: Links,
    /// How long files are kept; for ever without it.
    pub keep_media: Option<TimeDelta>,
    /// How often, and when, a text is tried again.
    pub policy: RetryPolicy,
    /// Rung when this process has queued something.
    pub wake: Arc<Notify>,
    /// Whether the queue is being worked off; kept up to date while the worker runs.
    pub alive: Arc<AtomicBool>,
    /// How many requests may be under way to Twilio at once.
    pub concurrency: usize,
    /// How many of one Twilio account, over all workers.
    pub account_concurrency: usize,
    /// How long a text may be in hand; three request time-outs or more.
    pub lease: Duration,
    /// How often Twilio's lists are compared with ours.
    pub catch_up: Duration,
}

impl Worker {
    /// Works until `stop`, then finishes what is in hand.
    pub async fn run(self, stop: CancellationToken) {
        figures::describe();
        let (db, clock) = (self.db.clone(), self.clock.clone());
        let beat = Arc::new(AtomicI64::new(0));
        let jobs = TaskTracker::new();
        let snoozed = WakeSnoozed {
            db: db.clone(),
            clock: clock.clone(),
            bell: self.bell.clone(),
        };
        let forget = Forget {
            db: db.clone(),
            clock: clock.clone(),
        };
        let import_leads = ImportLeads {
            db: db.clone(),
            clock: clock.clone(),
            bell: self.bell.clone(),
            store: self.store.clone(),
        };
        let index_search = IndexSearch {
            db: db.clone(),
            clock: clock.clone(),
            all_looked_at: Mutex::default(),
        };
        let watched = WatchQueue {
            db: db.clone(),
            clock: clock.clone(),
        };
        let catch_up = CatchUp {
            db: db.clone(),
            clock: clock.clone(),
            bell: self.bell.clone(),
            keys: Arc::clone(&self.keys),
            twilio: self.twilio.clone(),
            policy: self.policy.clone(),
            every: self.catch_up,
            enrolled_ms: AtomicI64::new(0),
            present: AtomicBool::new(false),
        };
        let errand = Errand {
            db: db.clone(),
            clock: clock.clone(),
            bell: self.bell.clone(),
            keys: Arc::clone(&self.keys),
            twilio: self.twilio.clone(),
            store: self.store.clone(),
            studio: self.studio.clone(),
            decoding: Mutex::default(),
        };
        let fetch_media = FetchMedia::new(errand, jobs.clone());
        let tidy_media = TidyMedia {
            db: db.clone(),
            clock: clock.clone(),
            bell: self.bell.clone(),
            store: self.store.clone(),
            keep: self.keep_media,
            passed_ms: AtomicI64::new(0),
            introduced: AtomicBool::new(false),
        };
        jobs.spawn(repeat(catch_up, stop.clone()));
        jobs.spawn(repeat(fetch_media, stop.clone()));
        jobs.spawn(repeat(tidy_media, stop.clone()));
        jobs.spawn(repeat(import_leads, stop.clone()));
        jobs.spawn(repeat(index_search, stop.clone()));
        jobs.spawn(repeat(snoozed, stop.clone()));
        jobs.spawn(repeat(watched, stop.clone()));
        jobs.spawn(repeat(forget, stop.clone()));
        jobs.spawn(watch(
            Arc::clone(&beat),
            Arc::clone(&self.alive),
            clock.clone(),
            stop.clone(),
        ));
        jobs.close();
        let runner = queue::Runner {
            db,
            clock,
            wake: Arc::clone(&self.wake),
            beat,
            concurrency: self.concurrency,
            group_concurrency: self.account_concurrency,
            lease: self.lease,
        };
        runner.run(Arc::new(SendMessage::from(self)), stop).await;
        jobs.wait().await;
    }
}

/// Says whether the queue is being worked off: a loop that hangs can't say so itself.
async fn watch(
    beat: Arc<AtomicI64>,
    alive: Arc<AtomicBool>,
    clock: Clock,
    stop: CancellationToken,
) {
    let silence_ms = i64::try_from(SILENCE.as_millis()).unwrap_or(i64::MAX);
    while !stop.is_cancelled() {
        let silent_ms = clock.now_ms() - beat.load(Ordering::Relaxed);
        alive.store(silent_ms < silence_ms, Ordering::Relaxed);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(WATCH) => {}
        }
    }
    alive.store(false, Ordering::Relaxed);
}
