//! Many rows out of one that the program itself has made.
//!
//! Which columns there are is asked of the database, so that only what differs from row to row has
//! to be known here, and a new column is no trouble.

use crate::outcome::Outcome;
use crate::sql::Sql;

/// Rows of one table.
pub(super) struct Copy<'a> {
    pub(super) table: &'a str,
    /// Which row is the pattern: a condition over `p`.
    pub(super) pattern: String,
    /// Where the rows come from: something with a column `s.n`, and joins.
    pub(super) from: String,
    /// What is not as in the pattern: columns, and SQL over `s.n`, `p` and what was joined.
    pub(super) differing: Vec<(&'a str, String)>,
}

impl Copy<'_> {
    pub(super) async fn run(self, sql: &Sql) -> Outcome {
        let columns = columns(sql, self.table).await?;
        for (name, _) in &self.differing {
            if !columns.iter().any(|column| column == name) {
                return Err(format!("{} has no column {name}", self.table).into());
            }
        }
        let pattern = format!("SELECT 1 FROM {} AS p WHERE {}", self.table, self.pattern);
        if sql
            .count(&format!("SELECT COUNT(*) FROM ({pattern}) AS found"))
            .await?
            != 1
        {
            return Err(format!("not one row of {} is as {}", self.table, self.pattern).into());
        }
        let values: Vec<_> = columns
            .iter()
            .map(|column| {
                let differing = self.differing.iter().find(|(name, _)| name == column);
                differing.map_or_else(|| format!("p.{column}"), |(_, sql)| sql.clone())
            })
            .collect();
        sql.run(&format!(
            "INSERT INTO {0} ({1}) SELECT {2} FROM {0} AS p CROSS JOIN {3} WHERE {4}",
            self.table,
            columns.join(", "),
            values.join(", "),
            self.from,
            self.pattern,
        ))
        .await
    }
}

async fn columns(sql: &Sql, table: &str) -> Outcome<Vec<String>> {
    let list = if sql.is_postgres() {
        format!(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' \
             AND is_generated = 'NEVER' ORDER BY ordinal_position"
        )
    } else {
        format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid")
    };
    sql.texts(&list).await
}
