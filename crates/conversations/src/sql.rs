//! What sea-orm has no words for, or the two databases write differently.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

/// Whether the JSON list in `column` (`table.column`) has `text` among its members.
pub(crate) fn json_has(conn: &impl ConnectionTrait, column: &str, text: &str) -> SimpleExpr {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => format!("jsonb_exists({column}, $1)"),
        _ => format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)"),
    };
    Expr::cust_with_values(sql, [text])
}

/// Gives each row of a table values of its own, in one statement. `columns` begins with the primary
/// key, and so does each of `rows`.
pub(crate) async fn update_each<const N: usize>(
    tx: &impl ConnectionTrait,
    table: &str,
    columns: [&str; N],
    rows: Vec<[Value; N]>,
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    // A database plans a statement once for each text it has. With a row named twice nothing is
    // lost, and there are few texts.
    let padded = rows.len().next_power_of_two();
    let tuple = |row: usize| {
        let places: Vec<_> = (1..=N).map(|n| format!("${}", row * N + n)).collect();
        format!("({})", places.join(", "))
    };
    let tuples: Vec<_> = (0..padded).map(tuple).collect();
    let key = columns[0];
    let set = |column: &&str| format!("{column} = fresh.{column}");
    let set: Vec<_> = columns[1..].iter().map(set).collect();
    let sql = format!(
        "WITH fresh ({}) AS (VALUES {}) UPDATE {table} SET {} FROM fresh \
         WHERE {table}.{key} = fresh.{key}",
        columns.join(", "),
        tuples.join(", "),
        set.join(", "),
    );
    let values = rows.iter().cycle().take(padded).flatten().cloned();
    let backend = tx.get_database_backend();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await
        .map(drop)
}
