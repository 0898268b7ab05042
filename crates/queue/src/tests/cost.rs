//! What a claim costs with little and with much in the queue. How long it takes is a measurement, so it is
//! ignored and prints its figures: `cargo xtask soak claims`.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use test_db::{TestDb, copied_id, copy_row, on_both_databases};

use super::*;

/// How many claims make a figure; the shortest queue has no more.
const ROUNDS: i64 = 90;

/// What waits.
#[derive(Clone, Copy)]
enum Queue {
    /// So many texts of one number, due now.
    Due(usize),
    /// A hundred that are due, and so many that are due in an hour or later.
    Scheduled(usize),
    /// So many numbers that could all send now, with ten texts each.
    Lanes(usize),
}

impl std::fmt::Display for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Due(texts) => write!(f, "1 lane, {texts} due"),
            Self::Scheduled(texts) => write!(f, "1 lane, 100 due, {texts} later"),
            Self::Lanes(lanes) => write!(f, "{lanes} lanes, 10 due in each"),
        }
    }
}

on_both_databases! {
    #[ignore = "takes minutes: `cargo xtask soak claims`"]
    async fn a_claim_costs_the_same_however_much_waits(db: TestDb) {
        println!(
            "claims on {:?}: ms for a claim, and with its look before and its commit after\n  \
             {:<34} {:>6} {:>8} {:>8} {:>8} {:>8}",
            db.backend(), "what waits", "pieces", "p50", "p99", "all p50", "all p99"
        );
        let few = measure(db.backend(), Queue::Due(100)).await;
        let many = [
            measure(db.backend(), Queue::Due(10_000)).await,
            measure(db.backend(), Queue::Due(1_000_000)).await,
            measure(db.backend(), Queue::Scheduled(500_000)).await,
        ];
        let one_each = measure(db.backend(), Queue::Lanes(100)).await;
        let many_lanes = measure(db.backend(), Queue::Lanes(10_000)).await;
        for (little, much) in many.iter().map(|many| (few, *many)).chain([(one_each, many_lanes)]) {
            // A millisecond is what a busy machine adds.
            let allowed = little * 2 + Duration::from_millis(1);
            assert!(much <= allowed, "{much:?} with much in the queue, {little:?} with little");
        }
    }
}

/// The same for what it reads, as PostgreSQL counts it, while that knows nothing yet of what is due.
#[tokio::test]
async fn a_claim_reads_as_few_lanes_as_it_takes_from() {
    let db = TestDb::new(test_db::Backend::Postgres).await;
    let db = db.db();
    let channel = some_channel(db, 1).await;
    queue_one(db, &channel).await;
    let asleep = "UPDATE lanes SET wake_at_ms = NULL";
    let awake = format!("UPDATE lanes SET wake_at_ms = {NOW_MS}");
    let new = entry(&channel, Class::Normal, 1, NOW_MS);
    enqueue(db, &new).await;
    copy_lanes(db, &channel, &new, 3000).await;
    for sql in [asleep, "ANALYZE", &awake] {
        db.writer().execute_unprepared(sql).await.unwrap();
    }
    let tx = db.write_tx().await.unwrap();
    let before = lanes_read(&tx).await;
    let claims = crate::claim(&tx, &want(), NOW_MS).await.unwrap();
    let read = lanes_read(&tx).await - before;
    let lanes: HashSet<_> = claims.iter().map(|claim| claim.lane).collect();
    assert_eq!(lanes.len(), 16);
    // One statement finds them, another moves them on.
    assert_eq!(read, 2 * 16, "rows of lanes were read");
}

