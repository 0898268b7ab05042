//! Looking into databases and filling them: one connection, SQL as text.

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};

use crate::outcome::Outcome;

/// One connection.
#[derive(Clone, Debug)]
pub(crate) struct Sql(DatabaseConnection);

impl Sql {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Ok(Self(Database::connect(options).await?))
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Postgres
    }

    pub(crate) async fn run(&self, sql: &str) -> Outcome {
        let done = self.0.execute_unprepared(sql).await;
        done.map(drop)
            .map_err(|error| format!("{error}\nin: {sql}").into())
    }

    /// The one number that a query gives.
    pub(crate) async fn count(&self, sql: &str) -> Outcome<u64> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let row = self.0.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| format!("no row: {sql}"))?;
        let number: i64 = row.try_get_by_index(0)?;
        Ok(u64::try_from(number)?)
    }

    /// The first column of every row, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Outcome<Vec<String>> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let rows = self.0.query_all_raw(statement).await?;
        let texts = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(texts.collect::<Result<_, _>>()?)
    }

    /// The one text that a query gives.
    pub(crate) async fn text(&self, sql: &str) -> Outcome<String> {
        let first = self.texts(sql).await?.into_iter().next();
        first.ok_or_else(|| format!("no row: {sql}").into())
    }

    /// `series AS s(n)` with the numbers from 0 to `count - 1`.
    pub(crate) fn series(&self, count: u64) -> String {
        if self.is_postgres() {
            return format!("generate_series(0::bigint, {count}::bigint - 1) AS s(n)");
        }
        format!(
            "(WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {count}) \
             SELECT n FROM s) AS s"
        )
    }

    /// A number as so many hexadecimal digits.
    pub(crate) fn hex(&self, n: &str, digits: usize) -> String {
        if self.is_postgres() {
            format!("lpad(to_hex(({n})::bigint), {digits}, '0')")
        } else {
            format!("printf('%0{digits}x', {n})")
        }
    }

    /// The id of a row that was filled in, over its number; `kind` keeps tables apart. Older than any
    /// that is made now, and in the order of the numbers.
    pub(crate) fn id(&self, kind: u8, n: &str) -> String {
        let last = self.hex(n, 12);
        if self.is_postgres() {
            format!("('01900000-0000-7{kind:03x}-8000-' || {last})::uuid")
        } else {
            format!("unhex('0190000000007{kind:03x}8000' || {last})")
        }
    }

    /// The time, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> &'static str {
        if self.is_postgres() {
            "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
        } else {
            "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
        }
    }

    /// What a server does by itself after a while.
    pub(crate) async fn tidy(&self) -> Outcome {
        if self.is_postgres() {
            self.run("VACUUM ANALYZE").await?;
            return self.run("CHECKPOINT").await;
        }
        self.run("ANALYZE").await?;
        self.run("PRAGMA wal_checkpoint(TRUNCATE)").await
    }

    /// Writes to disk what is due, so that this falls into no measurement.
    pub(crate) async fn checkpoint(&self) -> Outcome {
        if self.is_postgres() {
            return self.run("CHECKPOINT").await;
        }
        self.run("PRAGMA wal_checkpoint(TRUNCATE)").await
    }
}

/// The id of [`Sql::id`], as it is written in URLs.
pub(crate) fn id_text(kind: u8, n: u64) -> String {
    format!("01900000-0000-7{kind:03x}-8000-{n:012x}")
}

/// Durable, whatever the server was started with, and with enough memory for data of this size.
pub(crate) async fn configure(url: &str) -> Outcome {
    let sql = Sql::connect(url).await?;
    for (name, value) in SERVER {
        sql.run(&format!("ALTER SYSTEM SET {name} = '{value}'"))
            .await?;
    }
    Ok(())
}

/// How PostgreSQL is set, for both sides alike.
pub(crate) const SERVER: [(&str, &str); 6] = [
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("shared_buffers", "1GB"),
    ("max_wal_size", "8GB"),
    ("checkpoint_timeout", "30min"),
];

/// What the server says of [`SERVER`], for the results.
pub(crate) async fn settings(sql: &Sql) -> Outcome<String> {
    let names = SERVER.map(|(name, _)| format!("'{name}'")).join(", ");
    let said = sql
        .texts(&format!(
            "SELECT name || ' = ' || current_setting(name) FROM pg_settings \
             WHERE name IN ({names}) ORDER BY name"
        ))
        .await?;
    Ok(said.join(", "))
}
