//! Statements about many rows at once, by keys of several columns.
//!
//! A database plans a statement once for each text it has, and so there are few texts: PostgreSQL is given
//! an array for each column, whatever the number of rows, and a second one where some rows have nothing:
//! a text for each set of columns in which that is so. Elsewhere a statement is written for the next power of two, and the rows beyond repeat others, by
//! which nothing is lost.

mod change;

use std::collections::HashSet;
use std::hash::Hash;

use sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm::sea_query::ArrayType;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, FromQueryResult, IdenStatic,
    Iterable, ModelTrait, Statement, TryGetable, Value,
};

pub use change::{Change, update};

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
    pub fn new<R: AsRef<[Value]>>(backend: DbBackend, rows: &[R]) -> Self {
        Self::of(backend, rows, rows.len().next_power_of_two())
    }

    /// Just these rows, at least one, for statements that do something for each.
    #[must_use]
    pub fn exactly<R: AsRef<[Value]>>(backend: DbBackend, rows: &[R]) -> Self {
        Self::of(backend, rows, rows.len())
    }

    /// These rows behind others in one statement, as PostgreSQL takes them: what is bound begins where
    /// `others` end, and has theirs before it.
    #[must_use]
    pub fn behind<R: AsRef<[Value]>>(others: Vec<Value>, rows: &[R]) -> Option<Self> {
        let Self { sql, mut values } = arrays(rows, others.len())?;
        values.splice(0..0, others);
        Some(Self { sql, values })
    }

    /// `size` says how many there are where they can't be given as arrays.
    fn of<R: AsRef<[Value]>>(backend: DbBackend, rows: &[R], size: usize) -> Self {
        if backend == DbBackend::Postgres
            && let Some(arrays) = arrays(rows, 0)
        {
            return arrays;
        }
        let width = rows.first().map_or(0, |row| row.as_ref().len());
        let all = rows.iter().cycle().take(size);
        Self {
            sql: tuples(width, size),
            values: all.flat_map(|row| row.as_ref().iter().cloned()).collect(),
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
        let rows = self.rows(tx, sql).await?;
        rows.iter()
            .map(|row| M::from_query_result(row, ""))
            .collect()
    }

    /// Runs a query that has them, and gives what comes of it as it is.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn rows(
        self,
        tx: &impl ConnectionTrait,
        sql: String,
    ) -> Result<Vec<sea_orm::QueryResult>, DbErr> {
        let backend = tx.get_database_backend();
        tx.query_all_raw(Statement::from_sql_and_values(backend, sql, self.values))
            .await
    }
}

