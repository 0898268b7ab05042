//! Statements about many rows at once, by keys of several columns.
//!
//! A database plans a statement once for each text it has, and so there are few texts: PostgreSQL is given
//! an array for each column, whatever the number of rows. Where it has no arrays, or a column has nulls,
//! a statement is written for the next power of two, and the rows beyond repeat others, by which nothing
//! is lost.

use std::collections::HashSet;
use std::hash::Hash;
use std::iter;

use sea_orm::sea_query::{ArrayType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryTrait,
    Statement, TryGetable, Value,
};

/// Rows within a statement.
#[derive(Clone, Debug)]
pub struct Rows {
    /// What stands for them, as for a subquery.
    pub sql: String,
    /// What is bound from `$1` on.
    pub values: Vec<Value>,
}

impl Rows {
    /// Of at least one row; of several that are alike there may be more or fewer.
    #[must_use]
    pub fn new<const N: usize>(backend: DbBackend, rows: &[[Value; N]]) -> Self {
        if backend == DbBackend::Postgres
            && let Some(values) = arrays(rows)
        {
            let places: Vec<_> = (1..=N).map(|n| format!("${n}")).collect();
            let sql = format!("SELECT * FROM unnest({})", places.join(", "));
            return Self { sql, values };
        }
        let size = padded(rows.len());
        let values = rows.iter().cycle().take(size).flatten().cloned();
        Self {
            sql: tuples::<N>(size),
            values: values.collect(),
        }
    }

    /// The condition that `columns` hold one of these.
    #[must_use]
    pub fn among<const N: usize>(
        backend: DbBackend,
        columns: [&str; N],
        keys: &[[Value; N]],
    ) -> Self {
        let keys = Self::new(backend, keys);
        let sql = match backend {
            DbBackend::Postgres => format!("({}) IN ({})", columns.join(", "), keys.sql),
            // Nothing but alternatives that an index knows: with any other it reads the whole table.
            _ => alternatives(columns, keys.values.len() / N),
        };
        Self { sql, ..keys }
    }

    /// Runs a statement that has them, and says how many rows it was about.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn execute(self, tx: &impl ConnectionTrait, sql: String) -> Result<u64, DbErr> {
        let backend = tx.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, self.values);
        Ok(tx.execute_raw(statement).await?.rows_affected())
    }

    /// Runs a query that has them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn query<M: FromQueryResult>(
        self,
        tx: &impl ConnectionTrait,
        sql: String,
    ) -> Result<Vec<M>, DbErr> {
        let backend = tx.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, self.values);
        let rows = tx.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| M::from_query_result(row, ""))
            .collect()
    }
}

/// An array for each column, if none of them has a null.
fn arrays<const N: usize>(rows: &[[Value; N]]) -> Option<Vec<Value>> {
    let first = rows.first()?;
    let column = |n: usize| {
        let values = rows.iter().map(|row| row[n].clone());
        let values: Vec<_> = values.collect();
        let whole = !values.iter().any(is_null) && can_be_listed(&first[n]);
        whole.then(|| Value::Array(first[n].array_type(), Some(Box::new(values))))
    };
    (0..N).map(column).collect()
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// Whether the driver takes an array of these as what the column is.
fn can_be_listed(value: &Value) -> bool {
    matches!(
        value.array_type(),
        ArrayType::Bool
            | ArrayType::Int
            | ArrayType::BigInt
            | ArrayType::String
            | ArrayType::Uuid
            | ArrayType::ChronoDateTimeUtc
    )
}

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

/// For how many keys a statement may have a condition: SQLite takes no expression deeper than 1,000.
const fn most_keys(backend: DbBackend) -> usize {
    match backend {
        DbBackend::Postgres => usize::MAX,
        _ => 256,
    }
}

/// `(a = $1 AND b = $2 OR a = $3 AND b = $4 OR …)`
fn alternatives<const N: usize>(columns: [&str; N], keys: usize) -> String {
    let one = |key: usize| {
        let is = |(n, column)| format!("{column} = ${}", key * N + n + 1);
        let all: Vec<_> = columns.iter().enumerate().map(is).collect();
        all.join(" AND ")
    };
    let each: Vec<_> = (0..keys).map(one).collect();
    format!("({})", each.join(" OR "))
}

/// The rows whose `columns` hold one of `keys`; `and` says what else must be true of
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
    let backend = tx.get_database_backend();
    let table = E::default().table_name().to_owned();
    let mut found = Vec::new();
    for keys in keys.chunks(most_keys(backend)) {
        let keys = Rows::among(backend, columns, keys);
        let sql = format!(
            "SELECT {table}.* FROM {table} {join} WHERE {}{and}",
            keys.sql
        );
        found.extend(keys.query(tx, sql).await?);
    }
    Ok(found)
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
    let rows = Rows::new(tx.get_database_backend(), &rows);
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
        rows.sql,
        what.collect::<Vec<_>>().join(", "),
        which.collect::<Vec<_>>().join(" AND "),
    );
    rows.execute(tx, sql).await.map(drop)
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
    let backend = tx.get_database_backend();
    let mut deleted = 0;
    for keys in keys.chunks(most_keys(backend)) {
        let keys = Rows::among(backend, columns, keys);
        let sql = format!("DELETE FROM {table} WHERE {}{and}", keys.sql);
        deleted += keys.execute(tx, sql).await?;
    }
    Ok(deleted)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(backend: DbBackend, second: Value) -> (String, usize) {
        let rows = [
            [Value::from(1), Value::from("a")],
            [2.into(), second],
            [3.into(), "c".into()],
        ];
        let rows = Rows::new(backend, &rows);
        (rows.sql, rows.values.len())
    }

    #[test]
    fn postgres_is_given_an_array_for_each_column() {
        let given = rows(DbBackend::Postgres, "b".into());
        assert_eq!(given, ("SELECT * FROM unnest($1, $2)".to_owned(), 2));
    }

    #[test]
    fn where_there_are_nulls_or_no_arrays_rows_are_repeated_up_to_a_power_of_two() {
        let padded = "VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8)".to_owned();
        let null = Value::String(None);
        assert_eq!(rows(DbBackend::Postgres, null), (padded.clone(), 8));
        assert_eq!(rows(DbBackend::Sqlite, "b".into()), (padded, 8));
    }
}
