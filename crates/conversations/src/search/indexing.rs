//! Keeping the index up with what happens.
//!
//! Texts, notes and people that are new or have changed are told of by their events, so whoever writes
//! them does nothing for the index. What no event tells of, such as each row of an import, is noted with
//! [`search::entry::changed`]. A batch
//! is read without a transaction and then written in one: how much that is, is bounded.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use db::each;
use entity::id::{LeadId, MessageId, TenantId};
use entity::{TenantScoped, conversation, event, lead, message, note, search_progress};
use events::Kind as Event;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use search::progress::{self, Behind, Filling, News};
use search::{Document, Kind, entry};
use serde_json::Value;
use uuid::Uuid;

/// From how many events, or how much of what was there before, one transaction indexes: SQLite's writers
/// wait while it does.
const BATCH: u64 = 500;

/// What is to be indexed in one transaction, of one tenant or several.
#[derive(Clone, Debug)]
pub struct Batch {
    tenants: Vec<search_progress::Model>,
    news: News,
    filling: Option<Filling>,
    documents: Vec<Document>,
    gone: Vec<(TenantId, Kind, Uuid)>,
    /// Whether there is more than this.
    pub more: bool,
    /// Whether it is about what was there before the index.
    pub filled_in: bool,
}

/// A tenant whose index is behind, and how far it has come.
pub type State = (Behind, search_progress::Model);

/// Whether something of the tenant is still to be filled in: such a one is indexed by itself, the others
/// together.
#[must_use]
pub fn is_filling((_, progress): &State) -> bool {
    Filling::of(progress).is_some()
}

/// Reads what is to be indexed of a group.
///
/// # Errors
/// When the database is away.
pub async fn read(conn: &impl ConnectionTrait, group: &[State]) -> Result<Batch, DbErr> {
    let kinds = Event::CONTENT.map(Event::as_str);
    let news = progress::news(conn, group, &kinds, BATCH).await?;
    let wanted = wanted(&news);
    let filling = group
        .first()
        .and_then(|(_, progress)| Filling::of(progress));
    let mut batch = Batch {
        tenants: group.iter().map(|(_, progress)| progress.clone()).collect(),
        filling,
        filled_in: false,
        more: news.more,
        news,
        documents: Vec::new(),
        gone: Vec::new(),
    };
    for kind in Kind::ALL {
        let these = wanted.iter().filter(|(of, ..)| *of == kind);
        let these: Vec<_> = these.map(|(_, tenant, id)| (*tenant, *id)).collect();
        let found = documents(conn, kind, Which::These(&these)).await?;
        let here: BTreeSet<_> = found.iter().map(|document| document.id).collect();
        let gone = these.into_iter().filter(|(_, id)| !here.contains(id));
        batch
            .gone
            .extend(gone.map(|(tenant, id)| (tenant, kind, id)));
        batch.documents.extend(found);
    }
    if !batch.more && (batch.documents.len() as u64) < BATCH / 2 {
        fill(conn, &mut batch).await?;
    }
    Ok(batch)
}

/// Writes what was read. False when another worker was faster with some of the tenants: of those nothing
/// is written.
///
/// # Errors
/// When the database is away.
pub async fn write(
    tx: &impl ConnectionTrait,
    batch: &Batch,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let Batch { news, filling, .. } = batch;
    let ours = progress::advance(tx, &batch.tenants, news, *filling, now).await?;
    let documents = batch.documents.iter();
    let documents = documents.filter(|document| ours.contains(&document.tenant));
    entry::put(tx, &documents.cloned().collect::<Vec<_>>()).await?;
    let gone = batch.gone.iter();
    let gone = gone.filter(|(tenant, ..)| ours.contains(tenant));
    entry::remove(tx, &gone.copied().collect::<Vec<_>>()).await?;
    Ok(ours.len() == batch.tenants.len())
}

/// What has come or changed, each once.
fn wanted(news: &News) -> BTreeSet<(Kind, TenantId, Uuid)> {
    let changes = news.changes.iter().filter_map(|change| {
        let kind = Kind::numbered(change.kind)?;
        Some((kind, change.tenant_id, change.doc))
    });
    let events = news.events.iter().filter_map(|event| {
        let told = Event::CONTENT
            .into_iter()
            .find(|kind| kind.as_str() == event.kind)?;
        let (kind, field) = told_of(told)?;
        Some((kind, event.tenant_id, named(event, field)?))
    });
    events.chain(changes).collect()
}

/// What an event tells of, and where it names it. An event of a text names its person too, but has not
/// changed them.
const fn told_of(event: Event) -> Option<(Kind, &'static str)> {
    match event {
        Event::SmsReceived | Event::MessageQueued => Some((Kind::Message, "message_id")),
        Event::NoteChanged => Some((Kind::Note, "note_id")),
        Event::LeadUpdated => Some((Kind::Lead, "lead_id")),
        _ => None,
    }
}