/// How many rows of lanes this connection has read lately.
async fn lanes_read(tx: &impl ConnectionTrait) -> i64 {
    let read = "SELECT (idx_tup_fetch + seq_tup_read)::int8 FROM pg_stat_xact_user_tables \
        WHERE relname = 'lanes'";
    let read = Statement::from_string(DbBackend::Postgres, read);
    let row = tx.query_one_raw(read).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Fills a database of its own, claims, prints, and gives the median.
async fn measure(backend: test_db::Backend, queue: Queue) -> Duration {
    let db = TestDb::new(backend).await;
    fill(db.db(), queue).await;
    let (mut claims, mut rounds, mut pieces) = (Vec::new(), Vec::new(), 0);
    for round in 0..ROUNDS {
        // As if all that was claimed had been sent in a second: each lane has a free instant again.
        let now_ms = NOW_MS + round * SECOND;
        let begun = Instant::now();
        crate::claim::next_wake(db.db().read(), WORKER, now_ms)
            .await
            .unwrap();
        let tx = db.db().write_tx().await.unwrap();
        let claiming = Instant::now();
        pieces += crate::claim(&tx, &want(), now_ms).await.unwrap().len();
        claims.push(claiming.elapsed());
        tx.commit().await.unwrap();
        rounds.push(begun.elapsed());
    }
    claims.sort_unstable();
    rounds.sort_unstable();
    let ms = |times: &[Duration], percent: usize| {
        times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3
    };
    println!(
        "  {:<34} {pieces:>6} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
        queue.to_string(),
        ms(&claims, 50),
        ms(&claims, 99),
        ms(&rounds, 50),
        ms(&rounds, 99),
    );
    assert!(pieces > 0, "nothing was claimed");
    claims[claims.len() / 2]
}

async fn fill(db: &Db, queue: Queue) {
    let channel = some_channel(db, 1).await;
    let new = entry(&channel, Class::Normal, 1, NOW_MS);
    enqueue(db, &new).await;
    match queue {
        Queue::Due(texts) => copy_entries(db, &new, 1, texts - 1, "t.due_at_ms").await,
        Queue::Scheduled(texts) => {
            copy_entries(db, &new, 1, 99, "t.due_at_ms").await;
            // Of every class, so that none is searched in vain.
            let later = "t.due_at_ms + 3600000 + s.n";
            copy_entries(db, &new, 2, texts, later).await;
        }
        Queue::Lanes(lanes) => copy_lanes(db, &channel, &new, lanes).await,
    }
    // As a server does by itself after a while.
    db.writer().execute_unprepared("ANALYZE").await.unwrap();
}

async fn copy_entries(db: &Db, new: &NewEntry, kind: u8, times: usize, due_at_ms: &str) {
    let id = copied_id(db.backend(), kind, "s.n");
    let differing = [
        ("id", id.as_str()),
        ("due_at_ms", due_at_ms),
        ("class", "(s.n % 3)"),
    ];
    commit!(db, |tx| async {
        take_as_long_as_needed(&tx).await?;
        copy_row(&tx, "lane_entries", ("id", new.id.0), times, &differing).await
    });
}

async fn copy_lanes(db: &Db, channel: &channel::Model, new: &NewEntry, lanes: usize) {
    let backend = db.backend();
    let lane = copied_id(backend, 3, "s.n");
    let of_channel = [
        ("id", lane.as_str()),
        ("phone_number", "'+1555' || (2000000 + s.n)"),
    ];
    let of_lane = [("id", lane.as_str())];
    let entry = copied_id(backend, 4, "s.n");
    let its_lane = copied_id(backend, 3, &format!("(s.n % {lanes} + 1)"));
    let of_entry = [("id", entry.as_str()), ("lane_id", its_lane.as_str())];
    commit!(db, |tx| async {
        take_as_long_as_needed(&tx).await?;
        copy_row(&tx, "channels", ("id", channel.id.0), lanes, &of_channel).await?;
        copy_row(&tx, "lanes", ("id", channel.id.0), lanes, &of_lane).await?;
        copy_row(&tx, "lane_entries", ("id", new.id.0), lanes * 10, &of_entry).await
    });
}

/// A million rows take longer than the service allows a statement.
async fn take_as_long_as_needed(tx: &impl ConnectionTrait) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0")
            .await?;
    }
    Ok(())
}
