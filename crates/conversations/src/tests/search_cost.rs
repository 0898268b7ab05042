//! What filling the index costs, and what a search does with a million texts and a hundred thousand
//! leads. A measurement, so it is ignored and prints its figures:
//! `cargo test -p conversations -- --ignored --nocapture search_costs`. `SEARCH_COST_TEXTS` takes
//! another number of texts; there are a tenth as many leads.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend};
use search::Query;
use search::progress;
use test_db::{copied_id, copy_row, on_both_databases};

use super::*;
use crate::leads::LeadFilter;
use crate::search::{find, indexing};
use crate::threads::{self, Sort, ThreadFilter, ThreadOrder};

const COMMON: [&str; 32] = [
    "the",
    "to",
    "you",
    "and",
    "is",
    "for",
    "we",
    "at",
    "on",
    "can",
    "please",
    "thanks",
    "your",
    "with",
    "time",
    "tomorrow",
    "today",
    "appointment",
    "have",
    "need",
    "call",
    "will",
    "be",
    "me",
    "boiler",
    "table",
    "order",
    "price",
    "open",
    "ready",
    "morning",
    "delivery",
];

const SYLLABLES: [&str; 32] = [
    "ba", "co", "di", "fe", "gu", "ha", "jo", "ki", "lu", "me", "na", "po", "qui", "ro", "su",
    "ta", "ve", "wa", "xi", "yo", "zu", "bra", "cle", "dro", "fli", "gra", "pre", "sti", "tra",
    "spo", "che", "no",
];

const NAMES: [&str; 16] = [
    "Ana", "Bruno", "Carla", "Diego", "Elena", "Felix", "Greta", "Hugo", "Ines", "João", "Karin",
    "Luis", "Maria", "Nora", "Otto", "Paula",
];

/// A word out of some, as SQL; the one at `at`, an SQL number.
fn pick(backend: DbBackend, words: &[&str], at: &str) -> String {
    let list = serde_json::to_string(words).unwrap();
    let length = words.len();
    match backend {
        DbBackend::Postgres => format!("('{list}'::jsonb ->> (({at}) % {length})::int)"),
        _ => format!("json_extract('{list}', '$[' || (({at}) % {length}) || ']')"),
    }
}

/// One of 32,768 words.
fn rare(backend: DbBackend, at: &str) -> String {
    let part = |divisor: usize| pick(backend, &SYLLABLES, &format!("({at}) / {divisor}"));
    format!("{} || {} || {}", part(1), part(32), part(1024))
}

async fn fill(world: &World<'_>, texts: usize) {
    let (db, leads) = (world.db.db(), texts / 10);
    let backend = db.backend();
    let (lead, thread, text) = {
        let lead = lead::Entity::of(world.tenant)
            .one(db.read())
            .await
            .unwrap()
            .unwrap();
        let text = message::Entity::of(world.tenant)
            .one(db.read())
            .await
            .unwrap()
            .unwrap();
        (lead.id.0, text.conversation_id.0, text.id.0)
    };
    let id = |kind: u8, n: &str| copied_id(backend, kind, n);
    let name = format!(
        "{} || ' ' || {}",
        pick(backend, &NAMES, "s.n"),
        rare(backend, "s.n * 7")
    );
    let phone = "'+1' || (2000000000 + (s.n * 7919) % 900000000)";
    let of_lead = format!("1 + s.n % {leads}");
    let common = |step: usize| pick(backend, &COMMON, &format!("s.n / {step}"));
    let words = [
        common(1),
        common(3),
        common(5),
        rare(backend, "s.n * 31"),
        common(11),
        common(17),
        rare(backend, "s.n / 2"),
        common(23),
        common(41),
        "(100000 + s.n % 90000)".to_owned(),
    ];
    let body = words.join(" || ' ' || ");
    let big = backend == DbBackend::Postgres;
    let wide = |sql: &str| {
        if big {
            sql.replace("s.n", "s.n::bigint")
        } else {
            sql.to_owned()
        }
    };
    let tx = db.write_tx().await.unwrap();
    let ids = (id(1, "s.n"), id(2, "s.n"), id(3, "s.n"));
    let differing = [
        ("id", ids.0.as_str()),
        ("phone", &wide(phone)),
        ("name", &wide(&name)),
    ];
    copy_row(&tx, "leads", ("id", lead), leads, &differing)
        .await
        .unwrap();
    let of = id(1, "s.n");
    let differing = [
        ("id", ids.1.as_str()),
        ("lead_id", &of),
        ("remote_jid", "'sms_' || s.n"),
    ];
    copy_row(&tx, "conversations", ("id", thread), leads, &differing)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (of_thread, of) = (
        id(2, &format!("({of_lead})")),
        id(1, &format!("({of_lead})")),
    );
    let body = wide(&body);
    let differing = [
        ("id", ids.2.as_str()),
        ("conversation_id", &of_thread),
        ("lead_id", &of),
        ("external_id", "'SN' || s.n"),
        ("body", &body),
    ];
    if big {
        db.writer()
            .execute_unprepared("SET statement_timeout = 0")
            .await
            .unwrap();
    }
    let tx = db.write_tx().await.unwrap();
    if big {
        tx.execute_unprepared("SET LOCAL statement_timeout = 0")
            .await
            .unwrap();
    }
    copy_row(&tx, "messages", ("id", text), texts, &differing)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    if big {
        db.writer()
            .execute_unprepared("ANALYZE leads, conversations, messages")
            .await
            .unwrap();
    }
}

