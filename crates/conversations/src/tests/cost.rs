//! What the inbox costs with few and with many conversations. A measurement, so it is ignored and
//! prints its figures: `cargo xtask soak inbox`.

use std::time::{Duration, Instant};

use entity::id::UserId;
use entity::{conversation, label, note};
use events::Activity;
use sea_orm::{ConnectionTrait, DbBackend};
use test_db::{Backend, copied_id, copy_row, on_both_databases};

use super::*;
use crate::labels::{self, LabelName};
use crate::threads::{self, Sort, ThreadFilter, ThreadOrder};
use crate::{notes, timeline};

/// How often each thing is asked.
const ROUNDS: usize = 40;

/// What is asked, in this order, and what each costs.
const ASKED: [&str; 5] = ["counts", "labels", "by label", "by rare label", "timeline"];

on_both_databases! {
    #[ignore = "takes minutes: `cargo xtask soak inbox`"]
    async fn the_inbox_costs_the_same_however_many_conversations_there_are(db: TestDb) {
        println!("inbox on {:?}: median and slowest of {ROUNDS}, in ms", db.backend());
        let little = measure(db.backend(), 2_000).await;
        let much = measure(db.backend(), 100_000).await;
        for (what, (little, much)) in ASKED.iter().zip(little.into_iter().zip(much)) {
            // Some milliseconds are what a busy machine adds. SQLite sorts all who carry a label, a
            // tenth of the conversations here, so that grows with them.
            let allowed = match *what {
                "by label" => Duration::from_millis(250),
                _ => little * 3 + Duration::from_millis(5),
            };
            assert!(much <= allowed, "{what}: {much:?} with many conversations, {little:?} with few");
        }
    }
}

/// Fills a database of its own, asks, prints, and gives the medians.
async fn measure(backend: Backend, size: usize) -> Vec<Duration> {
    let db = TestDb::new(backend).await;
    let world = World::new(&db).await;
    let me = UserId::new(&world.clock);
    fill(&world, me, size).await;
    let mut times = vec![Vec::new(); ASKED.len()];
    for _ in 0..ROUNDS {
        for (n, times) in times.iter_mut().enumerate() {
            let begun = Instant::now();
            ask(&world, me, n).await;
            times.push(begun.elapsed());
        }
    }
    let mut medians = Vec::new();
    for (what, mut times) in ASKED.iter().zip(times) {
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (median, slowest) = (times[ROUNDS / 2], times[ROUNDS - 1]);
        println!(
            "  {size:>7} {what:<14} {:>8.2} {:>8.2}",
            ms(median),
            ms(slowest)
        );
        medians.push(median);
    }
    medians
}

async fn ask(world: &World<'_>, me: UserId, what: usize) {
    let (read, tenant) = (world.db.db().read(), world.tenant);
    let found = match ASKED[what] {
        "counts" => {
            let counts = threads::counts(read, tenant, me).await.unwrap();
            usize::try_from(counts.open.all).unwrap()
        }
        "labels" => labels::list(read, tenant).await.unwrap().len(),
        "timeline" => {
            let id = world.conversation().await.id;
            let rows = timeline::list(read, tenant, id, None, 51).await.unwrap();
            timeline::items(read, tenant, rows).await.unwrap().len()
        }
        by_label => {
            let name = if by_label == "by label" {
                "label 1"
            } else {
                "rare"
            };
            let filter = ThreadFilter {
                label: Some(LabelName::parse(name).unwrap()),
                ..ThreadFilter::default()
            };
            let order = ThreadOrder::Inbox(Sort::Newest, None);
            let found = threads::list(read, tenant, &filter, order, 51).await;
            found.unwrap().rows.len()
        }
    };
    assert!(found > 0, "nothing was found");
}

