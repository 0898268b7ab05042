//! Several workers, and others who change the lanes meanwhile.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use test_db::{TestDb, on_both_databases};
use tokio::task::JoinSet;

use super::*;
use crate::again;

/// The microseconds that a lane of these tests leaves between two pieces.
const GAP_US: i64 = 30_000;

/// Claims and finishes until nothing is left; the time advances by looks.
async fn work(db: Db, worker: u128) -> Vec<Claim> {
    let mut mine = Vec::new();
    for look in 0..60 {
        let now_ms = NOW_MS + look * 100;
        let want = Want {
            worker: Uuid::from_u128(worker),
            most: 4,
            for_replies: 0,
            ..want()
        };
        for claim in claim_as(&db, want, now_ms).await.unwrap() {
            commit!(db, |tx| crate::done(&tx, claim.entry, claim.lease));
            mine.push(claim);
        }
        tokio::task::yield_now().await;
    }
    mine
}

on_both_databases! {
    async fn workers_never_share_a_piece_nor_an_instant(db: TestDb) {
        let db = db.db();
        let mut lanes = Vec::new();
        for number in 0..3 {
            let channel = some_channel(db, number).await;
            for _ in 0..20 {
                let new = entry(&channel, Class::Normal, 1, NOW_MS);
                enqueue(db, &NewEntry { gap_us: GAP_US, ..new }).await;
            }
            lanes.push(channel.id);
        }
        let mut workers = JoinSet::new();
        for worker in 1..5 {
            workers.spawn(work(db.clone(), worker));
        }
        let claims: Vec<Claim> = workers.join_all().await.into_iter().flatten().collect();
        let pieces: HashSet<_> = claims.iter().map(|claim| claim.entry).collect();
        assert_eq!((claims.len(), pieces.len()), (60, 60));
        for lane in lanes {
            let of_lane = claims.iter().filter(|claim| claim.lane == lane);
            let mut starts: Vec<i64> = of_lane.map(|claim| claim.start_at_us).collect();
            starts.sort_unstable();
            assert!(starts.windows(2).all(|pair| pair[1] - pair[0] >= GAP_US), "{starts:?}");
        }
    }
}

/// On PostgreSQL two may be at it at once; SQLite has one writer.
#[tokio::test]
async fn what_is_queued_while_another_piece_is_put_back_is_not_overslept() {
    let test = TestDb::postgres().await;
    let db = test.db();
    let channel = some_channel(db, 1).await;
    queue_one(db, &channel).await;
    let claim = claim_at(db, NOW_MS).await.remove(0);

    let queuing = db.write_tx().await.unwrap();
    crate::enqueue(&queuing, &entry(&channel, Class::Normal, 1, NOW_MS))
        .await
        .unwrap();
    let putting_back = tokio::spawn({
        let db = db.clone();
        async move {
            let (lane, due_at_ms) = (claim.lane, NOW_MS + 600_000);
            commit!(db, |tx| again(
                &tx,
                lane,
                claim.entry,
                claim.lease,
                due_at_ms
            ))
        }
    });
    // Long enough for it to stand at the lane's lock.
    tokio::time::sleep(Duration::from_millis(300)).await;
    queuing.commit().await.unwrap();
    assert!(putting_back.await.unwrap());

    assert_eq!(
        lane_of(db, &channel).await.wake_at_ms,
        Some(NOW_MS + SECOND)
    );
    assert_eq!(claim_at(db, NOW_MS + SECOND).await.len(), 1);
}

#[tokio::test]
async fn a_claim_leaves_alone_what_is_just_being_taken_back() {
    let test = TestDb::postgres().await;
    let db = test.db();
    let channel = some_channel(db, 1).await;
    let payload = queue_one(db, &channel).await;

    let canceling = db.write_tx().await.unwrap();
    assert!(
        crate::cancel(&canceling, channel.tenant_id, payload)
            .await
            .unwrap()
    );
    let claiming = tokio::time::timeout(Duration::from_secs(5), claim_at(db, NOW_MS));
    assert!(claiming.await.unwrap().is_empty());
    canceling.rollback().await.unwrap();

    // Undone: then it is there for the next one.
    assert_eq!(payloads(&claim_at(db, NOW_MS).await), [payload]);
}

#[tokio::test]
async fn a_lane_that_somebody_works_on_is_left_to_them() {
    let test = TestDb::postgres().await;
    let db = Arc::new(test.db().clone());
    let (busy, free) = (some_channel(&db, 1).await, some_channel(&db, 2).await);
    queue_one(&db, &busy).await;
    queue_one(&db, &free).await;
    let first = db.write_tx().await.unwrap();
    let one = Want {
        lanes: 1,
        most: 1,
        for_replies: 0,
        ..want()
    };
    let mine = crate::claim(&first, &one, NOW_MS).await.unwrap();
    let others = claim_at(&db, NOW_MS).await;
    first.commit().await.unwrap();
    assert_eq!((mine.len(), others.len()), (1, 1));
    assert_ne!(mine[0].lane, others[0].lane);
}
