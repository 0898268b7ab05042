//! PostgreSQL: how the statements were carried out that the program issued.

use std::collections::BTreeSet;
use std::time::Duration;

use test_plans::{Known, LISTS, SETTINGS, Statement, more, statements};

use super::{Excess, pages};
use crate::harness::{Client, World};
use crate::soak::Rows;

/// A statement is planned anew five times; after that one plan may serve all values.
const ROUNDS: usize = 8;

/// How many rows a page of 50 may take: itself, and some looks for each row of it.
const MOST_ROWS: u64 = 400;

/// However many rows a page has.
const MOST_STATEMENTS: usize = 12;

/// Tables with fewer rows may be read whole.
const BIG: u32 = 10_000;

/// Has the server tell, from the program's next start on, which is now.
pub(super) async fn tell(world: &mut World) {
    let rows = Rows::of(world.scratch.url()).await;
    let (_, name) = world.scratch.url().rsplit_once('/').unwrap();
    for (setting, value) in SETTINGS {
        let set = format!("ALTER DATABASE \"{name}\" SET {setting} = '{value}'");
        rows.run(&set).await;
    }
    world.end_and_restart();
}

pub(super) async fn look(world: &World, api: &Client, known: &Known) -> Vec<Excess> {
    let mut asked = Vec::new();
    for list in LISTS {
        let mut requests = Vec::new();
        for _ in 0..ROUNDS {
            for page in pages(api, known, list).await {
                requests.push(page.header("x-request-id").to_owned());
            }
        }
        asked.push(requests);
    }
    // The last notices are still on their way.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let told = statements(&world.service.log());
    let big = big(world).await;
    let excess = LISTS.iter().zip(&asked).map(|(list, requests)| {
        let most = MOST_ROWS + more(list);
        let all: Vec<_> = requests.iter().filter_map(|id| told.get(id)).collect();
        assert!(
            !all.is_empty(),
            "the server tells nothing: is auto_explain installed?"
        );
        all.into_iter()
            .find_map(|statements| excess(statements, &big, most))
    });
    LISTS.iter().copied().zip(excess).collect()
}

async fn big(world: &World) -> BTreeSet<String> {
    let rows = Rows::of(world.scratch.url()).await;
    let list = format!(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND reltuples >= {BIG} \
         AND relnamespace = 'public'::regnamespace"
    );
    let names = rows.all(&list).await;
    let names: BTreeSet<String> = names
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    for table in ["leads", "conversations", "messages", "notes", "activity"] {
        assert!(names.contains(table), "{table} is not long: {names:?}");
    }
    names
}

/// What of one request is too much.
fn excess(statements: &[Statement], big: &BTreeSet<String>, most: u64) -> Option<String> {
    if statements.len() > MOST_STATEMENTS {
        return Some(format!("{} statements", statements.len()));
    }
    let scans = statements
        .iter()
        .flat_map(|one| one.scans.iter().map(move |scan| (one, scan)));
    let scans: Vec<_> = scans
        .filter(|(_, scan)| big.contains(&scan.table))
        .collect();
    let whole = scans.iter().find(|(_, scan)| scan.index.is_none());
    if let Some((statement, scan)) = whole {
        return Some(format!(
            "all of {} is read by {}",
            scan.table, statement.text
        ));
    }
    let rows: u64 = scans.iter().map(|(_, scan)| scan.rows).sum();
    let (statement, scan) = scans.iter().max_by_key(|(_, scan)| scan.rows)?;
    (rows > most).then(|| {
        format!(
            "{rows} rows are read, most of {scan:?} by {}",
            statement.text
        )
    })
}