/// An array for each column, as PostgreSQL takes them, bound behind `before` others; nothing if a column is
/// of a kind of which the driver makes none.
fn arrays<R: AsRef<[Value]>>(rows: &[R], before: usize) -> Option<Rows> {
    let width = rows.first()?.as_ref().len();
    let (mut values, mut names, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..width {
        let column = || rows.iter().map(|row| &row.as_ref()[n]);
        let (kind, cast) = listed(&rows.first()?.as_ref()[n])?;
        let blank = blank(&kind)?;
        let given = column().map(|value| match value {
            Value::Json(Some(json)) => Value::from(json.to_string()),
            value if is_null(value) => blank.clone(),
            value => value.clone(),
        });
        values.push(Value::Array(kind, Some(Box::new(given.collect()))));
        names.push(format!("c{n}"));
        if column().any(is_null) {
            // The driver's arrays have no nulls.
            let is_there = column().map(|value| Value::from(!is_null(value)));
            values.push(Value::Array(
                ArrayType::Bool,
                Some(Box::new(is_there.collect())),
            ));
            names.push(format!("is{n}"));
            shown.push(format!("CASE WHEN is{n} THEN c{n}{cast} END"));
        } else {
            shown.push(format!("c{n}{cast}"));
        }
    }
    let places = (1..=values.len()).map(|n| format!("${}", before + n));
    let places: Vec<_> = places.collect();
    let sql = format!(
        "SELECT {} FROM unnest({}) AS given ({})",
        shown.join(", "),
        places.join(", "),
        names.join(", ")
    );
    Some(Rows { sql, values })
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// As what the driver lists values like this one, and what makes them what the column is.
fn listed(value: &Value) -> Option<(ArrayType, &'static str)> {
    match value.array_type() {
        ArrayType::Json => Some((ArrayType::String, "::jsonb")),
        kind => Some((kind, "")),
    }
}

/// What stands in an array where there is nothing.
fn blank(kind: &ArrayType) -> Option<Value> {
    match kind {
        ArrayType::Bool => Some(false.into()),
        ArrayType::Int => Some(0_i32.into()),
        ArrayType::BigInt => Some(0_i64.into()),
        ArrayType::String => Some("".into()),
        ArrayType::Uuid => Some(Uuid::nil().into()),
        ArrayType::ChronoDateTimeUtc => Some(DateTimeUtc::UNIX_EPOCH.into()),
        _ => None,
    }
}

/// `VALUES ($1, $2), ($3, $4), …`
fn tuples(width: usize, rows: usize) -> String {
    let tuple = |row: usize| {
        let places: Vec<_> = (1..=width)
            .map(|n| format!("${}", row * width + n))
            .collect();
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
    let table = E::default().table_name().to_owned();
    let what = format!("{table}.* FROM {table} {join}");
    select(tx, &what, columns, keys, and).await
}

/// What a query that begins with `SELECT` and `what` has to say of the rows whose `columns` hold one of
/// `keys`.
///
/// # Errors
/// When the database is away.
pub async fn select<M: FromQueryResult, const N: usize>(
    tx: &impl ConnectionTrait,
    what: &str,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
    and: &str,
) -> Result<Vec<M>, DbErr> {
    let backend = tx.get_database_backend();
    let mut found = Vec::new();
    for keys in keys.chunks(most_keys(backend)) {
        let keys = Rows::among(backend, columns, keys);
        let sql = format!("SELECT {what} WHERE {}{and}", keys.sql);
        found.extend(keys.query(tx, sql).await?);
    }
    Ok(found)
}

/// What the rows whose `columns` hold one of `keys` have in one column.
///
/// # Errors
/// When the database is away.
pub async fn column<E: EntityTrait, T: TryGetable + Eq + Hash, const N: usize>(
    tx: &impl ConnectionTrait,
    column: E::Column,
    columns: [&str; N],
    keys: Vec<[Value; N]>,
) -> Result<HashSet<T>, DbErr> {
    let backend = tx.get_database_backend();
    let (column, table) = (column.as_str(), E::default().table_name().to_owned());
    let mut found = HashSet::new();
    for keys in keys.chunks(most_keys(backend)) {
        let keys = Rows::among(backend, columns, keys);
        let sql = format!("SELECT {column} FROM {table} WHERE {}", keys.sql);
        for row in keys.rows(tx, sql).await? {
            found.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(found)
}

/// The rows, locked in the order of their ids for the rest of the transaction.
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

/// How many rows one statement inserts: SQLite binds 32,766 values at most.
const INSERTED: usize = 512;

/// Inserts rows, but for those of which a unique key is there already, and gives what those that were not
/// have in `column`.
///
/// # Errors
/// When the database is away.
pub async fn insert<'row, M, Id>(
    tx: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = &'row M>,
    column: <M::Entity as EntityTrait>::Column,
) -> Result<HashSet<Id>, DbErr>
where
    M: ModelTrait + 'row,
    Id: TryGetable + Eq + Hash,
{
    let mut made = HashSet::new();
    for rows in values(rows).chunks(INSERTED) {
        // What is there only to fill up conflicts with what it repeats.
        let rows = Rows::new(tx.get_database_backend(), rows);
        let sql = format!(
            "{} ON CONFLICT DO NOTHING RETURNING {}",
            insertion::<M>(&rows),
            column.as_str()
        );
        for row in rows.rows(tx, sql).await? {
            made.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(made)
}

/// Inserts rows of which none is there.
///
/// # Errors
/// When one is, and when the database is away.
pub async fn insert_new<'row, M: ModelTrait + 'row>(
    tx: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = &'row M>,
) -> Result<(), DbErr> {
    for rows in values(rows).chunks(INSERTED) {
        let rows = Rows::exactly(tx.get_database_backend(), rows);
        let sql = insertion::<M>(&rows);
        rows.execute(tx, sql).await?;
    }
    Ok(())
}

fn insertion<M: ModelTrait>(rows: &Rows) -> String {
    let columns: Vec<_> = <M::Entity as EntityTrait>::Column::iter()
        .map(|column| column.as_str().to_owned())
        .collect();
    let table = M::Entity::default().table_name().to_owned();
    format!("INSERT INTO {table} ({}) {}", columns.join(", "), rows.sql)
}

/// All columns of each row.
fn values<'row, M: ModelTrait + 'row>(rows: impl IntoIterator<Item = &'row M>) -> Vec<Vec<Value>> {
    let values = |row: &M| {
        let columns = <M::Entity as EntityTrait>::Column::iter();
        columns.map(|column| row.get(column)).collect()
    };
    rows.into_iter().map(values).collect()
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
        let sql = "SELECT c0, c1 FROM unnest($1, $2) AS given (c0, c1)";
        assert_eq!(given, (sql.to_owned(), 2));
    }

    #[test]
    fn a_second_array_says_where_there_is_nothing() {
        let given = rows(DbBackend::Postgres, Value::String(None));
        let sql = "SELECT c0, CASE WHEN is1 THEN c1 END \
            FROM unnest($1, $2, $3) AS given (c0, c1, is1)";
        assert_eq!(given, (sql.to_owned(), 3));
    }

    #[test]
    fn where_there_are_no_arrays_rows_are_repeated_up_to_a_power_of_two() {
        let padded = "VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8)".to_owned();
        assert_eq!(rows(DbBackend::Sqlite, "b".into()), (padded, 8));
    }
}
