//! What sea-orm has no words for, or the two databases write differently.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, Statement, Value};

/// Whether the JSON list in `column` (`table.column`) has `text` among its members.
pub(crate) fn json_has(conn: &impl ConnectionTrait, column: &str, text: &str) -> SimpleExpr {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => format!("jsonb_exists({column}, $1)"),
        _ => format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)"),
    };
    Expr::cust_with_values(sql, [text])
}

/// For how many rows a statement is written that has these: a database plans a statement once for each
/// text it has, and so there are few texts. The rows beyond repeat others, by which nothing is lost.
pub(crate) const fn padded(rows: usize) -> usize {
    rows.next_power_of_two()
}

/// `VALUES ($1, $2), ($3, $4), …`
fn tuples<const N: usize>(rows: usize) -> String {
    let tuple = |row: usize| {
        let places: Vec<_> = (1..=N).map(|n| format!("${}", row * N + n)).collect();
        format!("({})", places.join(", "))
    };
    let tuples: Vec<_> = (0..rows).map(tuple).collect();
    format!("VALUES {}", tuples.join(", "))
}

/// The rows whose `columns` hold one of `keys`, in one statement; `and` says what else must be true of
/// them.
pub(crate) async fn find_each<E: EntityTrait, const N: usize>(
    tx: &impl ConnectionTrait,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
    and: &str,
) -> Result<Vec<E::Model>, DbErr> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let size = padded(keys.len());
    let sql = format!(
        "SELECT * FROM {} WHERE ({}) IN ({}){and}",
        E::default().table_name(),
        columns.join(", "),
        tuples::<N>(size),
    );
    let values = keys.iter().cycle().take(size).flatten().cloned();
    let backend = tx.get_database_backend();
    let rows = tx
        .query_all_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    rows.iter()
        .map(|row| E::Model::from_query_result(row, ""))
        .collect()
}

/// The same, locked in the order of their ids for the rest of the transaction.
pub(crate) async fn lock_each<E: EntityTrait, const N: usize>(
    tx: &impl ConnectionTrait,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
) -> Result<Vec<E::Model>, DbErr> {
    let locked = match tx.get_database_backend() {
        DbBackend::Postgres => " ORDER BY id FOR UPDATE",
        // Who writes has the database.
        _ => "",
    };
    find_each::<E, N>(tx, columns, keys, locked).await
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
    let size = padded(rows.len());
    let key = columns[0];
    let set = |column: &&str| format!("{column} = fresh.{column}");
    let set: Vec<_> = columns[1..].iter().map(set).collect();
    let sql = format!(
        "WITH fresh ({}) AS ({}) UPDATE {table} SET {} FROM fresh \
         WHERE {table}.{key} = fresh.{key}",
        columns.join(", "),
        tuples::<N>(size),
        set.join(", "),
    );
    let values = rows.iter().cycle().take(size).flatten().cloned();
    let backend = tx.get_database_backend();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await
        .map(drop)
}
