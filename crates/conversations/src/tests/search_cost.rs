//! What filling the index costs, and what a search does in a million texts. A measurement, so it is
//! ignored and prints its figures:
//! `cargo test -p conversations -- --ignored --nocapture search_costs`.
//!
//! `SEARCH_COST_TEXTS` texts (a tenth of a million) and `SEARCH_COST_LEADS` leads are indexed in earnest;
//! then the texts and what the index knows of them are copied ten times over within the database.

use std::ops::Range;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend, QueryOrder, Statement};
use search::Query;
use search::progress::{self, Among};
use test_db::{copied_id, copy_row, on_both_databases};
use uuid::Uuid;

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

async fn fill_leads(world: &World<'_>, leads: usize) {
    let db = world.db.db();
    let backend = db.backend();
    let (lead, thread, _) = first(world).await;
    let id = |kind: u8| copied_id(backend, kind, "s.n");
    let name = format!(
        "{} || ' ' || {}",
        pick(backend, &NAMES, "s.n"),
        rare(backend, "s.n * 7")
    );
    let number = match backend {
        DbBackend::Postgres => "s.n::bigint",
        _ => "s.n",
    };
    let phone = format!("'+1' || (2000000000 + ({number} * 7919) % 900000000)");
    let tx = patient(world).await;
    let (of_lead, of_thread) = (id(1), id(2));
    let differing = [("id", of_lead.as_str()), ("phone", &phone), ("name", &name)];
    let copied = copy_row(&tx, "leads", ("id", lead), leads, &differing).await;
    copied.unwrap();
    let differing = [
        ("id", of_thread.as_str()),
        ("lead_id", &of_lead),
        ("remote_jid", "'sms_' || s.n"),
    ];
    let copied = copy_row(&tx, "conversations", ("id", thread), leads, &differing).await;
    copied.unwrap();
    tx.commit().await.unwrap();
}

/// The rows that all others are copies of: a lead, a conversation, a text.
async fn first(world: &World<'_>) -> (Uuid, Uuid, Uuid) {
    let newest = message::Entity::of(world.tenant).order_by_desc(message::Column::Id);
    let text = newest.one(world.db.db().read()).await.unwrap().unwrap();
    (text.lead_id.0, text.conversation_id.0, text.id.0)
}

/// How far apart the ids of a text's copies are: as far as five hexadecimal digits go.
const APART: usize = 1 << 20;

/// So many texts in each of some rows, each row like the others.
async fn fill_texts(world: &World<'_>, leads: usize, texts: usize, rows: Range<usize>) {
    let backend = world.db.db().backend();
    let (_, _, text) = first(world).await;
    let n = format!("((s.n - 1) % {texts} + 1)");
    let row = format!("((s.n - 1) / {texts} + {})", rows.start);
    let common = |step: usize| pick(backend, &COMMON, &format!("{n} / {step}"));
    let words = [
        common(1),
        common(3),
        common(5),
        rare(backend, &format!("{n} * 31")),
        common(11),
        common(17),
        rare(backend, &format!("{n} / 2")),
        common(23),
        common(41),
        format!("(100000 + {n} % 90000)"),
    ];
    let body = words.join(" || ' ' || ");
    let of = |kind: u8| copied_id(backend, kind, &format!("(1 + s.n % {leads})"));
    let id = copied_id(backend, 3, &format!("({n} + {row} * {APART})"));
    let (thread, lead) = (of(2), of(1));
    let sid = format!("'SN' || {row} || 'x' || {n}");
    let differing = [
        ("id", id.as_str()),
        ("conversation_id", &thread),
        ("lead_id", &lead),
        ("external_id", &sid),
        ("body", &body),
    ];
    let tx = patient(world).await;
    let times = texts * rows.len();
    let copied = copy_row(&tx, "messages", ("id", text), times, &differing).await;
    copied.unwrap();
    tx.commit().await.unwrap();
}

/// A transaction in which a statement may take as long as it takes.
async fn patient(world: &World<'_>) -> DatabaseTransaction {
    let tx = world.tx().await;
    if world.db.db().backend() == DbBackend::Postgres {
        let patience = "SET LOCAL statement_timeout = 0";
        tx.execute_unprepared(patience).await.unwrap();
    }
    tx
}

/// Copies what the index knows of the first row of texts for the others, which have the same words.
async fn multiply_index(world: &World<'_>, rows: Range<usize>) {
    for row in rows {
        let (doc, is_first) = match world.db.db().backend() {
            DbBackend::Postgres => (
                format!(
                    "overlay(replace(doc::text, '-', '') placing '{row:x}' from 27 for 1)::uuid"
                ),
                "doc < '01900000-0000-7003-8000-000000100000'",
            ),
            _ => (
                format!("unhex(substr(hex(doc), 1, 26) || '{row:x}' || substr(hex(doc), 28))"),
                "doc < x'01900000000070038000000000100000'",
            ),
        };
        for (table, columns) in [
            ("search_entries", "kind, lead_id, words"),
            ("search_terms", "kind, term"),
        ] {
            let sql = format!(
                "INSERT INTO {table} (tenant_id, doc, {columns}) \
                 SELECT tenant_id, {doc}, {columns} FROM {table} WHERE kind = 2 AND {is_first}"
            );
            let tx = patient(world).await;
            tx.execute_unprepared(&sql).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

/// Indexes until there is nothing left to index; gives how long the longest transaction took.
async fn index(world: &World<'_>) -> Duration {
    let (db, mut longest) = (world.db.db(), Duration::ZERO);
    loop {
        let behind = progress::behind(db.read(), Among::All, 1).await.unwrap();
        if behind.is_empty() {
            return longest;
        }
        let now = world.clock.now();
        let states = progress::of_each(db.writer(), &behind, now).await.unwrap();
        let batch = indexing::read(db.read(), &states).await.unwrap();
        let began = Instant::now();
        let tx = db.write_tx().await.unwrap();
        assert!(indexing::write(&tx, &batch, now).await.unwrap());
        tx.commit().await.unwrap();
        longest = longest.max(began.elapsed());
    }
}

/// How many terms all texts have.
async fn terms_of_texts(world: &World<'_>) -> usize {
    let conn = world.db.db().read();
    let sql = "SELECT COUNT(*) FROM search_terms WHERE kind = 2";
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await.unwrap().unwrap();
    usize::try_from(row.try_get_by_index::<i64>(0).unwrap()).unwrap()
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
        let set = |name: &str| {
            std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(100_000)
        };
        let (texts, leads) = (set("SEARCH_COST_TEXTS"), set("SEARCH_COST_LEADS"));
        let world = World::new(&db).await;
        let first = world.inbound("SM1", CUSTOMER, "a first text", &[]).await;
        world.receive(&[first]).await;
        fill_leads(&world, leads).await;
        fill_texts(&world, leads, texts, 0..1).await;
        let began = Instant::now();
        let longest = index(&world).await;
        println!(
            "{:?}: {texts} texts and {leads} leads indexed in {:?}, longest transaction {longest:?}",
            db.backend(), began.elapsed(),
        );
        println!("  {} terms of each text", terms_of_texts(&world).await / texts);
        fill_texts(&world, leads, texts, 1..10).await;
        multiply_index(&world, 1..10).await;
        if db.backend() == test_db::Backend::Postgres {
            let tables = "leads, conversations, messages, search_terms, search_entries";
            let tx = patient(&world).await;
            tx.execute_unprepared(&format!("ANALYZE {tables}")).await.unwrap();
            tx.commit().await.unwrap();
        }
        println!("  in {} texts; ms, median and slowest of 7", texts * 10);
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
        assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    }
}
