//! Statements about many rows at once, by keys of several columns.
//!
//! A database plans a statement once for each text it has, and so there are few texts: a statement is
//! written for the next power of two, and the keys beyond repeat others, by which nothing is lost.

use std::collections::HashSet;
use std::hash::Hash;
use std::iter;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryTrait,
    Statement, TryGetable, Value,
};

/// For how many rows a statement is written that has these.
const fn padded(rows: usize) -> usize {
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
///
/// # Errors
/// When the database is away.
pub async fn find<E: EntityTrait, const N: usize>(
    tx: &impl ConnectionTrait,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
    and: &str,
) -> Result<Vec<E::Model>, DbErr> {
    find_joined::<E, N>(tx, "", columns, keys, and).await
}

/// The same of a table that is joined with others.
///
/// # Errors
/// When the database is away.
pub async fn find_joined<E: EntityTrait, const N: usize>(
    tx: &impl ConnectionTrait,
    join: &str,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
    and: &str,
) -> Result<Vec<E::Model>, DbErr> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let size = padded(keys.len());
    let table = E::default().table_name().to_owned();
    let sql = format!(
        "SELECT {table}.* FROM {table} {join} WHERE ({}) IN ({}){and}",
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
///
/// # Errors
/// When the database is away.
pub async fn lock<E: EntityTrait, const N: usize>(
    tx: &impl ConnectionTrait,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
) -> Result<Vec<E::Model>, DbErr> {
    let locked = match tx.get_database_backend() {
        DbBackend::Postgres => " ORDER BY id FOR UPDATE",
        // Who writes has the database.
        _ => "",
    };
    find::<E, N>(tx, columns, keys, locked).await
}

/// Gives each row of a table values of its own, in one statement. The first `keys` of `columns` tell
/// which row it is; the others are what it gets.
///
/// # Errors
/// When the database is away.
pub async fn update<const N: usize>(
    tx: &impl ConnectionTrait,
    table: &str,
    keys: usize,
    columns: [&str; N],
    rows: Vec<[Value; N]>,
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let size = padded(rows.len());
    let (keys, values) = columns.split_at(keys);
    let which = keys
        .iter()
        .map(|key| format!("{table}.{key} = fresh.{key}"));
    let what = values
        .iter()
        .map(|column| format!("{column} = fresh.{column}"));
    let sql = format!(
        "WITH fresh ({}) AS ({}) UPDATE {table} SET {} FROM fresh WHERE {}",
        columns.join(", "),
        tuples::<N>(size),
        what.collect::<Vec<_>>().join(", "),
        which.collect::<Vec<_>>().join(" AND "),
    );
    let values = rows.iter().cycle().take(size).flatten().cloned();
    let backend = tx.get_database_backend();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await
        .map(drop)
}

/// Deletes the rows whose `columns` hold one of `keys`; `and` says what else must be true of them.
/// Says how many there were.
///
/// # Errors
/// When the database is away.
pub async fn delete<const N: usize>(
    tx: &impl ConnectionTrait,
    table: &str,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
    and: &str,
) -> Result<u64, DbErr> {
    if keys.is_empty() {
        return Ok(0);
    }
    let size = padded(keys.len());
    let sql = format!(
        "DELETE FROM {table} WHERE ({}) IN ({}){and}",
        columns.join(", "),
        tuples::<N>(size),
    );
    let values = keys.iter().cycle().take(size).flatten().cloned();
    let backend = tx.get_database_backend();
    let result = tx
        .execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    Ok(result.rows_affected())
}

/// Inserts rows, but for those whose `unique` columns are there already, and gives the ids (in column
/// `id`) of those that were not. `again` gives one of the rows anew, under another id.
///
/// # Errors
/// When the database is away.
pub async fn insert<A, Id, const N: usize>(
    tx: &impl ConnectionTrait,
    rows: Vec<A>,
    again: impl FnMut() -> A,
    unique: [<A::Entity as EntityTrait>::Column; N],
    id: <A::Entity as EntityTrait>::Column,
) -> Result<HashSet<Id>, DbErr>
where
    A: ActiveModelTrait,
    Id: TryGetable + Eq + Hash,
{
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let size = padded(rows.len());
    // What is there only to fill up conflicts with what it repeats.
    let rows = rows.into_iter().chain(iter::repeat_with(again)).take(size);
    let mut statement = A::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .into_query();
    statement.returning_col(id);
    let made = tx.query_all(&statement).await?;
    made.iter().map(|row| row.try_get_by_index(0)).collect()
}
