//! Keeping the index up with what happens.
//!
//! Texts that come in or are to go out are told of by their events, so whoever writes them does
//! nothing for the index. People who type something note it with [`search::entry::changed`]. A batch
//! is read without a transaction and then written in one: how much that is, is bounded.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::id::{LeadId, MessageId, TenantId};
use entity::{TenantScoped, event, lead, message, note, search_progress};
use events::Kind as Event;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use search::progress::{self, Behind, Filling, News};
use search::{Document, Kind, entry};
use serde_json::Value;
use uuid::Uuid;

use super::leads_of;

/// How many things one transaction indexes: SQLite's writers wait while it does.
const BATCH: u64 = 150;

/// The events that tell of something to be found that is new or has changed.
const TOLD_BY: [Event; 3] = [Event::SmsReceived, Event::MessageQueued, Event::NoteChanged];

/// What is to be indexed of a tenant in one transaction.
#[derive(Clone, Debug)]
pub struct Batch {
    progress: search_progress::Model,
    news: News,
    filling: Option<Filling>,
    documents: Vec<Document>,
    gone: Vec<Uuid>,
    /// Whether there is more than this.
    pub more: bool,
    /// Whether it is about what was there before the index.
    pub filled_in: bool,
}

/// Reads what is to be indexed of a tenant.
///
/// # Errors
/// When the database is away.
pub async fn read(
    conn: &impl ConnectionTrait,
    behind: &Behind,
    progress: search_progress::Model,
) -> Result<Batch, DbErr> {
    let kinds = TOLD_BY.map(Event::as_str);
    let news = progress::news(conn, &progress, behind, &kinds, BATCH).await?;
    let wanted = wanted(&news);
    let more = news.seq < behind.seq || news.changes.len() as u64 >= BATCH;
    let mut batch = Batch {
        filling: Filling::of(&progress),
        filled_in: false,
        progress,
        news,
        documents: Vec::new(),
        gone: Vec::new(),
        more,
    };
    for kind in Kind::ALL {
        let ids: Vec<_> = wanted.iter().filter(|(of, _)| *of == kind).collect();
        let ids: Vec<_> = ids.into_iter().map(|(_, id)| *id).collect();
        let found = documents(conn, behind.tenant_id, kind, Which::These(&ids)).await?;
        let here: BTreeSet<_> = found.iter().map(|document| document.id).collect();
        batch
            .gone
            .extend(ids.into_iter().filter(|id| !here.contains(id)));
        batch.documents.extend(found);
    }
    if !batch.more && (batch.documents.len() as u64) < BATCH / 2 {
        fill(conn, behind.tenant_id, &mut batch).await?;
    }
    Ok(batch)
}

/// Writes what was read. False when another worker was faster: then nothing may be committed.
///
/// # Errors
/// When the database is away.
pub async fn write(
    tx: &impl ConnectionTrait,
    batch: &Batch,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let tenant = batch.progress.tenant_id;
    if !progress::advance(tx, &batch.progress, &batch.news, batch.filling, now).await? {
        return Ok(false);
    }
    entry::put(tx, tenant, &batch.documents).await?;
    entry::remove(tx, tenant, &batch.gone).await?;
    Ok(true)
}

/// What has come or changed, each once.
fn wanted(news: &News) -> BTreeSet<(Kind, Uuid)> {
    let changes = news.changes.iter().filter_map(|change| {
        let kind = Kind::numbered(change.kind)?;
        Some((kind, change.doc))
    });
    let events = news.events.iter().flat_map(|event| {
        let lead = named(event, "lead_id").map(|id| (Kind::Lead, id));
        let text = named(event, "message_id").map(|id| (Kind::Message, id));
        let note = named(event, "note_id").map(|id| (Kind::Note, id));
        lead.into_iter().chain(text).chain(note)
    });
    events.chain(changes).collect()
}

fn named(event: &event::Model, field: &str) -> Option<Uuid> {
    event.data.get(field).and_then(Value::as_str)?.parse().ok()
}

