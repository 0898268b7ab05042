//! Looking for things, latest first, at a bounded cost.
//!
//! A path to what is looked for is chosen (the one with the fewest things along it), its things are
//! gone through from the latest on, and their entries say which of them are meant. Where hits are
//! few and far between, the search ends early and says where it stopped: what it has found is whole
//! up to there, and the next page goes on from there.

use entity::id::{LeadId, TenantId};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::lookup::{Entry, Index};
use crate::path::choose;
use crate::{Kind, Query};

/// How much a search reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// How many words that begin alike are followed side by side.
    pub(crate) words: u64,
    /// How far the ways are counted when a path is chosen.
    pub(crate) counted: u64,
    /// How many things are looked at, about.
    pub(crate) looked_at: usize,
    /// How many of one list are read at once, at least and at most.
    pub(crate) read: (u64, u64),
}

impl Bounds {
    pub(crate) const REAL: Self = Self {
        words: 256,
        counted: 2000,
        looked_at: 4000,
        read: (16, 1024),
    };

    /// Of as many lists, how much of each is read at once.
    fn most(&self, lists: usize) -> u64 {
        let (least, most) = self.read;
        (self.looked_at as u64 / Ord::max(lists as u64, 1)).clamp(least, most)
    }

    fn first(&self, limit: usize, lists: usize) -> u64 {
        (limit as u64 + 1).clamp(self.read.0, self.most(lists))
    }
}

/// Something that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: Uuid,
    /// With whom it goes.
    pub lead: LeadId,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The latest first.
    pub hits: Vec<Hit>,
    /// How far back was looked; none: there is nothing more.
    pub through: Option<Uuid>,
}

/// The latest things of one kind that are meant, older than `before`, at most `limit`.
///
/// There may be fewer although there are more: then `through` says from where to go on.
///
/// # Errors
/// When the database is away.
pub async fn newest(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    kind: Kind,
    query: &Query,
    before: Option<Uuid>,
    limit: usize,
) -> Result<Found, DbErr> {
    within(&Bounds::REAL, conn, tenant, kind, query, before, limit).await
}

pub(crate) async fn within(
    bounds: &Bounds,
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    kind: Kind,
    query: &Query,
    before: Option<Uuid>,
    limit: usize,
) -> Result<Found, DbErr> {
    let index = Index { conn, tenant, kind };
    let mut found = Found::default();
    let Some(path) = choose(&index, query, bounds).await? else {
        return Ok(found);
    };
    let mut before = before.unwrap_or(Uuid::max());
    let (mut each, mut looked_at) = (bounds.first(limit, path.lists()), 0);
    loop {
        let (entries, reached) = path.step(&index, before, each).await?;
        looked_at += entries.len();
        found.hits.extend(meant(kind, query, entries));
        found.through = reached;
        let Some(reached) = reached else { break };
        if found.hits.len() >= limit || looked_at >= bounds.looked_at {
            break;
        }
        before = reached;
        each = (each * 2).min(bounds.most(path.lists()));
    }
    if found.hits.len() > limit {
        found.hits.truncate(limit);
        found.through = found.hits.last().map(|hit| hit.id);
    }
    Ok(found)
}

/// What of it is looked for, in the same order.
fn meant(kind: Kind, query: &Query, entries: Vec<Entry>) -> impl Iterator<Item = Hit> {
    entries
        .into_iter()
        .filter(|(_, _, words)| query.is_met_by(words))
        .map(move |(id, lead, _)| Hit { kind, id, lead })
}

/// Which of these leads are meant by their own entry.
///
/// # Errors
/// When the database is away.
pub async fn leads_among(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    query: &Query,
    leads: &[LeadId],
) -> Result<Vec<LeadId>, DbErr> {
    let kind = Kind::Lead;
    let index = Index { conn, tenant, kind };
    let ids: Vec<_> = leads.iter().map(|lead| lead.0).collect();
    let entries = index.entries(&ids).await?;
    Ok(meant(kind, query, entries).map(|hit| hit.lead).collect())
}
