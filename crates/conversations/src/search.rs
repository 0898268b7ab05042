//! Finding leads, texts and notes by their words and numbers.
//!
//! What each is found by is decided in [`indexing`]; how, in the `search` crate. Here hits
//! become what people see.

use std::cmp::Reverse;
use std::collections::HashMap;

use entity::id::{ConversationId, LeadId, MessageId, NoteId, TenantId};
use entity::{TenantScoped, conversation, lead, message, note};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use search::find::{Found, Hit, newest};
use search::{Kind, Query};
use uuid::Uuid;

use crate::messages::{MessageView, with_media};
use crate::notes::{self as written, NoteView};

pub mod indexing;

/// Something that was looked for.
#[derive(Clone, Debug)]
pub enum Match {
    /// A person.
    Lead {
        /// They.
        lead: lead::Model,
        /// Their conversation; of several the one with the latest message.
        conversation: Option<ConversationId>,
    },
    /// A text.
    Message {
        /// It.
        message: Box<MessageView>,
        /// With whom.
        lead: lead::Model,
    },
    /// What the team has written down.
    Note {
        /// It.
        note: NoteView,
        /// About whom.
        lead: lead::Model,
    },
}

/// A page of what was looked for.
#[derive(Clone, Debug)]
pub struct Results {
    /// The newest first. There may be fewer than were asked for although there are more.
    pub rows: Vec<Match>,
    /// How far back was looked; none: there is nothing more.
    pub through: Option<Uuid>,
}

/// The newest things of these kinds that are meant, older than `before`, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn find(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    query: &Query,
    kinds: &[Kind],
    before: Option<Uuid>,
    limit: usize,
) -> Result<Results, DbErr> {
    let mut all = Vec::with_capacity(kinds.len());
    for kind in kinds {
        all.push(newest(conn, tenant, *kind, query, before, limit).await?);
    }
    let Found { hits, through } = merged(all, limit);
    let rows = matches(conn, tenant, hits).await?;
    Ok(Results { rows, through })
}

/// What was found of several kinds as one list, as far back as all of them were looked through.
fn merged(all: Vec<Found>, limit: usize) -> Found {
    let through = all.iter().filter_map(|found| found.through).max();
    let mut hits: Vec<_> = all.into_iter().flat_map(|found| found.hits).collect();
    hits.retain(|hit| through.is_none_or(|through| hit.id >= through));
    hits.sort_unstable_by_key(|hit| Reverse(hit.id));
    if hits.len() > limit {
        hits.truncate(limit);
        let through = hits.last().map(|hit| hit.id);
        return Found { hits, through };
    }
    Found { hits, through }
}

/// Hits with what people see of them, in the same order. What has been erased since is left out.
async fn matches(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    hits: Vec<Hit>,
) -> Result<Vec<Match>, DbErr> {
    let of = |kind| hits.iter().filter(move |hit| hit.kind == kind);
    let people = people(conn, tenant, hits.iter().map(|hit| hit.lead).collect()).await?;
    let found: Vec<_> = of(Kind::Lead).map(|hit| hit.lead).collect();
    let threads = latest_threads(conn, tenant, found).await?;
    let found = of(Kind::Message).map(|hit| MessageId(hit.id)).collect();
    let mut texts = texts(conn, tenant, found).await?;
    let found = of(Kind::Note).map(|hit| NoteId(hit.id)).collect();
    let mut notes = notes(conn, tenant, found).await?;
    let mut shown = |hit: &Hit| {
        let lead = people.get(&hit.lead)?.clone();
        match hit.kind {
            Kind::Lead => Some(Match::Lead {
                conversation: threads.get(&lead.id).copied(),
                lead,
            }),
            Kind::Message => Some(Match::Message {
                message: Box::new(texts.remove(&MessageId(hit.id))?),
                lead,
            }),
            Kind::Note => Some(Match::Note {
                note: notes.remove(&NoteId(hit.id))?,
                lead,
            }),
        }
    };
    Ok(hits.iter().filter_map(&mut shown).collect())
}

async fn people(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    ids: Vec<LeadId>,
) -> Result<HashMap<LeadId, lead::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let backend = conn.get_database_backend();
    let rows = lead::Entity::rows_among(backend, tenant, lead::Column::Id, ids);
    let rows = rows.all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn latest_threads(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    leads: Vec<LeadId>,
) -> Result<HashMap<LeadId, ConversationId>, DbErr> {
    if leads.is_empty() {
        return Ok(HashMap::new());
    }
    let backend = conn.get_database_backend();
    let of_them = conversation::Column::LeadId;
    let rows = conversation::Entity::rows_among(backend, tenant, of_them, leads)
        .order_by_asc(conversation::Column::LastMessageAt)
        .all(conn)
        .await?;
    // Of a lead's the last one stays.
    Ok(rows.into_iter().map(|row| (row.lead_id, row.id)).collect())
}

async fn texts(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    ids: Vec<MessageId>,
) -> Result<HashMap<MessageId, MessageView>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let backend = conn.get_database_backend();
    let rows = message::Entity::rows_among(backend, tenant, message::Column::Id, ids);
    let views = with_media(conn, tenant, rows.all(conn).await?).await?;
    Ok(views
        .into_iter()
        .map(|view| (view.message.id, view))
        .collect())
}

async fn notes(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    ids: Vec<NoteId>,
) -> Result<HashMap<NoteId, NoteView>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = note::Entity::of(tenant)
        .filter(note::Column::Id.is_in(ids))
        .all(conn)
        .await?;
    let views = written::views(conn, rows).await?;
    Ok(views.into_iter().map(|view| (view.note.id, view)).collect())
}
