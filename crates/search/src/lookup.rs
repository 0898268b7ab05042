//! Reading the index, along its keys and no other way.

use std::cmp::Reverse;

use db::each;
use entity::id::{LeadId, TenantId};
use entity::{TenantScoped, search_entry};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, Select, Statement,
    Value,
};
use uuid::Uuid;

use crate::Kind;
use crate::entry::ENTRY;
use crate::terms::Way;

/// How many terms one statement asks for.
const AT_ONCE: usize = 64;

/// What sorts after everything that begins with the text before it.
const LAST: char = '\u{10ffff}';

/// What the index knows of a thing: its id, with whom it goes, and its words.
pub(crate) type Entry = (Uuid, LeadId, String);

/// What one tenant's index knows of one kind of thing.
pub(crate) struct Index<'a, C> {
    pub(crate) conn: &'a C,
    pub(crate) tenant: TenantId,
    pub(crate) kind: Kind,
}

impl<C: ConnectionTrait> Index<'_, C> {
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
        let statement = self.statement(sql, bounds(with));
        let rows = self.conn.query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// How many rows a way has, counted up to `limit`.
    pub(crate) async fn count(&self, way: &Way, limit: u64) -> Result<u64, DbErr> {
        let (condition, mut values) = match way {
            Way::Term(term) => ("term = $3", vec![term.as_str().into()]),
            Way::Beginning(with) => ("term >= $3 AND term < $4", bounds(with).to_vec()),
        };
        values.push(limit.into());
        // In the order of the key, so that nothing but the key is read.
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM search_terms WHERE tenant_id = $1 AND kind = $2 \
             AND {condition} ORDER BY term, doc LIMIT ${}) AS counted",
            values.len() + 2
        );
        let row = self.conn.query_one_raw(self.statement(sql, values)).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
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

    /// The latest things before `before` that have a term that begins so, at most `limit`; latest first. All of
    /// them are read.
    pub(crate) async fn latest_beginning(
        &self,
        with: &str,
        before: Uuid,
        limit: u64,
    ) -> Result<Vec<Uuid>, DbErr> {
        let sql = "SELECT DISTINCT doc FROM search_terms WHERE tenant_id = $1 AND kind = $2 \
             AND term >= $3 AND term < $4 AND doc < $5 ORDER BY doc DESC LIMIT $6";
        let values = bounds(with)
            .into_iter()
            .chain([before.into(), limit.into()]);
        let statement = self.statement(sql.to_owned(), values);
        let rows = self.conn.query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// The latest entries before `before`, at most `limit`; latest first.
    pub(crate) async fn latest_entries(
        &self,
        before: Uuid,
        limit: u64,
    ) -> Result<Vec<Entry>, DbErr> {
        let query = self.of_kind().filter(search_entry::Column::Doc.lt(before));
        query.limit(limit).into_tuple().all(self.conn).await
    }

    /// The entries of these; latest first.
    pub(crate) async fn entries(&self, ids: &[Uuid]) -> Result<Vec<Entry>, DbErr> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // By the whole key: a plan that is made for all tenants takes each for one of the usual size, and
        // would look for these among all that a large one has.
        let keys = ids.iter().map(|doc| {
            let kind = self.kind.number();
            [self.tenant.into(), kind.into(), Value::from(*doc)]
        });
        let keys = keys.collect();
        let found = each::find::<search_entry::Entity, 3>(self.conn, ENTRY, keys, "").await?;
        let entry = |row: search_entry::Model| (row.doc, row.lead_id, row.words);
        let mut entries: Vec<_> = found.into_iter().map(entry).collect();
        entries.sort_unstable_by_key(|(doc, ..)| Reverse(*doc));
        Ok(entries)
    }

    fn of_kind(&self) -> Select<search_entry::Entity> {
        use search_entry::Column::{Doc, Kind, LeadId, Words};
        search_entry::Entity::of(self.tenant)
            .select_only()
            .columns([Doc, LeadId, Words])
            .filter(Kind.eq(self.kind.number()))
            .order_by_desc(Doc)
    }
}

/// Between which texts stands what begins so.
fn bounds(with: &str) -> [Value; 2] {
    [with.into(), format!("{with}{LAST}").into()]
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
