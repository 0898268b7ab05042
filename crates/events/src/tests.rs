//! Following, on a real database.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::TenantId;
use entity::json::QuietHours;
use entity::tenant;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use test_db::{TestDb, on_both_databases};
use tokio::time::timeout;

use crate::{Bell, Feeds, Follower, Kind, Outbox};

/// A tenant, and what is followed in this process.
struct World<'a> {
    db: &'a TestDb,
    clock: Clock,
    bell: Bell,
    feeds: Feeds,
    tenant: TenantId,
}

impl<'a> World<'a> {
    async fn new(db: &'a TestDb) -> Self {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let (clock, bell) = (Clock::manual(now), Bell::default());
        let row = tenant::Model {
            id: TenantId::new(&clock),
            name: "Dental practice".to_owned(),
            default_country: "US".to_owned(),
            timezone: "America/New_York".to_owned(),
            quiet_hours: QuietHours::default(),
            created_at: now,
            updated_at: now,
        };
        let tenant = row.id;
        let row = row.into_active_model();
        row.insert(db.db().writer()).await.unwrap();
        Self {
            db,
            feeds: Feeds::new(db.db().clone(), bell.clone()),
            clock,
            bell,
            tenant,
        }
    }

    /// So many events, each in a transaction of its own.
    async fn happen(&self, count: i64) {
        for n in 0..count {
            self.happen_at(self.clock.now(), n).await;
        }
    }

    async fn happen_at(&self, now: DateTime<Utc>, n: i64) {
        let tx = self.db.db().write_tx().await.unwrap();
        let mut outbox = Outbox::new();
        outbox.push(self.tenant, Kind::SmsReceived, json!({ "n": n }));
        outbox.commit(tx, now, &self.bell).await.unwrap();
    }

    /// A change that is no event.
    async fn change(&self) {
        let tx = self.db.db().write_tx().await.unwrap();
        let mut outbox = Outbox::new();
        outbox.touch(self.tenant);
        let now = self.clock.now();
        outbox.commit(tx, now, &self.bell).await.unwrap();
    }

    async fn follow(&self, after: Option<i64>) -> Follower {
        self.feeds.follow(self.tenant, after).await.unwrap()
    }
}

async fn next(follower: &mut Follower) -> i64 {
    let event = timeout(Duration::from_secs(10), follower.next()).await;
    event.expect("an event comes").unwrap().seq
}

async fn next_few(follower: &mut Follower, count: usize) -> Vec<i64> {
    let mut seqs = Vec::new();
    while seqs.len() < count {
        seqs.push(next(follower).await);
    }
    seqs
}

async fn is_silent(follower: &mut Follower) -> bool {
    timeout(Duration::from_millis(50), follower.next())
        .await
        .is_err()
}

