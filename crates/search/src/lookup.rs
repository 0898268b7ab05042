//! Reading `search_terms`, along its key and no other way.

use entity::id::TenantId;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use uuid::Uuid;

use crate::Kind;

/// How many terms one statement asks for.
const AT_ONCE: usize = 64;

/// What sorts after everything that begins with the text before it.
const LAST: char = '\u{10ffff}';

/// One tenant's terms of one kind of thing.
pub(crate) struct Terms<'a, C> {
    pub(crate) conn: &'a C,
    pub(crate) tenant: TenantId,
    pub(crate) kind: Kind,
}

impl<C: ConnectionTrait> Terms<'_, C> {
    fn statement(&self, sql: String, more: impl IntoIterator<Item = Value>) -> Statement {
        let values = [self.tenant.0.into(), self.kind.number().into()];
        let backend = self.conn.get_database_backend();
        Statement::from_sql_and_values(backend, sql, values.into_iter().chain(more))
    }

    /// The terms that begin so, in order, at most `limit`: one jump along the key for each, however
    /// many things have it.
    pub(crate) async fn beginning(&self, with: &str, limit: u64) -> Result<Vec<String>, DbErr> {
        let sql = format!(
            "WITH RECURSIVE found (term) AS (\
               SELECT (SELECT term FROM search_terms WHERE tenant_id = $1 AND kind = $2 \
                 AND term >= $3 AND term < $4 ORDER BY term LIMIT 1) \
               UNION ALL \
               SELECT (SELECT s.term FROM search_terms s WHERE s.tenant_id = $1 AND s.kind = $2 \
                 AND s.term > found.term AND s.term < $4 ORDER BY s.term LIMIT 1) \
               FROM found WHERE found.term IS NOT NULL\
             ) SELECT term FROM found WHERE term IS NOT NULL LIMIT {limit}"
        );
        let bounds = [with.into(), format!("{with}{LAST}").into()];
        let rows = self.conn.query_all_raw(self.statement(sql, bounds)).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// How often these terms are there, counted up to `limit`.
    pub(crate) async fn count(&self, terms: &[String], limit: u64) -> Result<u64, DbErr> {
        let mut sum = 0;
        for terms in terms.chunks(AT_ONCE) {
            let terms = padded(terms);
            let places: Vec<_> = (3..3 + terms.len()).map(|n| format!("${n}")).collect();
            let sql = format!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM search_terms WHERE tenant_id = $1 \
                 AND kind = $2 AND term IN ({}) LIMIT {limit}) AS counted",
                places.join(", ")
            );
            let statement = self.statement(sql, terms.into_iter().map(Value::from));
            let row = self.conn.query_one_raw(statement).await?;
            let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            sum += u64::try_from(count).unwrap_or(0);
            if sum >= limit {
                return Ok(limit);
            }
        }
        Ok(sum)
    }

    /// Of each term the latest things before `before`, at most `each` of one; latest first.
    pub(crate) async fn latest(
        &self,
        terms: &[String],
        before: Uuid,
        each: u64,
    ) -> Result<Vec<Vec<Uuid>>, DbErr> {
        let mut found = Vec::with_capacity(terms.len());
        for terms in terms.chunks(AT_ONCE) {
            let mut of_chunk = vec![Vec::new(); terms.len()];
            let padded = padded(terms);
            let part = |n: usize| {
                format!(
                    "SELECT * FROM (SELECT {n} AS n, doc FROM search_terms WHERE tenant_id = $1 \
                     AND kind = $2 AND term = ${} AND doc < $3 ORDER BY doc DESC LIMIT {each}) AS s{n}",
                    n + 4
                )
            };
            let parts: Vec<_> = (0..padded.len()).map(part).collect();
            let values = std::iter::once(before.into()).chain(padded.into_iter().map(Value::from));
            let statement = self.statement(parts.join(" UNION ALL "), values);
            for row in self.conn.query_all_raw(statement).await? {
                let n: i32 = row.try_get_by_index(0)?;
                // What was only asked for to fill up is not looked at.
                let of_term = usize::try_from(n).ok().and_then(|n| of_chunk.get_mut(n));
                if let Some(of_term) = of_term {
                    of_term.push(row.try_get_by_index(1)?);
                }
            }
            found.extend(of_chunk);
        }
        Ok(found)
    }
}

/// As many as a power of two, the last one again and again: a database plans a statement once for
/// each text it has, and so there are few.
fn padded(terms: &[String]) -> Vec<String> {
    let Some(last) = terms.last() else {
        return Vec::new();
    };
    let mut padded = terms.to_vec();
    padded.resize(terms.len().next_power_of_two(), last.clone());
    padded
}
