//! A look into the service's database, for what its API does not tell.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult,
    Statement,
};

/// One connection to a world's database.
#[derive(Clone)]
pub(crate) struct Rows(DatabaseConnection);

impl Rows {
    pub(crate) async fn of(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Self(Database::connect(options).await.unwrap())
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap();
    }

    pub(crate) async fn copy(
        &self,
        table: &str,
        (key, id): (&str, &str),
        times: usize,
        differing: &[(&str, &str)],
    ) {
        let id = id.parse::<Uuid>().unwrap();
        let copied = test_db::copy_row(&self.0, table, (key, id), times, differing);
        copied.await.unwrap();
    }

    pub(crate) fn copied_id(&self, kind: u8, n: &str) -> String {
        test_db::copied_id(self.0.get_database_backend(), kind, n)
    }

    /// The time as SQL, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> &'static str {
        match self.0.get_database_backend() {
            DbBackend::Postgres => "(extract(epoch FROM now()) * 1000)::bigint",
            _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        }
    }

    pub(crate) async fn all(&self, sql: &str) -> Vec<QueryResult> {
        let sql = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(sql).await.unwrap()
    }

    /// The one number that a query gives.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.all(sql).await[0].try_get_by_index(0).unwrap()
    }

    /// Names and how many there are of each, as people read it.
    pub(crate) async fn tally(&self, sql: &str) -> String {
        let rows = self.all(sql).await;
        let words = rows.iter().map(|row| {
            let name: String = row.try_get_by_index(0).unwrap();
            let count: i64 = row.try_get_by_index(1).unwrap();
            format!("{name} {count}")
        });
        words.collect::<Vec<_>>().join(", ")
    }
}
