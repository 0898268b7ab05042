//! Writing the index: what can be found from now on, and what no longer.
//!
//! All of it happens in the caller's transaction. What an entry's terms were is known by its words,
//! so taking it out needs no index but the key.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use db::each::{self, Rows};
use entity::id::{LeadId, TenantId};
use entity::{TenantScoped, search_change, search_entry};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, SqlErr, Value,
};
use uuid::Uuid;

use crate::terms::terms;
use crate::words::words;
use crate::{Document, Kind, progress};

/// Rows per statement: up to five values each, well under SQLite's limit of 32,766.
const CHUNK: usize = 512;

/// Makes documents found as they are now, whatever was known of them.
///
/// # Errors
/// When the database is away.
pub async fn put(tx: &impl ConnectionTrait, documents: &[Document]) -> Result<(), DbErr> {
    let rows: BTreeMap<_, _> = documents
        .iter()
        .map(entry_of)
        .map(|row| ((row.tenant_id, row.kind, row.doc), row))
        .collect();
    // Most are new, and of what is new there is nothing to be looked up.
    let made: HashSet<Uuid> = each::insert(tx, rows.values(), search_entry::Column::Doc).await?;
    let (made, known): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|((.., doc), _)| made.contains(doc));
    let keys = known
        .iter()
        .map(|((tenant, kind, doc), _)| key(*tenant, *kind, *doc));
    let before = entries(tx, keys).await?;
    let before: BTreeMap<_, _> = before
        .iter()
        .map(|row| ((row.tenant_id, row.kind, row.doc), row))
        .collect();
    let (mut gone, mut fresh, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for (_, row) in &made {
        fresh.extend(terms(row.words.split(' ')).into_iter().map(term_of(row)));
    }
    for (key, row) in known {
        let before = before.get(&key).copied();
        if before == Some(&row) {
            continue;
        }
        let before_words = before.map_or("", |before| &before.words);
        let (was, is) = (terms(before_words.split(' ')), terms(row.words.split(' ')));
        gone.extend(was.difference(&is).cloned().map(term_of(&row)));
        fresh.extend(is.difference(&was).cloned().map(term_of(&row)));
        changed.push(row.into_active_model());
    }
    remove_terms(tx, gone).await?;
    insert_terms(tx, fresh).await?;
    for rows in changed.chunks(CHUNK) {
        use search_entry::Column::{Doc, Kind, LeadId, TenantId, Words};
        search_entry::Entity::insert_many(rows.to_vec())
            .on_conflict(
                OnConflict::columns([TenantId, Kind, Doc])
                    .update_columns([LeadId, Words])
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn entry_of(document: &Document) -> search_entry::Model {
    let words = document.texts.iter().flat_map(|text| words(text));
    let words = words.collect::<BTreeSet<_>>();
    search_entry::Model {
        tenant_id: document.tenant,
        doc: document.id,
        kind: document.kind.number(),
        lead_id: document.lead,
        words: words.into_iter().collect::<Vec<_>>().join(" "),
    }
}

/// A term of this entry as a row.
fn term_of(entry: &search_entry::Model) -> impl Fn(String) -> Term {
    let (tenant, kind, doc) = (entry.tenant_id, entry.kind, entry.doc);
    move |term| (tenant, kind, term, doc)
}

/// Makes these no longer found.
///
/// # Errors
/// When the database is away.
pub async fn remove(
    tx: &impl ConnectionTrait,
    ids: &[(TenantId, Kind, Uuid)],
) -> Result<(), DbErr> {
    let keys = ids
        .iter()
        .map(|(tenant, kind, doc)| key(*tenant, kind.number(), *doc));
    let known = entries(tx, keys).await?;
    erase(tx, known).await
}

/// Makes nothing found any more that goes with a person. Whoever indexes at the time starts over,
/// so that nothing of theirs can come back.
///
/// # Errors
/// When the database is away.
pub async fn forget_lead(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    lead: LeadId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), DbErr> {
    progress::interrupt(tx, tenant, now).await?;
    let known = search_entry::Entity::of(tenant)
        .filter(search_entry::Column::LeadId.eq(lead))
        .all(tx)
        .await?;
    erase(tx, known).await
}

/// Notes that something is to be indexed anew, for changes of which no event tells: one row in the
/// transaction of the change.
///
/// # Errors
/// When the database is away.
pub async fn changed(
    tx: &impl ConnectionTrait,
    clock: &entity::clock::Clock,
    tenant: TenantId,
    kind: Kind,
    ids: &[Uuid],
) -> Result<(), DbErr> {
    for ids in ids.chunks(CHUNK) {
        let rows = ids.iter().map(|doc| search_change::ActiveModel {
            tenant_id: Set(tenant),
            id: Set(clock.uuid()),
            kind: Set(kind.number()),
            doc: Set(*doc),
        });
        search_change::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn entries(
    tx: &impl ConnectionTrait,
    keys: impl Iterator<Item = [Value; 3]>,
) -> Result<Vec<search_entry::Model>, DbErr> {
    each::find::<search_entry::Entity, 3>(tx, ENTRY, keys.collect(), "").await
}

async fn erase(tx: &impl ConnectionTrait, known: Vec<search_entry::Model>) -> Result<(), DbErr> {
    let mut gone = Vec::new();
    for entry in &known {
        gone.extend(
            terms(entry.words.split(' '))
                .into_iter()
                .map(term_of(entry)),
        );
    }
    remove_terms(tx, gone).await?;
    for known in known.chunks(CHUNK) {
        let keys = known
            .iter()
            .map(|entry| key(entry.tenant_id, entry.kind, entry.doc));
        each::delete(tx, "search_entries", ENTRY, keys.collect(), "").await?;
    }
    Ok(())
}

/// The key of an entry.
pub(crate) const ENTRY: [&str; 3] = ["tenant_id", "kind", "doc"];

fn key(tenant: TenantId, kind: i32, doc: Uuid) -> [Value; 3] {
    [tenant.into(), kind.into(), doc.into()]
}

const TERM: [&str; 4] = ["tenant_id", "kind", "term", "doc"];

type Term = (TenantId, i32, String, Uuid);

/// In the order of the key: rows beside each other are on one page.
///
/// An entry tells which terms are there, so there is nothing to conflict with, and to be ready for it costs
/// PostgreSQL half as much again. Should the two have come apart, the tenant must still be indexed.
async fn insert_terms(tx: &impl ConnectionTrait, mut rows: Vec<Term>) -> Result<(), DbErr> {
    const BUT_KNOWN: &str = "ON CONFLICT DO NOTHING";
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() {
        return Ok(());
    }
    if tx.get_database_backend() != DbBackend::Postgres {
        return insert(tx, &rows, BUT_KNOWN).await;
    }
    tx.execute_unprepared("SAVEPOINT terms").await?;
    match insert(tx, &rows, "").await {
        Err(error) if is_known(&error) => {
            tx.execute_unprepared("ROLLBACK TO SAVEPOINT terms").await?;
            insert(tx, &rows, BUT_KNOWN).await
        }
        done => {
            done?;
            tx.execute_unprepared("RELEASE SAVEPOINT terms")
                .await
                .map(drop)
        }
    }
}

fn is_known(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

async fn insert(tx: &impl ConnectionTrait, rows: &[Term], unless: &str) -> Result<(), DbErr> {
    for rows in rows.chunks(CHUNK) {
        let rows = Rows::exactly(tx.get_database_backend(), &values(rows));
        let sql = format!(
            "INSERT INTO search_terms ({}) {} {unless}",
            TERM.join(", "),
            rows.sql,
        );
        rows.execute(tx, sql).await?;
    }
    Ok(())
}

async fn remove_terms(tx: &impl ConnectionTrait, mut rows: Vec<Term>) -> Result<(), DbErr> {
    rows.sort_unstable();
    for rows in rows.chunks(CHUNK) {
        each::delete(tx, "search_terms", TERM, values(rows), "").await?;
    }
    Ok(())
}

fn values(rows: &[Term]) -> Vec<[Value; 4]> {
    let values = |(tenant, kind, term, doc): &Term| {
        [
            (*tenant).into(),
            (*kind).into(),
            term.as_str().into(),
            Value::from(*doc),
        ]
    };
    rows.iter().map(values).collect()
}

/// Takes changes off the list that have been dealt with.
pub(crate) async fn settle(
    tx: &impl ConnectionTrait,
    changes: impl Iterator<Item = &search_change::Model>,
) -> Result<(), DbErr> {
    let keys = changes.map(|change| [change.tenant_id.into(), Value::from(change.id)]);
    let keys: Vec<_> = keys.collect();
    for keys in keys.chunks(CHUNK) {
        let columns = ["tenant_id", "id"];
        each::delete(tx, "search_changes", columns, keys.to_vec(), "").await?;
    }
    Ok(())
}
