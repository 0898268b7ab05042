//! What lanes of one account share, and who has a lane.

use test_db::{TestDb, on_both_databases};

use super::*;
use crate::{Group, slow_down, standstills};

fn group(channel: &channel::Model) -> Group {
    Group {
        tenant: channel.tenant_id,
        name: channel.account_sid.clone(),
    }
}

/// A channel with ten pieces that may all go at once.
async fn full_lane(db: &Db, number: u32) -> channel::Model {
    let channel = some_channel(db, number).await;
    for _ in 0..10 {
        let new = entry(&channel, Class::Normal, 1, NOW_MS);
        enqueue(db, &NewEntry { gap_us: 10, ..new }).await;
    }
    channel
}

async fn slow(db: &Db, channel: &channel::Model, now_ms: i64, asked_ms: Option<i64>) -> i64 {
    let reason = "Twilio asks to slow down.";
    commit!(db, |tx| slow_down(
        &tx,
        &group(channel),
        now_ms,
        asked_ms,
        255,
        reason
    ))
}

on_both_databases! {
    async fn no_more_of_a_group_is_in_hand_than_may_be(db: TestDb) {
        let db = db.db();
        let channel = full_lane(db, 1).await;
        let other = full_lane(db, 2).await;
        let want = Want { of_group: 4, ..want() };
        let first = claim_as(db, want.clone(), NOW_MS).await.unwrap();
        for lane in [&channel, &other] {
            assert_eq!(first.iter().filter(|claim| claim.lane == lane.id).count(), 4);
        }
        let in_hand = HashMap::from([(group(&channel), 4), (group(&other), 1)]);
        let second = claim_as(db, Want { in_hand, ..want }, NOW_MS + 1).await.unwrap();
        assert_eq!(second.len(), 3);
        assert!(second.iter().all(|claim| claim.lane == other.id));
    }

    async fn a_group_that_has_its_fill_makes_room_for_others(db: TestDb) {
        let db = db.db();
        let channel = full_lane(db, 1).await;
        let in_hand = HashMap::from([(group(&channel), 4)]);
        let full = Want { of_group: 4, lanes: 1, in_hand, ..want() };
        assert!(claim_as(db, full.clone(), NOW_MS).await.unwrap().is_empty());
        let other = full_lane(db, 2).await;
        let next = claim_as(db, full, NOW_MS).await.unwrap();
        assert!(next.iter().all(|claim| claim.lane == other.id));
        assert_eq!(next.len(), 4);
    }

    async fn a_reply_finds_a_hand_that_nothing_else_may_have(db: TestDb) {
        let db = db.db();
        full_lane(db, 1).await;
        let channel = some_channel(db, 2).await;
        // Three hands are free, and kept for replies; the others are at the full lane's work.
        let few = Want { most: 3, for_replies: 3, ..want() };
        assert!(!crate::claim::has_use_for(db.read(), &few, NOW_MS).await.unwrap());
        assert!(claim_as(db, few.clone(), NOW_MS).await.unwrap().is_empty());
        // What is queued last, is due last and waits behind a full lane.
        let reply = entry(&channel, Class::Reply, 1, NOW_MS + 90);
        enqueue(db, &reply).await;
        enqueue(db, &entry(&channel, Class::Bulk, 1, NOW_MS)).await;
        assert!(crate::claim::has_use_for(db.read(), &few, NOW_MS).await.unwrap());
        let claims = claim_as(db, few.clone(), NOW_MS).await.unwrap();
        assert_eq!(payloads(&claims), [reply.payload]);
        assert!(claim_as(db, few, NOW_MS).await.unwrap().is_empty());
        // With more free hands the others get what is over.
        enqueue(db, &entry(&channel, Class::Reply, 1, NOW_MS)).await;
        let more = Want { most: 5, for_replies: 3, ..want() };
        let claims = claim_as(db, more, NOW_MS + 1000).await.unwrap();
        assert_eq!(claims[0].class, Class::Reply);
        assert_eq!(claims.len(), 2);
    }

    async fn replies_of_a_paused_number_keep_no_other_reply_waiting(db: TestDb) {
        let db = db.db();
        full_lane(db, 1).await;
        let (paused, channel) = (some_channel(db, 2).await, some_channel(db, 3).await);
        for _ in 0..40 {
            enqueue(db, &entry(&paused, Class::Reply, 1, NOW_MS - SECOND)).await;
        }
        commit!(db, |tx| crate::pause(&tx, paused.id, NOW_MS + 60 * SECOND, "Full."));
        let few = Want { most: 3, for_replies: 3, lanes: 2, ..want() };
        assert!(!crate::claim::has_use_for(db.read(), &few, NOW_MS).await.unwrap());
        let reply = entry(&channel, Class::Reply, 1, NOW_MS);
        enqueue(db, &reply).await;
        assert!(crate::claim::has_use_for(db.read(), &few, NOW_MS).await.unwrap());
        let claims = claim_as(db, few, NOW_MS).await.unwrap();
        assert_eq!(payloads(&claims), [reply.payload]);
    }

    async fn one_word_of_an_account_pauses_all_its_lanes_and_halves_what_it_gets(db: TestDb) {
        let db = db.db();
        let channel = full_lane(db, 1).await;
        assert_eq!(slow(db, &channel, NOW_MS, Some(3000)).await, NOW_MS + 3000);
        // The words of others that were under way at the same time count as the same.
        slow(db, &channel, NOW_MS + 10, Some(1000)).await;
        let told = standstills(db.read(), channel.tenant_id, NOW_MS).await.unwrap();
        assert_eq!(told[&channel.id].reason, "Twilio asks to slow down.");
        assert_eq!(told[&channel.id].until_ms, NOW_MS + 3000);
        let want = Want { of_group: 8, ..want() };
        assert!(claim_as(db, want.clone(), NOW_MS + 2900).await.unwrap().is_empty());
        assert_eq!(claim_as(db, want, NOW_MS + 3000).await.unwrap().len(), 4);
        assert!(standstills(db.read(), channel.tenant_id, NOW_MS + 3000).await.unwrap().is_empty());
    }

    async fn each_further_word_asks_for_a_longer_pause_and_time_makes_it_good(db: TestDb) {
        let db = db.db();
        let channel = full_lane(db, 1).await;
        let mut now_ms = NOW_MS;
        let mut pauses = Vec::new();
        for _ in 0..4 {
            pauses.push(slow(db, &channel, now_ms, None).await - now_ms);
            now_ms += 1500;
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000]);
        assert_eq!(slow(db, &channel, now_ms + 60_000, None).await - now_ms, 60_500);
    }

    async fn accounts_and_tenants_do_not_slow_each_other(db: TestDb) {
        let db = db.db();
        let slowed = full_lane(db, 1).await;
        let other = full_lane(db, 2).await;
        slow(db, &slowed, NOW_MS, Some(60_000)).await;
        let claims = claim_at(db, NOW_MS).await;
        assert_eq!(claims.len(), 10);
        assert!(claims.iter().all(|claim| claim.lane == other.id));
    }

    async fn a_lane_stays_for_a_moment_with_who_claimed_from_it(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        for _ in 0..3 {
            let new = entry(&channel, Class::Normal, 1, NOW_MS);
            enqueue(db, &NewEntry { gap_us: 200_000, ..new }).await;
        }
        let other = || Want { worker: Uuid::from_u128(2), ..want() };
        assert_eq!(claim_at(db, NOW_MS).await.len(), 1);
        assert!(claim_as(db, other(), NOW_MS + 200).await.unwrap().is_empty());
        assert_eq!(claim_at(db, NOW_MS + 200).await.len(), 1);
        // Nothing more is heard of the first one.
        assert!(claim_as(db, other(), NOW_MS + 700).await.unwrap().is_empty());
        assert_eq!(claim_as(db, other(), NOW_MS + 701).await.unwrap().len(), 1);
    }

    async fn urgent_work_passes_a_backlog_of_thousands(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        for _ in 0..40 {
            enqueue(db, &entry(&channel, Class::Bulk, 1, NOW_MS - 3_600_000)).await;
        }
        for look in 0..10 {
            assert_eq!(claim_at(db, NOW_MS + look * SECOND).await.len(), 1);
        }
        let reply = entry(&channel, Class::Reply, 1, NOW_MS + 9500);
        enqueue(db, &reply).await;
        let next = payloads(&claim_at(db, NOW_MS + 10 * SECOND).await);
        assert_eq!(next, [reply.payload]);
    }
}
