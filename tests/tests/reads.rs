//! What lists read: as much as a page takes, however long the tables are.
//!
//! Every list of the API is asked for, in its orders and by its filters, in a business with twenty
//! thousand conversations and as many messages. Beside it are a thousand small ones with as much
//! together, and newer: PostgreSQL plans for a business of the usual size. On PostgreSQL the
//! server tells how it carried out the statements that the program issued (see the crate
//! `test-plans`); on SQLite, which tells nothing, the bytes are counted that the program read.

mod bytes;
mod fill;
mod plans;

use test_db::Backend;
use test_plans::Known;

use crate::harness::{Client, Reply, Setup, runtime};

/// How many conversations, leads, messages, notes and entries of activity the large business has, and the
/// small ones together.
const MANY: usize = 20_000;

/// Lists that read more the more there is, with the reason. One that does so no longer has to go from
/// here: the test says so.
const GROWING: &[(&str, &[Backend], &str)] = &[
    (
        "conversations/{conversation}/messages?limit=50&updated_since={since}",
        BOTH,
        "all of the conversation is sorted by its changes",
    ),
    ("search?limit=50&q={word}", &[Backend::Postgres], COUNTED),
    (
        "search?limit=50&q={word}&type=message",
        &[Backend::Postgres],
        COUNTED,
    ),
];

/// Up to 2,000 entries of one index, and no more however many there are.
const COUNTED: &str = "what begins with the letters is counted, to choose the shortest way";

const BOTH: &[Backend] = &[Backend::Sqlite, Backend::Postgres];

#[test]
fn lists_read_a_page_however_long_the_tables_are_on_postgres() {
    runtime().block_on(async {
        let setup = setup(Backend::Postgres)
            .with("RUST_LOG", test_plans::LOG_FILTER)
            .with("LOG__FORMAT", "json");
        let mut world = setup.start().await;
        let (api, known) = fill::fill(&world).await;
        plans::tell(&mut world).await;
        judge(Backend::Postgres, &plans::look(&world, &api, &known).await);
    });
}

#[test]
fn lists_read_a_page_however_long_the_tables_are_on_sqlite() {
    runtime().block_on(async {
        let mut world = setup(Backend::Sqlite).start().await;
        let (api, known) = fill::fill(&world).await;
        world.end_and_restart();
        judge(Backend::Sqlite, &bytes::look(&world, &api, &known).await);
    });
}

/// With as few connections as there may be: each sees every statement often enough to keep a plan for
/// it, and together they keep little in memory.
fn setup(backend: Backend) -> Setup {
    let connections = match backend {
        Backend::Postgres => "2",
        Backend::Sqlite => "1",
    };
    Setup::on(backend)
        .with("SERVER__WORKERS", "1")
        .with("DATABASE__MAX_CONNECTIONS", connections)
}

/// What a list has read too much of, if anything.
type Excess = (&'static str, Option<String>);

/// Fails with all that is too much, and with what is known to be and is not.
fn judge(backend: Backend, all: &[Excess]) {
    let is_known = |list: &str| {
        let known =
            |(known, on, _): &(&str, &[Backend], _)| *known == list && on.contains(&backend);
        GROWING.iter().any(known)
    };
    let wrong = all.iter().filter_map(|(list, excess)| match excess {
        Some(excess) if !is_known(list) => Some(format!("{list}: {excess}")),
        None if is_known(list) => Some(format!("{list} no longer grows: strike it from GROWING")),
        _ => None,
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "on {backend:?}:\n{}", wrong.join("\n"));
}

/// Asks for the first page of a list and for the second.
async fn pages(api: &Client, known: &Known, list: &str) -> Vec<Reply> {
    let path = format!("/api/v1/{}", known.filled(list));
    let first = api.get(&path).await.expect(200);
    let cursor = first.text("/next_cursor");
    let mut pages = vec![first];
    if !cursor.is_empty() {
        let joined = if path.contains('?') { '&' } else { '?' };
        let next = api.get(&format!("{path}{joined}cursor={cursor}")).await;
        pages.push(next.expect(200));
    }
    pages
}
