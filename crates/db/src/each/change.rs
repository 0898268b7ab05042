//! Giving many rows values of their own, of several tables at once.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use super::Rows;

/// What rows of a table get, each values of its own.
#[derive(Clone, Debug)]
pub struct Change {
    table: &'static str,
    keys: usize,
    columns: Vec<&'static str>,
    rows: Vec<Vec<Value>>,
}

impl Change {
    /// The first `keys` of `columns` tell which row it is; the others are what it gets.
    #[must_use]
    pub fn new<const N: usize>(
        table: &'static str,
        keys: usize,
        columns: [&'static str; N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) -> Self {
        Self {
            table,
            keys,
            columns: columns.to_vec(),
            rows: rows.into_iter().map(Vec::from).collect(),
        }
    }

    /// `UPDATE …`, from rows that are called `fresh` with the number `n`.
    fn sql(&self, n: usize) -> String {
        let Self { table, columns, .. } = self;
        let (keys, values) = columns.split_at(self.keys);
        let which = keys
            .iter()
            .map(|key| format!("{table}.{key} = fresh{n}.{key}"));
        let what = values
            .iter()
            .map(|column| format!("{column} = fresh{n}.{column}"));
        format!(
            "UPDATE {table} SET {} FROM fresh{n} WHERE {}",
            what.collect::<Vec<_>>().join(", "),
            which.collect::<Vec<_>>().join(" AND "),
        )
    }

    fn fresh(&self, n: usize, rows: &str) -> String {
        format!("fresh{n} ({}) AS ({rows})", self.columns.join(", "))
    }
}

/// Makes these changes, each of another table: all in one statement, where the database takes several.
/// Which of the tables' rows are locked first is left open: whoever may meet somebody else at them has to
/// hold what both lock before, as is so for people.
///
/// # Errors
/// When the database is away.
pub async fn update(
    tx: &impl ConnectionTrait,
    changes: impl IntoIterator<Item = Change>,
) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    let changes = changes.into_iter().filter(|change| !change.rows.is_empty());
    let changes: Vec<_> = changes.collect();
    // Of two changes of one row in a statement one is lost.
    debug_assert!(
        changes
            .iter()
            .enumerate()
            .all(|(n, change)| changes[..n].iter().all(|other| other.table != change.table)),
        "a table is changed twice"
    );
    if backend == DbBackend::Postgres
        && let Some((sql, values)) = all_at_once(&changes)
    {
        let statement = Statement::from_sql_and_values(backend, sql, values);
        return tx.execute_raw(statement).await.map(drop);
    }
    for change in &changes {
        let rows = Rows::new(backend, &change.rows);
        let sql = format!("WITH {} {}", change.fresh(0, &rows.sql), change.sql(0));
        rows.execute(tx, sql).await?;
    }
    Ok(())
}

/// One statement for all changes; nothing if there is none, or a value can't be given in an array.
fn all_at_once(changes: &[Change]) -> Option<(String, Vec<Value>)> {
    let (last, others) = changes.split_last()?;
    let (mut values, mut parts) = (Vec::new(), Vec::new());
    for (n, change) in changes.iter().enumerate() {
        let rows = Rows::behind(values, &change.rows)?;
        parts.push(change.fresh(n, &rows.sql));
        values = rows.values;
    }
    let done = others.iter().enumerate();
    parts.extend(done.map(|(n, change)| format!("done{n} AS ({})", change.sql(n))));
    let sql = format!("WITH {} {}", parts.join(", "), last.sql(others.len()));
    Some((sql, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_makes_several_changes_at_once() {
        let change = |table| {
            let rows = [[Value::from(1), Value::from("a")]];
            Change::new(table, 1, ["id", "name"], rows)
        };
        let (sql, values) = all_at_once(&[change("cats"), change("dogs")]).unwrap();
        let expected = "WITH fresh0 (id, name) AS (SELECT c0, c1 FROM unnest($1, $2) AS given (c0, c1)), \
            fresh1 (id, name) AS (SELECT c0, c1 FROM unnest($3, $4) AS given (c0, c1)), \
            done0 AS (UPDATE cats SET name = fresh0.name FROM fresh0 WHERE cats.id = fresh0.id) \
            UPDATE dogs SET name = fresh1.name FROM fresh1 WHERE dogs.id = fresh1.id";
        assert_eq!((sql.as_str(), values.len()), (expected, 4));
        assert!(all_at_once(&[]).is_none());
    }
}
