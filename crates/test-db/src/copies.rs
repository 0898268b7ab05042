//! Many rows at once: copies of one that is there, made within the database.
//!
//! For tests that need a table to be long. Which columns there are is asked of the database, so
//! that a test only has to know what differs from copy to copy.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use uuid::Uuid;

/// Copies the row of `table` whose `key` is `id`, `times` times. What `differing` names gets the SQL
/// that stands beside it instead; in it `t` is the row and `s.n` the copy's number, from 1.
///
/// # Errors
/// When the database refuses; a column that must be unique has to differ.
pub async fn copy_row(
    conn: &impl ConnectionTrait,
    table: &str,
    (key, id): (&str, Uuid),
    times: usize,
    differing: &[(&str, &str)],
) -> Result<(), DbErr> {
    let backend = conn.get_database_backend();
    let columns = columns(conn, table).await?;
    let values: Vec<String> = columns
        .iter()
        .map(
            |column| match differing.iter().find(|(name, _)| name == column) {
                Some((_, sql)) => (*sql).to_owned(),
                None => format!("t.{column}"),
            },
        )
        .collect();
    let sql = format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} AS t CROSS JOIN {} WHERE t.{key} = $1",
        columns.join(", "),
        values.join(", "),
        series(backend, times),
    );
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, [id.into()]))
        .await
        .map(drop)
}

/// The id of a copy, as SQL over its number: `n` is `s.n`, or another number. `kind` keeps the
/// copies of several tables apart. They are older than any id that is made now.
#[must_use]
pub fn copied_id(backend: DbBackend, kind: u8, n: &str) -> String {
    match backend {
        DbBackend::Postgres => {
            format!("('01900000-0000-7{kind:03x}-8000-' || lpad(to_hex({n}), 12, '0'))::uuid")
        }
        // It keeps the bytes.
        _ => format!("unhex('0190000000007{kind:03x}8000' || printf('%012x', {n}))"),
    }
}

fn series(backend: DbBackend, times: usize) -> String {
    match backend {
        DbBackend::Postgres => format!("generate_series(1, {times}) AS s(n)"),
        _ => format!(
            "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {times}) \
             SELECT n FROM s) AS s"
        ),
    }
}

async fn columns(conn: &impl ConnectionTrait, table: &str) -> Result<Vec<String>, DbErr> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' \
             ORDER BY ordinal_position"
        }
        _ => "SELECT name FROM pragma_table_info($1) ORDER BY cid",
    };
    let list = Statement::from_sql_and_values(backend, sql, [table.into()]);
    let rows = conn.query_all_raw(list).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
