//! With an item that does what a test asks of it, on real databases.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use entity::json::QuietHours;
use entity::tenant;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use test_db::{TestDb, on_both_databases};
use tokio::sync::Notify;

use super::*;

/// Writes a tenant of this name; what it does beside, a test sees from outside.
#[derive(Clone, Debug)]
struct Probe {
    name: String,
    manner: Manner,
    record: Arc<Record>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Good,
    /// Its statement is refused by the database.
    Bad,
    Panics,
    /// Its transaction goes on until the test says.
    Slow,
}

#[derive(Debug, Default)]
struct Record {
    batches: Mutex<Vec<usize>>,
    begun: Notify,
    go_on: Notify,
    written: AtomicUsize,
}

struct Probes(Clock);

impl Write for Probes {
    type Item = Probe;
    type Outcome = usize;

    const MOST_WAITING: usize = 100;

    fn tenant(_: &Probe) -> Option<TenantId> {
        None
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        _: &mut Outbox,
        batch: &[Probe],
    ) -> Result<Vec<usize>, DbErr> {
        let record = &batch[0].record;
        record.batches.lock().unwrap().push(batch.len());
        let mut outcomes = Vec::new();
        for probe in batch {
            match probe.manner {
                Manner::Good => {}
                Manner::Bad => {
                    tx.execute_unprepared("SELECT nonsense").await?;
                }
                Manner::Panics => panic!("as the test asked"),
                Manner::Slow => {
                    record.begun.notify_one();
                    record.go_on.notified().await;
                }
            }
            business(&probe.name, &self.0)
                .into_active_model()
                .insert(tx)
                .await?;
            outcomes.push(record.written.fetch_add(1, Ordering::Relaxed));
        }
        Ok(outcomes)
    }
}

fn business(name: &str, clock: &Clock) -> tenant::Model {
    tenant::Model {
        id: TenantId::new(clock),
        name: name.to_owned(),
        default_country: "US".to_owned(),
        timezone: "UTC".to_owned(),
        quiet_hours: QuietHours::default(),
        created_at: clock.now(),
        updated_at: clock.now(),
    }
}

struct Bench {
    together: Arc<Together<Committed<Probes>>>,
    record: Arc<Record>,
    db: TestDb,
}

impl Bench {
    fn new(db: TestDb) -> Self {
        let desk = Desk {
            db: db.db().clone(),
            clock: Clock::System,
            bell: Bell::default(),
        };
        Self {
            together: Arc::new(Together::committed(desk, Probes(Clock::System))),
            record: Arc::default(),
            db,
        }
    }

    fn write(&self, name: &str, manner: Manner) -> tokio::task::JoinHandle<Result<usize, NotDone>> {
        let probe = Probe {
            name: name.to_owned(),
            manner,
            record: Arc::clone(&self.record),
        };
        let together = Arc::clone(&self.together);
        tokio::spawn(async move { together.run(probe).await })
    }

    /// Keeps the writer busy until [`Bench::go_on`]; what is written meanwhile waits.
    async fn hold(&self) -> tokio::task::JoinHandle<Result<usize, NotDone>> {
        let slow = self.write("slow", Manner::Slow);
        self.record.begun.notified().await;
        slow
    }

    fn go_on(&self) {
        self.record.go_on.notify_one();
    }

    /// Waits until so many stand in the queue.
    async fn waiting(&self, count: usize) {
        while self.together.shared.queue().waiting.len() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn batches(&self) -> Vec<usize> {
        self.record.batches.lock().unwrap().clone()
    }

    async fn stored(&self) -> u64 {
        tenant::Entity::find()
            .count(self.db.db().read())
            .await
            .unwrap()
    }
}

on_both_databases! {
    async fn what_waits_is_written_in_one_transaction(db: TestDb) {
        let bench = Bench::new(db);
        let slow = bench.hold().await;
        let mut waiting = Vec::new();
        for n in 0..10 {
            waiting.push(bench.write(&format!("{n}"), Manner::Good));
            bench.waiting(n + 1).await;
        }
        bench.go_on();
        slow.await.unwrap().unwrap();
        for (n, task) in waiting.into_iter().enumerate() {
            // In order of arrival, after the slow one.
            assert_eq!(task.await.unwrap().unwrap(), n + 1);
        }
        assert_eq!(bench.batches(), [1, 10]);
        assert_eq!(bench.stored().await, 11);
    }

    async fn one_that_fails_does_not_fail_its_neighbours(db: TestDb) {
        let bench = Bench::new(db);
        let slow = bench.hold().await;
        let first = bench.write("first", Manner::Good);
        bench.waiting(1).await;
        let bad = bench.write("bad", Manner::Bad);
        bench.waiting(2).await;
        let last = bench.write("last", Manner::Good);
        bench.waiting(3).await;
        bench.go_on();
        slow.await.unwrap().unwrap();
        first.await.unwrap().unwrap();
        last.await.unwrap().unwrap();
        let error = bad.await.unwrap().unwrap_err();
        assert!(matches!(error, NotDone::Database(_)), "{error:?}");
        assert_eq!(bench.batches(), [1, 3, 1, 1, 1]);
        assert_eq!(bench.stored().await, 3);
    }

    async fn what_nobody_waits_for_any_more_is_not_written(db: TestDb) {
        let bench = Bench::new(db);
        let slow = bench.hold().await;
        let gone = bench.write("gone", Manner::Good);
        bench.waiting(1).await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        let stays = bench.write("stays", Manner::Good);
        bench.waiting(2).await;
        bench.go_on();
        slow.await.unwrap().unwrap();
        stays.await.unwrap().unwrap();
        assert_eq!(bench.stored().await, 2);
    }

    async fn a_caller_who_leaves_while_it_is_written_does_not_undo_it(db: TestDb) {
        let bench = Bench::new(db);
        let slow = bench.hold().await;
        slow.abort();
        bench.go_on();
        bench.write("next", Manner::Good).await.unwrap().unwrap();
        assert_eq!(bench.stored().await, 2);
    }

    async fn a_panic_ends_the_waiting_and_the_next_is_written(db: TestDb) {
        let bench = Bench::new(db);
        let error = bench.write("panics", Manner::Panics).await.unwrap().unwrap_err();
        assert!(matches!(error, NotDone::Ended), "{error:?}");
        bench.write("next", Manner::Good).await.unwrap().unwrap();
        assert_eq!(bench.stored().await, 1);
    }
}

#[tokio::test]
async fn past_the_bound_callers_are_refused() {
    let bench = Bench::new(TestDb::sqlite().await);
    let slow = bench.hold().await;
    let waiting: Vec<_> = (0..Probes::MOST_WAITING)
        .map(|n| bench.write(&format!("{n}"), Manner::Good))
        .collect();
    bench.waiting(Probes::MOST_WAITING).await;
    let error = bench
        .write("one more", Manner::Good)
        .await
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, NotDone::Full(100)), "{error:?}");
    bench.go_on();
    slow.await.unwrap().unwrap();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    assert!(bench.batches().iter().all(|&size| size <= AT_ONCE));
}

