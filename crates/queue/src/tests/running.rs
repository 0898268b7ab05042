//! The loop, with a real clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use test_db::{TestDb, on_both_databases};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{Handler, Runner, Turn};

/// Notes when each piece might begin, sees to it that it did not before, and finishes it.
struct Notes {
    db: Db,
    begun: Mutex<Vec<Instant>>,
    takes: Duration,
}

impl Handler for Notes {
    async fn handle(&self, turn: Turn) {
        turn.comes().await;
        let claim = &turn.claim;
        self.begun.lock().unwrap().push(Instant::now());
        tokio::time::sleep(self.takes).await;
        commit!(self.db, |tx| crate::done(&tx, claim.entry, claim.lease));
    }
}

struct Running {
    notes: Arc<Notes>,
    wake: Arc<Notify>,
    beat: Arc<AtomicI64>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

fn run(db: &Db, takes: Duration) -> Running {
    let (wake, beat) = (Arc::new(Notify::new()), Arc::new(AtomicI64::new(0)));
    let notes = Arc::new(Notes {
        db: db.clone(),
        begun: Mutex::default(),
        takes,
    });
    let stop = CancellationToken::new();
    let runner = Runner {
        db: db.clone(),
        clock: Clock::System,
        wake: Arc::clone(&wake),
        beat: Arc::clone(&beat),
        concurrency: 4,
        group_concurrency: 4,
        lease: Duration::from_secs(45),
    };
    let task = tokio::spawn(runner.run(Arc::clone(&notes), stop.clone()));
    Running {
        notes,
        wake,
        beat,
        stop,
        task,
    }
}

impl Running {
    async fn until(&self, count: usize) -> Vec<Instant> {
        for _ in 0..1000 {
            let begun = self.notes.begun.lock().unwrap().clone();
            if begun.len() >= count {
                return begun;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("too little was done within ten seconds");
    }
}

on_both_databases! {
    async fn work_is_done_at_the_pace_of_its_lane(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        for _ in 0..8 {
            let new = entry(&channel, Class::Normal, 1, NOW_MS);
            let gap_us = 60_000;
            enqueue(db, &NewEntry { gap_us, due_at_ms: Clock::System.now_ms(), ..new }).await;
        }
        let running = run(db, Duration::ZERO);
        let begun = running.until(8).await;
        let gaps: Vec<_> = begun.windows(2).map(|pair| pair[1] - pair[0]).collect();
        // However late one was, the next keeps away from it.
        assert!(gaps.iter().all(|gap| *gap >= Duration::from_millis(52)), "{gaps:?}");
        assert!(running.beat.load(Ordering::Relaxed) > 0);
        running.stop.cancel();
        running.task.await.unwrap();
    }

    async fn what_is_in_hand_is_finished_before_it_stops(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let running = run(db, Duration::from_millis(400));
        queue_one(db, &channel).await;
        running.wake.notify_one();
        running.until(1).await;
        running.stop.cancel();
        running.task.await.unwrap();
        let left = entity::lane_entry::Entity::find().all(db.read()).await.unwrap();
        assert_eq!(left, [], "done, although it was told to stop in the middle");
    }
}