on_both_databases! {
    async fn the_counter_knows_the_latest_event_that_tells_of_content(db: TestDb) {
        let world = World::new(&db).await;
        let counts = || async {
            let row = entity::tenant_seq::Entity::find_by_id(world.tenant);
            let row = row.one(db.db().read()).await.unwrap().unwrap();
            (row.seq, row.content_seq)
        };
        // The first one makes the counter.
        for (kinds, then) in [
            (&[Kind::SmsReceived, Kind::SmsSent][..], (2, 1)),
            (&[Kind::SmsSent, Kind::SmsStatusUpdate], (4, 1)),
            (&[], (5, 1)),
            (&[Kind::SmsSent, Kind::NoteChanged, Kind::LeadUpdated], (8, 8)),
            (&[Kind::MessageQueued, Kind::ConversationUpdated], (10, 9)),
        ] {
            let tx = db.db().write_tx().await.unwrap();
            let mut outbox = Outbox::new();
            outbox.touch(world.tenant);
            for kind in kinds {
                outbox.push(world.tenant, *kind, json!({}));
            }
            outbox.commit(tx, world.clock.now(), &world.bell).await.unwrap();
            assert_eq!(counts().await, then);
        }
    }

    async fn each_tenant_of_a_transaction_has_numbers_of_its_own(db: TestDb) {
        let (ann, bob, cleo) = (World::new(&db).await, World::new(&db).await, World::new(&db).await);
        ann.happen(2).await;
        let tx = db.db().write_tx().await.unwrap();
        let mut outbox = Outbox::new();
        let mut tell = |tenant, kind| outbox.push(tenant, kind, json!({}));
        tell(ann.tenant, Kind::SmsReceived);
        tell(bob.tenant, Kind::LeadUpdated);
        tell(ann.tenant, Kind::ConversationUpdated);
        outbox.touch(cleo.tenant);
        outbox.commit(tx, ann.clock.now(), &ann.bell).await.unwrap();
        let counter = async |world: &World<'_>| {
            let row = entity::tenant_seq::Entity::find_by_id(world.tenant);
            let row = row.one(db.db().read()).await.unwrap().unwrap();
            (row.seq, row.content_seq)
        };
        assert_eq!(counter(&ann).await, (4, 3));
        assert_eq!(counter(&bob).await, (1, 1));
        assert_eq!(counter(&cleo).await, (1, 0));
        let told = async |world: &World<'_>, after| {
            let told = crate::log::after(db.db().read(), world.tenant, after, 10).await.unwrap();
            told.into_iter().map(|event| (event.seq, event.kind)).collect::<Vec<_>>()
        };
        let event = |seq, kind: Kind| (seq, kind.as_str().to_owned());
        let expected = [event(3, Kind::SmsReceived), event(4, Kind::ConversationUpdated)];
        assert_eq!(told(&ann, 2).await, expected);
        assert_eq!(told(&bob, 0).await, [event(1, Kind::LeadUpdated)]);
        assert_eq!(told(&cleo, 0).await, []);
    }

    async fn who_follows_from_now_on_sees_what_comes_and_nothing_before(db: TestDb) {
        let world = World::new(&db).await;
        world.happen(3).await;
        let mut follower = world.follow(None).await;
        assert_eq!((follower.cursor(), follower.has_missed()), (3, false));
        assert!(is_silent(&mut follower).await);
        world.change().await;
        world.happen(2).await;
        assert_eq!(next_few(&mut follower, 2).await, [5, 6]);
        assert_eq!(follower.cursor(), 6);
        assert!(is_silent(&mut follower).await);
    }

    async fn who_resumes_sees_what_was_missed_and_then_what_comes(db: TestDb) {
        let world = World::new(&db).await;
        world.happen(450).await;
        let mut follower = world.follow(Some(5)).await;
        world.happen(3).await;
        let seen = next_few(&mut follower, 448).await;
        assert_eq!(seen, (6..=453).collect::<Vec<_>>());
        assert!(!follower.has_missed());
        assert!(is_silent(&mut follower).await);
    }

    async fn a_slow_follower_misses_nothing(db: TestDb) {
        let world = World::new(&db).await;
        let (mut slow, mut quick) = (world.follow(None).await, world.follow(None).await);
        assert!(is_silent(&mut slow).await);
        let reading = async { next_few(&mut quick, 300).await };
        let ((), seen) = tokio::join!(world.happen(300), reading);
        assert_eq!(seen, (1..=300).collect::<Vec<_>>());
        assert_eq!(next_few(&mut slow, 300).await, seen);
        assert!(slow.at_hand().is_none());
    }

    async fn those_who_begin_at_once_all_see_everything(db: TestDb) {
        let world = World::new(&db).await;
        let follow = || async {
            let mut follower = world.follow(None).await;
            let from = follower.cursor();
            (from, next_few(&mut follower, usize::try_from(40 - from).unwrap()).await)
        };
        let followers = async { tokio::join!(follow(), follow(), follow(), follow()) };
        let ((), (a, b, c, d)) = tokio::join!(world.happen(40), followers);
        for (from, seen) in [a, b, c, d] {
            assert_eq!(seen, (from + 1..=40).collect::<Vec<_>>());
        }
    }

    async fn a_feed_ends_with_its_last_follower_and_can_begin_again(db: TestDb) {
        let world = World::new(&db).await;
        for round in 0..3 {
            let mut follower = world.follow(None).await;
            world.happen(1).await;
            assert_eq!(next(&mut follower).await, round * 2 + 1);
            drop(follower);
            world.happen(1).await;
        }
        timeout(Duration::from_secs(10), async {
            while !world.bell.tenants().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("nobody listens any more");
    }

    async fn who_resumes_from_what_is_forgotten_is_told(db: TestDb) {
        let world = World::new(&db).await;
        let now = world.clock.now();
        for (n, days) in [9, 8, 1].into_iter().enumerate() {
            world.happen_at(now - TimeDelta::days(days), n as i64).await;
        }
        let before = now - TimeDelta::days(7);
        let forget = || crate::forget(db.db().writer(), before, 500);
        assert_eq!(forget().await.unwrap(), 2);
        assert_eq!(forget().await.unwrap(), 0);
        for (after, missed) in [(0, true), (1, true), (2, false), (3, false), (4, true)] {
            let mut follower = world.follow(Some(after)).await;
            assert_eq!(follower.has_missed(), missed, "{after}");
            if after == 2 {
                assert_eq!(next(&mut follower).await, 3);
            }
            assert!(is_silent(&mut follower).await, "{after}");
            assert_eq!(follower.cursor(), 3);
        }
    }
}