/// Indexes until there is nothing left to index; gives how long the longest transaction took.
async fn index(world: &World<'_>) -> Duration {
    let (db, mut longest) = (world.db.db(), Duration::ZERO);
    loop {
        let behind = progress::behind(db.read(), 1).await.unwrap();
        let Some(tenant) = behind.first() else {
            return longest;
        };
        let now = world.clock.now();
        let progress = progress::of(db.writer(), tenant, now).await.unwrap();
        let batch = indexing::read(db.read(), tenant, progress).await.unwrap();
        let began = Instant::now();
        let tx = db.write_tx().await.unwrap();
        assert!(indexing::write(&tx, &batch, now).await.unwrap());
        tx.commit().await.unwrap();
        longest = longest.max(began.elapsed());
    }
}

/// The median and the slowest of some, in ms.
async fn measured<F: Future<Output = usize>>(what: &str, q: &str, ask: impl Fn() -> F) -> Duration {
    let (mut times, mut found) = (Vec::new(), 0);
    for _ in 0..7 {
        let began = Instant::now();
        found = ask().await;
        times.push(began.elapsed());
    }
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let first = format!("{what} {q:?}");
    println!(
        "  {first:<34} {found:>4} rows {:>8.1} {:>8.1}",
        ms(times[3]),
        ms(times[6])
    );
    times[3]
}

on_both_databases! {
    #[ignore = "takes many minutes"]
    async fn search_costs(db: TestDb) {
        let texts = std::env::var("SEARCH_COST_TEXTS").ok();
        let texts = texts.and_then(|texts| texts.parse().ok()).unwrap_or(1_000_000);
        let world = World::new(&db).await;
        let first = world.inbound("SM1", CUSTOMER, "a first text", &[]).await;
        world.receive(&[first]).await;
        fill(&world, texts).await;
        let began = Instant::now();
        let longest = index(&world).await;
        println!(
            "{:?}, {texts} texts, {} leads: indexed in {:?}, longest transaction {longest:?}; \
             ms, median and slowest of 7",
            db.backend(), texts / 10, began.elapsed(),
        );
        let (conn, tenant) = (db.db().read(), world.tenant);
        let kinds = search::Kind::ALL;
        let mut slowest = Duration::ZERO;
        for q in [
            "boi", "boiler", "b", "bo", "the", "the boiler", "the boiler appointment tomorrow please",
            "bacodi", "bac", "spo", "maria", "maria boiler", "2000", "555", "0123", "415 555", "123456",
            "100", "zzzz", "the zzzz", "che che", "bacodi bracle",
        ] {
            let query = Query::parse(q);
            let ask = || async {
                find(conn, tenant, &query, &kinds, None, 50).await.unwrap().rows.len()
            };
            slowest = slowest.max(measured("search", q, ask).await);
        }
        for q in ["maria", "mar", "m", "2000", "paula bac", "nobody"] {
            let filter = LeadFilter { q: Some(q.to_owned()), ..LeadFilter::default() };
            let ask = || async {
                leads::list(conn, tenant, &filter, None, 50).await.unwrap().rows.len()
            };
            slowest = slowest.max(measured("leads", q, ask).await);
            let filter = ThreadFilter { q: Some(q.to_owned()), ..ThreadFilter::default() };
            let ask = || async {
                let order = ThreadOrder::Inbox(Sort::Newest, None);
                threads::list(conn, tenant, &filter, order, 51).await.unwrap().rows.len()
            };
            slowest = slowest.max(measured("conversations", q, ask).await);
        }
        let lead = lead::Entity::of(tenant).one(conn).await.unwrap().unwrap();
        let began = Instant::now();
        let tx = db.db().write_tx().await.unwrap();
        let mut outbox = Outbox::new();
        leads::delete(&tx, &world.clock, &mut outbox, tenant, lead.id).await.unwrap();
        println!("  a lead with ten texts is erased in {:?}", began.elapsed());
        tx.rollback().await.unwrap();
        // What a debug build on a busy machine may take.
        assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    }
}
