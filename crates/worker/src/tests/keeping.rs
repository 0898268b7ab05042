//! The jobs that come round by the clock.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{ConversationId, ImportId, MessageEventId, SessionId, UserId};
use entity::json::ImportColumns;
use entity::value::{ConversationStatus, ImportStatus, OnDuplicate};
use entity::{
    conversation, event, idempotency_key, import, import_error, message_event, search_progress,
    session, user,
};
use sea_orm::ActiveValue::Set;
use sea_orm::DbErr;
use test_db::on_both_databases;

use super::*;
use crate::jobs::{Forget, Job, Round, WakeSnoozed, repeat};

async fn kept_answer(bench: &Bench, key: &str, expires_at: DateTime<Utc>) {
    let row = idempotency_key::Model {
        tenant_id: bench.tenant,
        route: "POST /api/v1/messages".to_owned(),
        key: key.to_owned(),
        body_digest: String::new(),
        status: Some(202),
        answer: None,
        started_at: bench.clock.now(),
        expires_at,
    };
    row.into_active_model()
        .insert(bench.db.writer())
        .await
        .unwrap();
}

async fn some_login(bench: &Bench, user_id: UserId, expires_at: DateTime<Utc>) -> SessionId {
    let row = session::Model {
        id: SessionId::new(&bench.clock),
        tenant_id: bench.tenant,
        user_id,
        generation: 0,
        rotated_at: bench.clock.now(),
        attempt_digest: None,
        expires_at,
        revoked_at: None,
        created_at: bench.clock.now(),
    };
    row.into_active_model()
        .insert(bench.db.writer())
        .await
        .unwrap()
        .id
}

async fn some_user(bench: &Bench) -> UserId {
    let row = user::Model {
        id: UserId::new(&bench.clock),
        email: "ana@example.com".to_owned(),
        name: "Ana".to_owned(),
        password_hash: String::new(),
        created_at: bench.clock.now(),
        updated_at: bench.clock.now(),
    };
    row.into_active_model()
        .insert(bench.db.writer())
        .await
        .unwrap()
        .id
}

async fn some_event(bench: &Bench, seq: i64, kind: &str, occurred_at: DateTime<Utc>) {
    let row = event::Model {
        tenant_id: bench.tenant,
        seq,
        kind: kind.to_owned(),
        data: json!({}),
        occurred_at,
    };
    row.into_active_model()
        .insert(bench.db.writer())
        .await
        .unwrap();
}

async fn some_report(bench: &Bench, status: &str, received_at: DateTime<Utc>) {
    let row = message_event::Model {
        id: MessageEventId::before(received_at),
        tenant_id: bench.tenant,
        message_id: None,
        attempt: None,
        sid: "SM1".to_owned(),
        status: status.to_owned(),
        error_code: None,
        received_at,
    };
    row.into_active_model()
        .insert(bench.db.writer())
        .await
        .unwrap();
}

async fn snooze(bench: &Bench, id: ConversationId, until: DateTime<Utc>) {
    let row = conversation::ActiveModel {
        id: Set(id),
        tenant_id: Set(bench.tenant),
        status: Set(ConversationStatus::Snoozed),
        snoozed_until: Set(Some(until)),
        ..Default::default()
    };
    row.update(bench.db.writer()).await.unwrap();
}

/// An import that ended so many days ago, with something wrong in it.
async fn some_import(bench: &Bench, days_ago: i64) -> ImportId {
    let ended = bench.clock.now() - TimeDelta::days(days_ago);
    let row = import::Model {
        id: ImportId::new(&bench.clock),
        tenant_id: bench.tenant,
        user_id: UserId::new(&bench.clock),
        filename: None,
        status: ImportStatus::Done,
        detail: None,
        on_duplicate: OnDuplicate::Update,
        dry_run: false,
        file_key: None,
        encoding: "UTF-8".to_owned(),
        delimiter: ",".to_owned(),
        columns: ImportColumns::default(),
        total_rows: 1,
        done_rows: 1,
        created: 0,
        updated: 0,
        skipped: 0,
        failed: 1,
        turn: 0,
        next_at_ms: 0,
        failures: 0,
        created_at: ended,
        updated_at: ended,
        finished_at: Some(ended),
    };
    let row = row
        .into_active_model()
        .insert(bench.db.writer())
        .await
        .unwrap();
    let error = import_error::Model {
        tenant_id: bench.tenant,
        import_id: row.id,
        row: 2,
        position: 0,
        column: None,
        value: None,
        detail: "there is nothing in it".to_owned(),
    };
    error
        .into_active_model()
        .insert(bench.db.writer())
        .await
        .unwrap();
    row.id
}