/// Two at once, each until it is let go. What is to keep its order bears a number that is not 0.
#[derive(Clone, Default)]
struct Pairs {
    batches: Arc<Mutex<Vec<Vec<u64>>>>,
    go_on: Arc<Notify>,
}

impl Batch for Pairs {
    type Item = u64;
    type Outcome = ();

    const MOST_WAITING: usize = 100;

    fn side_by_side(&self) -> usize {
        2
    }

    fn order(number: &u64) -> Option<u64> {
        Some(*number).filter(|number| *number != 0)
    }

    fn tenant(_: &u64) -> Option<TenantId> {
        None
    }

    async fn run(&self, items: &[u64]) -> Result<Vec<()>, DbErr> {
        self.batches.lock().unwrap().push(items.to_vec());
        self.go_on.notified().await;
        Ok(vec![(); items.len()])
    }
}

struct Pair {
    pairs: Pairs,
    together: Arc<Together<Pairs>>,
    all: Vec<tokio::task::JoinHandle<Result<(), NotDone>>>,
}

impl Pair {
    fn new() -> Self {
        let pairs = Pairs::default();
        Self {
            together: Arc::new(Together::new(pairs.clone())),
            pairs,
            all: Vec::new(),
        }
    }

    fn come(&mut self, items: &[u64]) {
        for item in items.iter().copied() {
            let together = Arc::clone(&self.together);
            let task = tokio::spawn(async move { together.run(item).await });
            self.all.push(task);
        }
    }

    /// Lets whatever will begin begin, and gives the sizes of what has.
    async fn begun(&self) -> Vec<usize> {
        // On one thread, so each has had its turn by then.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let batches = self.pairs.batches.lock().unwrap();
        batches.iter().map(Vec::len).collect()
    }

    /// Ends the batch that began first.
    fn go_on(&self) {
        self.pairs.go_on.notify_one();
    }

    async fn end(self) {
        for task in self.all {
            self.pairs.go_on.notify_one();
            task.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_second_batch_begins_where_enough_wait_and_never_a_third() {
    let mut pair = Pair::new();
    pair.come(&[0]);
    assert_eq!(pair.begun().await, [1]);
    pair.come(&[0; WORTH_ANOTHER]);
    assert_eq!(pair.begun().await, [1]);
    pair.come(&[0]);
    assert_eq!(pair.begun().await, [1, WORTH_ANOTHER + 1]);
    pair.come(&[0; 20]);
    assert_eq!(pair.begun().await, [1, WORTH_ANOTHER + 1]);
    pair.go_on();
    assert_eq!(pair.begun().await, [1, WORTH_ANOTHER + 1, 20]);
    // Too few for two are left to the one that goes on.
    pair.come(&[0; 3]);
    pair.go_on();
    assert_eq!(pair.begun().await, [1, WORTH_ANOTHER + 1, 20]);
    pair.go_on();
    assert_eq!(pair.begun().await, [1, WORTH_ANOTHER + 1, 20, 3]);
    pair.end().await;
}

#[tokio::test]
async fn what_is_to_keep_its_order_is_never_in_two_batches_at_once() {
    let mut pair = Pair::new();
    pair.come(&[7]);
    assert_eq!(pair.begun().await, [1]);
    pair.come(&[0, 0, 7, 0, 0, 0, 0, 0, 0, 7, 0]);
    // Both sevens follow the first one.
    assert_eq!(pair.begun().await, [1, 9]);
    pair.come(&[7; 12]);
    assert_eq!(pair.begun().await, [1, 9]);
    pair.go_on();
    assert_eq!(pair.begun().await, [1, 9, 14]);
    pair.end().await;
}
