//! What becomes of a piece once it is claimed, and of a lane that stands still.

use std::time::Duration;

use test_db::{TestDb, on_both_databases};

use super::*;
use crate::{again, cancel, done, drain, holds, pause, release_expired, resume, unstick, waiting};

async fn finish(db: &Db, claim: &Claim) -> bool {
    commit!(db, |tx| done(&tx, claim.entry, claim.lease))
}

async fn put_back(db: &Db, claim: &Claim, due_at_ms: i64) -> bool {
    commit!(db, |tx| again(
        &tx,
        claim.lane,
        claim.entry,
        claim.lease,
        due_at_ms
    ))
}

async fn sweep(db: &Db, now_ms: i64) -> usize {
    commit!(db, |tx| release_expired(&tx, now_ms, LEASE_MS))
}

async fn held(db: &Db, claim: &Claim, now_ms: i64) -> bool {
    let clock = Clock::manual(DateTime::from_timestamp_millis(now_ms).unwrap());
    let found = holds(db.read(), &clock, claim.entry, claim.lease, Duration::ZERO).await;
    found.unwrap()
}

async fn one_claim(db: &Db, channel: &channel::Model) -> Claim {
    queue_one(db, channel).await;
    let mut claims = claim_at(db, NOW_MS).await;
    assert_eq!(claims.len(), 1);
    claims.remove(0)
}

