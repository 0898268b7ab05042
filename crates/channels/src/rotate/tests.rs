use entity::id::TenantId;
use events::Outbox;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::fixtures::{clock, ring, tenant, with_number};
use crate::{create, delete, get};

async fn channels(db: &Db, keys: &str, count: u32) -> (TenantId, Vec<channel::Model>) {
    let clock = clock();
    let tenant = tenant(db.writer(), &clock).await;
    let mut made = Vec::new();
    for last in 0..count {
        let new = with_number(&format!("+1555123456{last}"));
        made.push(
            create(
                db.writer(),
                &ring(keys),
                &clock,
                &mut Outbox::new(),
                tenant,
                None,
                new,
            )
            .await
            .unwrap(),
        );
    }
    (tenant, made)
}

async fn keys(db: &Db) -> Vec<String> {
    sealed_key_ids(db.read()).await.unwrap()
}

on_both_databases! {
    async fn everything_is_sealed_under_the_new_key_and_opens_without_the_old_one(db: TestDb) {
        let (tenant, made) = channels(db.db(), "a", 5).await;
        channels(db.db(), "b", 2).await;
        delete(db.db().writer(), &clock(), &mut Outbox::new(), tenant, made[4].id).await.unwrap();
        assert_eq!(keys(db.db()).await, ["a", "b"]);

        let report = rotate(db.db(), &ring("cab"), &clock(), 2).await.unwrap();
        assert_eq!(report, Report { resealed: 6, remaining: 0, failed: 0 });
        assert_eq!(keys(db.db()).await, ["c"]);
        let now = get(db.db().read(), tenant, made[0].id).await.unwrap();
        assert_eq!((now.version, now.updated_at), (made[0].version + 1, made[0].updated_at));
        let (before, after) = (open(&ring("a"), &made[0]).unwrap(), open(&ring("c"), &now).unwrap());
        assert!(before.same_as(&after));

        let again = rotate(db.db(), &ring("cab"), &clock(), 2).await.unwrap();
        assert_eq!(again, Report::default());
    }

    async fn what_does_not_open_is_told_and_left_as_it_is(db: TestDb) {
        let (_, made) = channels(db.db(), "a", 3).await;
        let (_, lost) = channels(db.db(), "x", 1).await;
        let mut moved = made[0].clone().into_active_model();
        moved.credentials = Set(made[1].credentials.clone());
        moved.update(db.db().writer()).await.unwrap();

        let report = rotate(db.db(), &ring("ba"), &clock(), 100).await.unwrap();
        assert_eq!(report, Report { resealed: 2, remaining: 2, failed: 2 });
        assert_eq!(keys(db.db()).await, ["a", "b", "x"]);
        let kept = get(db.db().read(), lost[0].tenant_id, lost[0].id).await.unwrap();
        assert_eq!(kept, lost[0]);
    }

    async fn a_channel_that_changed_meanwhile_is_not_overwritten(db: TestDb) {
        let (_, made) = channels(db.db(), "a", 1).await;
        let mut changed = made[0].clone().into_active_model();
        changed.version = Set(made[0].version + 1);
        let changed = changed.update(db.db().writer()).await.unwrap();
        let stale = reseal(&ring("ba"), &clock(), &made[0]).unwrap();
        assert_eq!(write(db.db(), &ring("ba"), &made[0], stale).await.unwrap(), 0);
        let now = get(db.db().read(), changed.tenant_id, changed.id).await.unwrap();
        assert_eq!(now, changed);
    }
}
