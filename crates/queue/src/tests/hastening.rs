//! Work that comes up before its time.

use test_db::{TestDb, on_both_databases};

use super::*;
use crate::hasten;

const HOUR_MS: i64 = 3_600_000;

on_both_databases! {
    async fn what_is_named_comes_up_and_nothing_else(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let named = entry(&channel, Class::Bulk, 1, NOW_MS + HOUR_MS);
        let other = entry(&channel, Class::Bulk, 1, NOW_MS + HOUR_MS);
        let sooner = entry(&channel, Class::Bulk, 1, NOW_MS - 500);
        for new in [&named, &other, &sooner] {
            enqueue(db, new).await;
        }
        let (held, tenant) = (claim_at(db, NOW_MS).await, channel.tenant_id);
        assert_eq!(payloads(&held), [sooner.payload]);
        let all = [named.payload, sooner.payload, Clock::System.uuid()];
        commit!(db, |tx| hasten(&tx, tenant, &all, NOW_MS));
        let lane = lane_of(db, &channel).await;
        assert_eq!(lane.wake_at_ms, Some(lane.ready_at_us / 1000), "the pace stays");
        let next = claim_at(db, lane.ready_at_us / 1000).await;
        assert_eq!(payloads(&next), [named.payload]);
        assert!(commit!(db, |tx| crate::done(&tx, held[0].entry, held[0].lease)));
        assert!(claim_at(db, NOW_MS + HOUR_MS - 1000).await.is_empty());
    }

    async fn another_tenants_work_stays_where_it_is(db: TestDb) {
        let db = db.db();
        let (channel, foreign) = (some_channel(db, 1).await, some_channel(db, 2).await);
        let theirs = entry(&foreign, Class::Bulk, 1, NOW_MS + HOUR_MS);
        enqueue(db, &theirs).await;
        commit!(db, |tx| hasten(&tx, channel.tenant_id, &[theirs.payload], NOW_MS));
        assert!(claim_at(db, NOW_MS).await.is_empty());
    }

    async fn more_than_fits_into_one_statement_comes_up_at_once(db: TestDb) {
        let db = db.db();
        let channel = some_channel(db, 1).await;
        let last = entry(&channel, Class::Bulk, 1, NOW_MS + HOUR_MS);
        enqueue(db, &last).await;
        let mut many: Vec<Uuid> = (0..12_000).map(|_| Clock::System.uuid()).collect();
        many.push(last.payload);
        commit!(db, |tx| hasten(&tx, channel.tenant_id, &many, NOW_MS));
        assert_eq!(payloads(&claim_at(db, NOW_MS).await), [last.payload]);
    }
}
