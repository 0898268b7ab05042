//! The promises of this crate.
#![cfg(test)]

use db::{Db, Options};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use test_db::{Backend, Scratch, TestDb, on_both_databases};

/// How many tables there are; both databases count their own.
async fn tables(db: &Db) -> i64 {
    let count = match db.backend() {
        DbBackend::Sqlite => "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'",
        _ => "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'",
    };
    let count = Statement::from_string(db.backend(), count);
    let row = db.read().query_one_raw(count).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

on_both_databases! {
    async fn a_database_has_the_schema_of_the_migrations(db: TestDb) {
        assert!(tables(db.db()).await > 1);
    }

    async fn two_databases_share_nothing(db: TestDb) {
        let other = TestDb::new(db.backend()).await;
        let before = tables(other.db()).await;

        db.db().writer().execute_unprepared("CREATE TABLE only_here (id INT)").await.unwrap();

        assert_ne!(db.url(), other.url());
        assert_eq!(tables(db.db()).await, before + 1);
        assert_eq!(tables(other.db()).await, before);
    }
}

#[tokio::test]
async fn a_dropped_database_is_gone() {
    let server = TestDb::postgres().await;
    let scratch = Scratch::blank(Backend::Postgres).await.unwrap();
    let name = scratch.url().rsplit('/').next().unwrap().to_owned();
    let exists = || async {
        let find = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
        let find = Statement::from_string(DbBackend::Postgres, find);
        server
            .db()
            .read()
            .query_one_raw(find)
            .await
            .unwrap()
            .is_some()
    };
    assert!(exists().await);

    drop(scratch);

    assert!(!exists().await);
}

#[tokio::test]
async fn a_blank_database_has_no_table() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let scratch = Scratch::blank(backend).await.unwrap();
        let db = Db::connect(&Options::new(scratch.url())).await.unwrap();
        assert_eq!(tables(&db).await, 0);
    }
}

#[tokio::test]
async fn a_transaction_that_somebody_forgets_is_ended_by_the_server() {
    let db = TestDb::postgres().await;
    let limit = "SHOW idle_in_transaction_session_timeout";
    let limit = Statement::from_string(DbBackend::Postgres, limit);
    let row = db.db().read().query_one_raw(limit).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "5s");
}

/// The connections that a thread at home reads by, asked several times.
fn read_at_home(db: &Db) -> Vec<i32> {
    let read = async {
        db::home::settle();
        let ask = async |conn: &DatabaseConnection| {
            let sql = "SELECT pg_backend_pid() AS pid";
            let asked = Statement::from_string(DbBackend::Postgres, sql);
            let row = conn.query_one_raw(asked).await.unwrap().unwrap();
            row.try_get::<i32>("", "pid").unwrap()
        };
        let mut pids = Vec::new();
        for _ in 0..3 {
            pids.push(ask(db.read()).await);
        }
        pids
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(read)
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_at_home_read_by_connections_of_their_own() {
    let test = TestDb::postgres().await;
    let options = Options {
        max_connections: 4,
        at_home: 2,
        ..Options::new(test.url())
    };
    let db = Db::connect(&options).await.unwrap();
    let threads = [db.clone(), db.clone()].map(|db| std::thread::spawn(move || read_at_home(&db)));
    let pids = threads.map(|thread| thread.join().unwrap());
    for own in &pids {
        assert!(own.iter().all(|pid| pid == &own[0]), "{pids:?}");
    }
    assert_ne!(pids[0][0], pids[1][0]);
    // With too few connections to go round all are common.
    let options = Options {
        max_connections: 2,
        ..options
    };
    let db = Db::connect(&options).await.unwrap();
    let pids = tokio::task::spawn_blocking(move || read_at_home(&db)).await;
    assert_eq!(pids.unwrap().len(), 3);
}