on_both_databases! {
    async fn kept_answers_and_old_logins_are_forgotten(db: TestDb) {
        let bench = Bench::new(db).await;
        let (db, now) = (bench.db.clone(), bench.clock.now());
        kept_answer(&bench, "old", now - TimeDelta::seconds(1)).await;
        kept_answer(&bench, "new", now + TimeDelta::hours(1)).await;
        let user = some_user(&bench).await;
        some_login(&bench, user, now - TimeDelta::days(31)).await;
        let recent = some_login(&bench, user, now - TimeDelta::days(29)).await;

        let job = Forget { db: db.clone(), clock: bench.clock.clone() };
        assert_eq!(job.round().await.unwrap(), Round::Done);
        let answers = idempotency_key::Entity::find().all(db.read()).await.unwrap();
        let keys: Vec<_> = answers.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(keys, ["new"]);
        let logins = session::Entity::find().all(db.read()).await.unwrap();
        assert_eq!(logins.iter().map(|row| row.id).collect::<Vec<_>>(), [recent]);
    }

    async fn events_and_reports_are_forgotten_when_they_are_old(db: TestDb) {
        let bench = Bench::new(db).await;
        let (db, now) = (bench.db.clone(), bench.clock.now());
        some_event(&bench, 1001, "sms_sent", now - TimeDelta::days(8)).await;
        some_event(&bench, 1002, "sms_sent", now - TimeDelta::days(6)).await;
        some_report(&bench, "queued", now - TimeDelta::days(91)).await;
        some_report(&bench, "delivered", now - TimeDelta::days(89)).await;

        let job = Forget { db: db.clone(), clock: bench.clock.clone() };
        assert_eq!(job.round().await.unwrap(), Round::Done);
        let events = event::Entity::find().filter(event::Column::Seq.gt(1000));
        let events = events.all(db.read()).await.unwrap();
        assert_eq!(events.iter().map(|row| row.seq).collect::<Vec<_>>(), [1002]);
        let reports = message_event::Entity::find().all(db.read()).await.unwrap();
        let statuses: Vec<_> = reports.iter().map(|row| row.status.as_str()).collect();
        assert_eq!(statuses, ["delivered"]);
    }

    async fn an_event_stays_until_the_index_knows_of_it_and_an_old_import_goes(db: TestDb) {
        let bench = Bench::new(db).await;
        let now = bench.clock.now();
        let old = now - TimeDelta::days(8);
        for seq in [101, 102, 103] {
            some_event(&bench, seq, "sms_received", old).await;
        }
        // There is nothing in it to be found, so the index never comes as far.
        some_event(&bench, 104, "sms_sent", old).await;
        let progress = search_progress::Model {
            tenant_id: bench.tenant,
            seq: 102,
            turn: 0,
            filling_kind: None,
            filled_from: None,
            updated_at: now,
        };
        progress.into_active_model().insert(bench.db.writer()).await.unwrap();
        let (old, fresh) = (some_import(&bench, 31).await, some_import(&bench, 29).await);
        let forget = Forget { db: bench.db.clone(), clock: bench.clock.clone() };
        forget.round().await.unwrap();
        let left = event::Entity::of(bench.tenant).all(bench.db.read()).await.unwrap();
        assert_eq!(left.iter().map(|event| event.seq).collect::<Vec<_>>(), [103]);
        let left = import::Entity::of(bench.tenant).all(bench.db.read()).await.unwrap();
        assert_eq!(left.iter().map(|row| row.id).collect::<Vec<_>>(), [fresh]);
        let left = import_error::Entity::of(bench.tenant).all(bench.db.read()).await.unwrap();
        assert!(left.iter().all(|error| error.import_id != old) && left.len() == 1);
    }

    async fn a_conversation_comes_back_when_its_snooze_is_over(db: TestDb) {
        let bench = Bench::new(db).await;
        let now = bench.clock.now();
        let mut statuses = Vec::new();
        for (to, until) in [(THEIRS, -1), ("+14155550101", 60)] {
            let message = bench.submit(to, "Hello").await;
            let id = bench.message(message).await.conversation_id;
            snooze(&bench, id, now + TimeDelta::seconds(until)).await;
            statuses.push(id);
        }
        let before = events::current(bench.db.read(), bench.tenant).await.unwrap();
        let (db, clock, bell) = (bench.db.clone(), bench.clock.clone(), bench.bell.clone());
        let job = WakeSnoozed { db, clock, bell };
        assert_eq!(job.round().await.unwrap(), Round::Done);
        let mut found = Vec::new();
        for id in statuses {
            let row = conversation::Entity::find_by_id((id, bench.tenant)).one(bench.db.read()).await;
            found.push(row.unwrap().unwrap().status);
        }
        assert_eq!(found, [ConversationStatus::Open, ConversationStatus::Snoozed]);
        let after = events::current(bench.db.read(), bench.tenant).await.unwrap();
        assert_eq!(after, before + 1);
    }
}

/// Panics, fails, and then goes on.
struct Troubled(Arc<AtomicUsize>);

impl Job for Troubled {
    const NAME: &'static str = "troubled";
    const EVERY: Duration = Duration::from_millis(1);

    async fn round(&self) -> Result<Round, DbErr> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("on purpose"),
            1 => Err(DbErr::Custom("on purpose".to_owned())),
            _ => Ok(Round::Done),
        }
    }
}

#[tokio::test]
async fn a_job_goes_on_after_an_error_and_after_a_panic() {
    let rounds = Arc::new(AtomicUsize::new(0));
    let stop = CancellationToken::new();
    let job = tokio::spawn(repeat(Troubled(Arc::clone(&rounds)), stop.clone()));
    while rounds.load(Ordering::SeqCst) < 4 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stop.cancel();
    job.await.unwrap();
}
