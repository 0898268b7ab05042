//! Writing the index: what can be found from now on, and what no longer.
//!
//! All of it happens in the caller's transaction. What an entry's terms were is known by its words,
//! so taking it out needs no index but the key.

use std::collections::{BTreeMap, BTreeSet};

use entity::id::{LeadId, TenantId};
use entity::{TenantScoped, search_change, search_entry};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, Statement, Value,
};
use uuid::Uuid;

use crate::terms::terms;
use crate::words::words;
use crate::{Document, Kind, progress};

/// Rows per statement: three values each, well under SQLite's limit of 32,766.
const CHUNK: usize = 512;

/// Makes documents found as they are now, whatever was known of them.
///
/// # Errors
/// When the database is away.
pub async fn put(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    documents: &[Document],
) -> Result<(), DbErr> {
    let known = entries(tx, tenant, documents.iter().map(|document| document.id)).await?;
    let known: BTreeMap<_, _> = known.iter().map(|entry| (entry.doc, entry)).collect();
    let (mut gone, mut fresh, mut changed) = (Vec::new(), Vec::new(), BTreeMap::new());
    for document in documents {
        let words = document.texts.iter().flat_map(|text| words(text));
        let words = words.collect::<BTreeSet<_>>();
        let words = words.into_iter().collect::<Vec<_>>().join(" ");
        let before = known.get(&document.id).copied();
        let before_words = before.map_or("", |entry| &entry.words);
        let same_lead = before.is_some_and(|entry| entry.lead_id == document.lead);
        if same_lead && before_words == words {
            continue;
        }
        let (was, is) = (terms(before_words.split(' ')), terms(words.split(' ')));
        let row = |term: &String| (document.kind.number(), term.clone(), document.id);
        gone.extend(was.difference(&is).map(row));
        fresh.extend(is.difference(&was).map(row));
        let entry = search_entry::Model {
            tenant_id: tenant,
            doc: document.id,
            kind: document.kind.number(),
            lead_id: document.lead,
            words,
        };
        changed.insert(document.id, entry.into_active_model());
    }
    remove_terms(tx, tenant, gone).await?;
    insert_terms(tx, tenant, fresh).await?;
    let rows: Vec<_> = changed.into_values().collect();
    for rows in rows.chunks(CHUNK) {
        use search_entry::Column::{Doc, LeadId, TenantId, Words};
        search_entry::Entity::insert_many(rows.to_vec())
            .on_conflict(
                OnConflict::columns([TenantId, Doc])
                    .update_columns([LeadId, Words])
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Makes these no longer found.
///
/// # Errors
/// When the database is away.
pub async fn remove(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    ids: &[Uuid],
) -> Result<(), DbErr> {
    let known = entries(tx, tenant, ids.iter().copied()).await?;
    erase(tx, tenant, known).await
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
    erase(tx, tenant, known).await
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
    tenant: TenantId,
    ids: impl Iterator<Item = Uuid>,
) -> Result<Vec<search_entry::Model>, DbErr> {
    let ids: Vec<_> = ids.collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    search_entry::Entity::of(tenant)
        .filter(search_entry::Column::Doc.is_in(ids))
        .all(tx)
        .await
}

async fn erase(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    known: Vec<search_entry::Model>,
) -> Result<(), DbErr> {
    let mut gone = Vec::new();
    for entry in &known {
        let terms = terms(entry.words.split(' '));
        gone.extend(terms.into_iter().map(|term| (entry.kind, term, entry.doc)));
    }
    remove_terms(tx, tenant, gone).await?;
    for known in known.chunks(CHUNK) {
        search_entry::Entity::delete_many()
            .filter(search_entry::Column::TenantId.eq(tenant))
            .filter(search_entry::Column::Doc.is_in(known.iter().map(|entry| entry.doc)))
            .exec(tx)
            .await?;
    }
    Ok(())
}

type Row = (i32, String, Uuid);

/// In the order of the key: rows beside each other are on one page.
async fn insert_terms(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    mut rows: Vec<Row>,
) -> Result<(), DbErr> {
    rows.sort_unstable();
    for rows in rows.chunks(CHUNK) {
        let sql = format!(
            "INSERT INTO search_terms (tenant_id, kind, term, doc) VALUES {} ON CONFLICT DO NOTHING",
            places(rows.len().next_power_of_two())
        );
        execute(tx, tenant, sql, rows).await?;
    }
    Ok(())
}

async fn remove_terms(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    mut rows: Vec<Row>,
) -> Result<(), DbErr> {
    rows.sort_unstable();
    for rows in rows.chunks(CHUNK) {
        let sql = format!(
            "DELETE FROM search_terms WHERE (tenant_id, kind, term, doc) IN (VALUES {})",
            places(rows.len().next_power_of_two())
        );
        execute(tx, tenant, sql, rows).await?;
    }
    Ok(())
}

fn places(rows: usize) -> String {
    let row = |n: usize| {
        let n = n * 3;
        format!("($1, ${}, ${}, ${})", n + 2, n + 3, n + 4)
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

async fn execute(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    sql: String,
    rows: &[Row],
) -> Result<(), DbErr> {
    // A database plans a statement once for each text it has. With a row named twice nothing is lost,
    // and there are few texts.
    let padded = rows.iter().cycle().take(rows.len().next_power_of_two());
    let values = padded.flat_map(|(kind, term, doc)| {
        [
            Value::from(*kind),
            Value::from(term.as_str()),
            Value::from(*doc),
        ]
    });
    let values = std::iter::once(Value::from(tenant.0)).chain(values);
    let backend = tx.get_database_backend();
    tx.execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await
        .map(drop)
}

/// Takes changes off the list that have been dealt with.
pub(crate) async fn settle(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    changes: &[search_change::Model],
) -> Result<(), DbErr> {
    for changes in changes.chunks(CHUNK) {
        search_change::Entity::delete_many()
            .filter(Expr::col(search_change::Column::TenantId).eq(tenant))
            .filter(search_change::Column::Id.is_in(changes.iter().map(|change| change.id)))
            .exec(tx)
            .await?;
    }
    Ok(())
}