/// Adds what was there before the index, the latest first.
async fn fill(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    batch: &mut Batch,
) -> Result<(), DbErr> {
    let Some(filling) = batch.filling else {
        return Ok(());
    };
    batch.filled_in = true;
    let which = Which::Before(filling.from);
    let found = documents(conn, tenant, filling.kind, which).await?;
    let last = found.last().filter(|_| found.len() as u64 >= BATCH);
    batch.filling = match last {
        Some(last) => Some(Filling {
            from: Some(last.id),
            ..filling
        }),
        None => filling.next_kind(),
    };
    batch.more = batch.filling.is_some();
    // What is also new is here already.
    let known: BTreeSet<_> = batch.documents.iter().map(|document| document.id).collect();
    let found = found
        .into_iter()
        .filter(|document| !known.contains(&document.id));
    batch.documents.extend(found);
    Ok(())
}

#[derive(Clone, Copy)]
enum Which<'a> {
    These(&'a [Uuid]),
    /// Older than this, the latest first, as many as a batch has.
    Before(Option<Uuid>),
}

async fn documents(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    kind: Kind,
    which: Which<'_>,
) -> Result<Vec<Document>, DbErr> {
    if matches!(which, Which::These([])) {
        return Ok(Vec::new());
    }
    match kind {
        Kind::Lead => leads(conn, tenant, which).await,
        Kind::Message => messages(conn, tenant, which).await,
        Kind::Note => notes(conn, tenant, which).await,
    }
}

async fn leads(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    which: Which<'_>,
) -> Result<Vec<Document>, DbErr> {
    let rows = chosen(lead::Entity::of(tenant), lead::Column::Id, which)
        .all(conn)
        .await?;
    Ok(rows.iter().map(of_lead).collect())
}

/// A lead is found by name, e-mail address and number.
fn of_lead(row: &lead::Model) -> Document {
    let texts = [&row.name, &row.email, &row.phone];
    Document {
        kind: Kind::Lead,
        id: row.id.0,
        lead: row.id,
        texts: texts.into_iter().flatten().cloned().collect(),
    }
}

async fn messages(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    which: Which<'_>,
) -> Result<Vec<Document>, DbErr> {
    use message::Column::{Body, Id, LeadId as Lead};
    let rows: Vec<(MessageId, LeadId, String)> = chosen(message::Entity::of(tenant), Id, which)
        .select_only()
        .columns([Id, Lead, Body])
        .into_tuple()
        .all(conn)
        .await?;
    let document = |(id, lead, body): (MessageId, LeadId, String)| Document {
        kind: Kind::Message,
        id: id.0,
        lead,
        texts: vec![body],
    };
    Ok(rows.into_iter().map(document).collect())
}

async fn notes(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    which: Which<'_>,
) -> Result<Vec<Document>, DbErr> {
    let rows = chosen(note::Entity::of(tenant), note::Column::Id, which)
        .all(conn)
        .await?;
    let about = rows.iter().map(|row| row.conversation_id);
    let leads = leads_of(conn, tenant, about.collect()).await?;
    // One whose conversation has just been erased goes with it.
    let document = |row: note::Model| {
        Some(Document {
            kind: Kind::Note,
            id: row.id.0,
            lead: *leads.get(&row.conversation_id)?,
            texts: vec![row.body],
        })
    };
    Ok(rows.into_iter().filter_map(document).collect())
}

fn chosen<E: sea_orm::EntityTrait>(
    query: sea_orm::Select<E>,
    id: E::Column,
    which: Which<'_>,
) -> sea_orm::Select<E> {
    match which {
        Which::These(ids) => query.filter(id.is_in(ids.iter().copied())),
        Which::Before(before) => {
            let query = match before {
                Some(before) => query.filter(id.lt(before)),
                None => query,
            };
            query.order_by_desc(id).limit(BATCH)
        }
    }
}