on_both_databases! {
    async fn what_is_done_never_comes_up_again(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let claim = one_claim(db, &channel).await;
        assert!(finish(db, &claim).await);
        assert!(!finish(db, &claim).await);
        assert_eq!(sweep(db, NOW_MS + LEASE_MS + 1).await, 0);
        assert!(claim_at(db, NOW_MS + 3_600_000).await.is_empty());
    }

    async fn what_is_put_back_comes_up_when_it_is_due(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let claim = one_claim(db, &channel).await;
        assert!(put_back(db, &claim, NOW_MS + 5000).await);
        assert_eq!(lane_of(db, &channel).await.wake_at_ms, Some(NOW_MS + 5000));
        assert!(claim_at(db, NOW_MS + 4000).await.is_empty());
        let next = claim_at(db, NOW_MS + 5000).await;
        assert_eq!(payloads(&next), [claim.payload]);
        assert_ne!(next[0].lease, claim.lease);
    }

    async fn what_is_put_back_at_once_still_keeps_the_pace(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let claim = one_claim(db, &channel).await;
        assert!(put_back(db, &claim, NOW_MS).await);
        assert!(claim_at(db, NOW_MS + 500).await.is_empty());
        assert_eq!(starts(&claim_at(db, NOW_MS + SECOND).await), [SECOND]);
    }

    async fn work_whose_holder_died_comes_back(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let dead = one_claim(db, &channel).await;
        assert_eq!(sweep(db, NOW_MS + LEASE_MS).await, 0);
        assert_eq!(sweep(db, NOW_MS + LEASE_MS + 1).await, 1);
        assert_eq!(sweep(db, NOW_MS + LEASE_MS + 1).await, 0);
        let heir = claim_at(db, NOW_MS + LEASE_MS + 1).await;
        assert_eq!(payloads(&heir), [dead.payload]);
    }

    async fn a_lost_lease_moves_nothing(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let dead = one_claim(db, &channel).await;
        let later = NOW_MS + LEASE_MS + 1;
        sweep(db, later).await;
        assert!(!finish(db, &dead).await, "nobody's now");
        assert!(!put_back(db, &dead, later).await);
        let heir = claim_at(db, later).await.remove(0);
        assert!(!finish(db, &dead).await, "somebody else's now");
        assert!(!put_back(db, &dead, later + 99_000).await);
        assert!(!held(db, &dead, later).await);
        assert!(held(db, &heir, later).await);
        assert!(finish(db, &heir).await);
    }

    async fn a_lease_holds_until_it_runs_out(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let claim = one_claim(db, &channel).await;
        for (after, expected) in [(0, true), (LEASE_MS - 1, true), (LEASE_MS, false)] {
            assert_eq!(held(db, &claim, NOW_MS + after).await, expected, "{after} ms later");
        }
    }

    async fn a_paused_lane_stands_still_and_goes_on_by_itself(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        queue_one(db, &channel).await;
        commit!(db, |tx| pause(&tx, channel.id, NOW_MS + 30_000, "Twilio asks to slow down."));
        queue_one(db, &channel).await;
        assert!(claim_at(db, NOW_MS + 29_000).await.is_empty());
        let reason = lane_of(db, &channel).await.pause_reason;
        assert_eq!(reason.as_deref(), Some("Twilio asks to slow down."));
        assert_eq!(starts(&claim_at(db, NOW_MS + 30_000).await), [30_000]);
        assert_eq!(lane_of(db, &channel).await.pause_reason, None);
    }

    async fn a_clock_that_was_set_back_holds_nothing_up_for_long(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let claim = one_claim(db, &channel).await;
        queue_one(db, &channel).await;
        // As if all of it had been written a day later.
        let yesterday = NOW_MS - 86_400_000;
        assert!(claim_at(db, yesterday).await.is_empty());
        assert_eq!(sweep(db, yesterday).await, 1);
        assert_eq!(commit!(db, |tx| unstick(&tx, yesterday)), 1);
        assert_eq!(commit!(db, |tx| unstick(&tx, yesterday)), 0);
        assert_eq!(lane_of(db, &channel).await.ready_at_us, yesterday * 1000);
        // What was due by the wrong clock is due when it said.
        assert_eq!(payloads(&claim_at(db, NOW_MS).await).len(), 1);
        assert!(!finish(db, &claim).await);
    }

    async fn a_shorter_pause_does_not_end_a_longer_one(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        queue_one(db, &channel).await;
        for (until, reason) in [(30_000, "long"), (5000, "short")] {
            commit!(db, |tx| pause(&tx, channel.id, NOW_MS + until, reason));
        }
        assert!(claim_at(db, NOW_MS + 6000).await.is_empty());
        assert_eq!(lane_of(db, &channel).await.pause_reason.as_deref(), Some("long"));
    }

    async fn a_pause_can_be_ended(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        queue_one(db, &channel).await;
        commit!(db, |tx| pause(&tx, channel.id, NOW_MS + 30_000, "long"));
        commit!(db, |tx| resume(&tx, channel.id, NOW_MS + 2000));
        assert_eq!(starts(&claim_at(db, NOW_MS + 2000).await), [2000]);
        // Where nothing is paused, it does not help to jump the pace.
        queue_one(db, &channel).await;
        commit!(db, |tx| resume(&tx, channel.id, NOW_MS + 2001));
        assert!(claim_at(db, NOW_MS + 2100).await.is_empty());
    }

    async fn what_nobody_holds_can_be_taken_back(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let held = one_claim(db, &channel).await;
        let waiting = queue_one(db, &channel).await;
        let stranger = some_channel(db, 2).await.tenant_id;
        for (tenant, payload, taken) in [
            (stranger, waiting, false),
            (channel.tenant_id, held.payload, false),
            (channel.tenant_id, waiting, true),
            (channel.tenant_id, waiting, false),
        ] {
            assert_eq!(commit!(db, |tx| cancel(&tx, tenant, payload)), taken);
        }
        assert!(claim_at(db, NOW_MS + SECOND).await.is_empty());
        assert_eq!(lane_of(db, &channel).await.wake_at_ms, None);
        assert!(finish(db, &held).await);
    }

    async fn a_drained_lane_gives_all_out_at_once(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let held = one_claim(db, &channel).await;
        let mut queued = vec![queue_one(db, &channel).await, queue_one(db, &channel).await];
        let mut told = waiting(db.read(), channel.id, 10).await.unwrap();
        told.sort_unstable();
        queued.sort_unstable();
        assert_eq!(told, queued);
        assert!(claim_at(db, NOW_MS).await.is_empty(), "the pace allows no more yet");
        commit!(db, |tx| drain(&tx, channel.id, NOW_MS));
        assert_eq!(claim_at(db, NOW_MS).await.len(), 2);
        assert!(finish(db, &held).await);
    }
}