fn named(event: &event::Model, field: &str) -> Option<Uuid> {
    event.data.get(field).and_then(Value::as_str)?.parse().ok()
}

/// Adds what was there before the index, the latest first.
async fn fill(conn: &impl ConnectionTrait, batch: &mut Batch) -> Result<(), DbErr> {
    let (Some(filling), [progress]) = (batch.filling, batch.tenants.as_slice()) else {
        return Ok(());
    };
    batch.filled_in = true;
    let which = Which::Before(progress.tenant_id, filling.from);
    let found = documents(conn, filling.kind, which).await?;
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
    These(&'a [(TenantId, Uuid)]),
    /// A tenant's that are older than this, the latest first, as many as a batch has.
    Before(TenantId, Option<Uuid>),
}

async fn documents(
    conn: &impl ConnectionTrait,
    kind: Kind,
    which: Which<'_>,
) -> Result<Vec<Document>, DbErr> {
    match kind {
        Kind::Lead => {
            let rows = chosen::<lead::Entity>(conn, lead::Column::Id, which).await?;
            Ok(rows.iter().map(of_lead).collect())
        }
        Kind::Message => Ok(texts(conn, which).await?.into_iter().map(of_text).collect()),
        Kind::Note => {
            let rows = chosen::<note::Entity>(conn, note::Column::Id, which).await?;
            of_notes(conn, rows).await
        }
    }
}

/// A lead is found by name, e-mail address and number.
fn of_lead(row: &lead::Model) -> Document {
    let texts = [&row.name, &row.email, &row.phone];
    Document {
        tenant: row.tenant_id,
        kind: Kind::Lead,
        id: row.id.0,
        lead: row.id,
        texts: texts.into_iter().flatten().cloned().collect(),
    }
}

/// What of a message is looked at.
#[derive(FromQueryResult)]
struct Text {
    id: MessageId,
    tenant_id: TenantId,
    lead_id: LeadId,
    body: String,
}

async fn texts(conn: &impl ConnectionTrait, which: Which<'_>) -> Result<Vec<Text>, DbErr> {
    use message::Column::{Body, Id, LeadId, TenantId};
    match which {
        Which::These(ids) => {
            let what = "id, tenant_id, lead_id, body FROM messages";
            each::select(conn, what, ["tenant_id", "id"], keys(ids), "").await
        }
        Which::Before(tenant, before) => {
            let query = before_that::<message::Entity>(Id, tenant, before);
            let query = query.select_only().columns([Id, TenantId, LeadId, Body]);
            query.into_model().all(conn).await
        }
    }
}

fn of_text(row: Text) -> Document {
    Document {
        tenant: row.tenant_id,
        kind: Kind::Message,
        id: row.id.0,
        lead: row.lead_id,
        texts: vec![row.body],
    }
}

async fn of_notes(
    conn: &impl ConnectionTrait,
    rows: Vec<note::Model>,
) -> Result<Vec<Document>, DbErr> {
    let about = rows.iter().map(|row| (row.tenant_id, row.conversation_id));
    let keys = about.map(|(tenant, id)| [tenant.into(), sea_orm::Value::from(id)]);
    let columns = ["tenant_id", "id"];
    let found = each::find::<conversation::Entity, 2>(conn, columns, keys.collect(), "").await?;
    let leads: HashMap<_, _> = found.into_iter().map(|row| (row.id, row.lead_id)).collect();
    // One whose conversation has just been erased goes with it.
    let document = |row: note::Model| {
        Some(Document {
            tenant: row.tenant_id,
            kind: Kind::Note,
            id: row.id.0,
            lead: *leads.get(&row.conversation_id)?,
            texts: vec![row.body],
        })
    };
    Ok(rows.into_iter().filter_map(document).collect())
}

async fn chosen<E: TenantScoped>(
    conn: &impl ConnectionTrait,
    id: E::Column,
    which: Which<'_>,
) -> Result<Vec<E::Model>, DbErr> {
    match which {
        Which::These(ids) => each::find::<E, 2>(conn, ["tenant_id", "id"], keys(ids), "").await,
        Which::Before(tenant, before) => before_that::<E>(id, tenant, before).all(conn).await,
    }
}

fn keys(ids: &[(TenantId, Uuid)]) -> Vec<[sea_orm::Value; 2]> {
    let key = |(tenant, id): &(TenantId, Uuid)| [(*tenant).into(), sea_orm::Value::from(*id)];
    ids.iter().map(key).collect()
}

fn before_that<E: TenantScoped>(
    id: E::Column,
    tenant: TenantId,
    before: Option<Uuid>,
) -> Select<E> {
    let query = match before {
        Some(before) => E::of(tenant).filter(id.lt(before)),
        None => E::of(tenant),
    };
    query.order_by_desc(id).limit(BATCH)
}
