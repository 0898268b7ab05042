//! Who gets what, in which order and how fast.

use test_db::{TestDb, on_both_databases};

use super::*;

on_both_databases! {
    async fn a_lane_keeps_its_pace_over_many_claims(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        for _ in 0..30 {
            let new = NewEntry { gap_us: 40_000, ..entry(&channel, Class::Normal, 1, NOW_MS) };
            enqueue(db, &new).await;
        }
        let mut found = Vec::new();
        for look in 0..20 {
            found.extend(starts(&claim_at(db, NOW_MS + look * 70).await));
        }
        let expected: Vec<i64> = (0..30).map(|piece| piece * 40).collect();
        assert_eq!(found, expected, "neither faster nor slower than the pace");
    }

    async fn a_text_of_three_segments_takes_three_units(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        for weight in [3, 1, 2, 1] {
            enqueue(db, &entry(&channel, Class::Normal, weight, NOW_MS)).await;
        }
        let mut found = Vec::new();
        for look in 0..80 {
            found.extend(starts(&claim_at(db, NOW_MS + look * 100).await));
        }
        assert_eq!(found, [0, 3000, 4000, 6000]);
    }

    async fn an_instant_that_went_unused_is_not_made_up_for(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        queue_one(db, &channel).await;
        assert_eq!(starts(&claim_at(db, NOW_MS).await), [0]);
        for _ in 0..3 {
            queue_one(db, &channel).await;
        }
        // A look may come late by a tenth of a second, and no more is made up for.
        assert_eq!(starts(&claim_at(db, NOW_MS + 60_000).await), [59_900]);
        assert_eq!(starts(&claim_at(db, NOW_MS + 60_100).await), [0; 0]);
        assert_eq!(starts(&claim_at(db, NOW_MS + 60_900).await), [60_900]);
    }

    async fn a_look_that_comes_late_costs_the_lane_no_instant(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        for _ in 0..30 {
            let new = NewEntry { gap_us: 10_000, ..entry(&channel, Class::Normal, 1, NOW_MS) };
            enqueue(db, &new).await;
        }
        let mut found = starts(&claim_at(db, NOW_MS).await);
        assert_eq!(found.len(), 11);
        found.extend(starts(&claim_at(db, NOW_MS + 190).await));
        let expected: Vec<i64> = (0..30).map(|piece| piece * 10).collect();
        assert_eq!(found, expected);
    }

    async fn the_most_urgent_class_goes_first_then_the_earliest(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let bulk = entry(&channel, Class::Bulk, 1, NOW_MS - 9000);
        let normal = entry(&channel, Class::Normal, 1, NOW_MS - 2000);
        let earlier = entry(&channel, Class::Normal, 1, NOW_MS - 3000);
        let reply = entry(&channel, Class::Reply, 1, NOW_MS);
        for new in [&bulk, &normal, &earlier, &reply] {
            enqueue(db, new).await;
        }
        let mut found = Vec::new();
        for look in 0..4 {
            found.extend(payloads(&claim_at(db, NOW_MS + look * SECOND).await));
        }
        let expected = [reply, earlier, normal, bulk].map(|new| new.payload);
        assert_eq!(found, expected);
    }

    async fn what_is_due_later_waits_and_comes_up_in_time(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        enqueue(db, &entry(&channel, Class::Normal, 1, NOW_MS + 60_000)).await;
        assert!(claim_at(db, NOW_MS).await.is_empty());
        assert_eq!(lane_of(db, &channel).await.wake_at_ms, Some(NOW_MS + 60_000));
        // Claimed a moment early, so that it begins on time.
        assert!(claim_at(db, NOW_MS + 59_899).await.is_empty());
        assert_eq!(starts(&claim_at(db, NOW_MS + 59_900).await), [60_000]);
    }

    async fn work_that_is_due_does_not_wait_for_later_work_queued_before(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        enqueue(db, &entry(&channel, Class::Reply, 1, NOW_MS + 60_000)).await;
        let payload = queue_one(db, &channel).await;
        assert_eq!(payloads(&claim_at(db, NOW_MS).await), [payload]);
        assert_eq!(lane_of(db, &channel).await.wake_at_ms, Some(NOW_MS + 60_000));
    }

    async fn the_lane_that_waited_longest_goes_first(db: TestDb) {
        let db = db.db();
        let mut channels = Vec::new();
        for (number, late) in [(1, 0), (2, 500), (3, 900)] {
            let channel = some_channel(db, number).await;
            enqueue(db, &entry(&channel, Class::Bulk, 1, NOW_MS - late)).await;
            enqueue(db, &entry(&channel, Class::Bulk, 1, NOW_MS - late)).await;
            channels.push(channel.id);
        }
        channels.reverse();
        let mut found = Vec::new();
        for look in 0..6 {
            found.extend(try_claim(db, NOW_MS + look * 500, 1).await.unwrap());
        }
        let lanes: Vec<_> = found.iter().map(|claim| claim.lane).collect();
        // Each once before any is served twice.
        assert_eq!(lanes[..3], channels);
        assert_eq!(lanes[3..], channels);
    }

    async fn an_empty_lane_sleeps_until_something_is_queued(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        queue_one(db, &channel).await;
        let claims = claim_at(db, NOW_MS).await;
        assert_eq!(claims.len(), 1);
        assert_eq!(lane_of(db, &channel).await.wake_at_ms, None);
        let next = async || crate::claim::next_wake(db.read(), WORKER, NOW_MS + 3_600_000).await.unwrap();
        assert_eq!(next().await, None);
        queue_one(db, &channel).await;
        let wake = lane_of(db, &channel).await.wake_at_ms;
        assert_eq!(wake, Some(NOW_MS + SECOND), "not before the pace allows");
        assert_eq!(next().await, wake);
    }

    async fn a_claim_takes_no_more_than_it_is_asked_for(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        for _ in 0..5 {
            let new = NewEntry { gap_us: 1000, ..entry(&channel, Class::Normal, 1, NOW_MS) };
            enqueue(db, &new).await;
        }
        assert_eq!(starts(&try_claim(db, NOW_MS, 2).await.unwrap()), [0, 1]);
        assert_eq!(starts(&try_claim(db, NOW_MS, 9).await.unwrap()), [2, 3, 4]);
    }
}