/// Conversations in every state, each with one of ten labels; and, in one of them, as many texts,
/// notes and entries of activity.
async fn fill(world: &World<'_>, me: UserId, size: usize) {
    world.texts("SM1", "Hello").await;
    let thread = world.conversation().await;
    let mut made = Vec::new();
    for n in 0..10 {
        made.push(world.make_label(&format!("label {n}")).await.unwrap());
    }
    let rare = world.make_label("rare").await.unwrap();
    let (tx, mut outbox) = (world.tx().await, Outbox::by(me));
    let names = ["label 0", "rare"].map(|name| LabelName::parse(name).unwrap());
    let told = labels::put_on(&tx, &world.clock, &mut outbox, &thread, &names).await;
    outbox.record(
        &world.clock,
        Activity::within(&thread, told.unwrap().unwrap()),
    );
    let body = "Be kind".to_owned();
    let note = notes::create(
        &tx,
        &world.clock,
        &mut outbox,
        world.tenant,
        me,
        thread.id,
        body,
    );
    let note = note.await.unwrap().note;
    world.finish(tx, outbox).await;
    let tx = world.tx().await;
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0")
            .await
            .unwrap();
    }
    copy(&tx, world, (&thread, me), &note, size).await;
    carry(&tx, &made, &rare, size).await;
    tx.commit().await.unwrap();
    // As a server does by itself after a while.
    let sweep = match world.db.backend() {
        Backend::Postgres => "VACUUM ANALYZE",
        Backend::Sqlite => "ANALYZE",
    };
    world
        .db
        .db()
        .writer()
        .execute_unprepared(sweep)
        .await
        .unwrap();
}

async fn copy(
    tx: &DatabaseTransaction,
    world: &World<'_>,
    (thread, me): (&conversation::Model, UserId),
    note: &note::Model,
    size: usize,
) {
    let backend = tx.get_database_backend();
    let id = |kind| copied_id(backend, kind, "s.n");
    let me = match backend {
        DbBackend::Postgres => format!("'{me}'::uuid"),
        _ => format!("unhex('{}')", me.0.simple()),
    };
    let conversation = id(1);
    let assigned = format!("CASE s.n % 5 WHEN 0 THEN {me} ELSE NULL END");
    let of_conversation = [
        ("id", conversation.as_str()),
        ("remote_jid", "'sms_' || s.n"),
        (
            "status",
            "CASE s.n % 3 WHEN 0 THEN 'closed' ELSE 'open' END",
        ),
        ("unread_count", "s.n % 4"),
        ("assigned_user_id", &assigned),
    ];
    copy_row(
        tx,
        "conversations",
        ("id", thread.id.0),
        size,
        &of_conversation,
    )
    .await
    .unwrap();
    let text = thread.last_message_id.unwrap();
    let (message, sid) = (id(2), "'SMX' || s.n");
    let of_message = [("id", message.as_str()), ("external_id", sid)];
    copy_row(tx, "messages", ("id", text.0), size, &of_message)
        .await
        .unwrap();
    copy_row(tx, "notes", ("id", note.id.0), size, &[("id", &id(3))])
        .await
        .unwrap();
    let told = entity::activity::Entity::of(world.tenant);
    let told = told
        .order_by_desc(entity::activity::Column::Id)
        .one(tx)
        .await
        .unwrap()
        .unwrap();
    copy_row(tx, "activity", ("id", told.id.0), size, &[("id", &id(4))])
        .await
        .unwrap();
}

/// Gives each copied conversation one of the labels.
async fn carry(
    tx: &DatabaseTransaction,
    labels: &[label::Model],
    rare: &label::Model,
    size: usize,
) {
    let backend = tx.get_database_backend();
    for (n, label) in labels.iter().enumerate() {
        let conversation = copied_id(backend, 1, &format!("(s.n * 10 - {n})"));
        let its = match backend {
            DbBackend::Postgres => format!("'{}'::uuid", label.id),
            _ => format!("unhex('{}')", label.id.0.simple()),
        };
        let of_label = [
            ("conversation_id", conversation.as_str()),
            ("label_id", &its),
        ];
        let from = ("label_id", rare.id.0);
        copy_row(tx, "conversation_labels", from, size / 10, &of_label)
            .await
            .unwrap();
    }
}
