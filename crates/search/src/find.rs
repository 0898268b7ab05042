//! Looking for things, latest first, at a bounded cost.
//!
//! A way to what is looked for is chosen (the one with the fewest things at its end), its things are
//! gone through from the latest on, and their entries say which of them are meant. Where hits are
//! few and far between, the search ends early and says where it stopped: what it has found is whole
//! up to there, and the next page goes on from there.

use std::cmp::Reverse;

use entity::id::{LeadId, TenantId};
use entity::{TenantScoped, search_entry};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::lookup::Terms;
use crate::terms::Way;
use crate::{Kind, Query};

/// How many words that begin alike are followed. More, and the letters that they share lead to them.
const WORDS: u64 = 256;

/// How many beginnings of one or two letters are followed.
const STARTS: u64 = 600;

/// How far the ways are counted when one is chosen.
const COUNTED: u64 = 2000;

/// How many things are looked at in one search, about.
const LOOKED_AT: usize = 4000;

/// How many of a single term are read at once, at most.
const READ: u64 = 1024;

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
    let terms = Terms { conn, tenant, kind };
    let way = choose(&terms, query).await?;
    let (mut found, mut looked_at) = (Found::default(), 0);
    let mut before = before.unwrap_or(Uuid::max());
    let mut each = first(limit, way.len());
    while !way.is_empty() {
        let (ids, reached) = step(&terms, &way, before, each).await?;
        looked_at += ids.len();
        let hits = meant(conn, tenant, kind, query, &ids).await?;
        found.hits.extend(hits);
        found.through = reached;
        let Some(reached) = reached else { break };
        if found.hits.len() >= limit || looked_at >= LOOKED_AT {
            break;
        }
        before = reached;
        each = (each * 2).min(most(way.len()));
    }
    if found.hits.len() > limit {
        found.hits.truncate(limit);
        found.through = found.hits.last().map(|hit| hit.id);
    }
    Ok(found)
}

/// Of as many terms as there are in one search, how many things of each are read at once.
fn most(terms: usize) -> u64 {
    (LOOKED_AT as u64 / Ord::max(terms as u64, 1)).clamp(16, READ)
}

fn first(limit: usize, terms: usize) -> u64 {
    (limit as u64 + 1).clamp(16, most(terms))
}

/// The terms of the way with the fewest things at its end; none where something that is looked for
/// is nowhere.
async fn choose<C: ConnectionTrait>(
    terms: &Terms<'_, C>,
    query: &Query,
) -> Result<Vec<String>, DbErr> {
    let mut ways: Vec<_> = query
        .needs()
        .iter()
        .flat_map(crate::terms::Need::ways)
        .collect();
    if let [only] = &ways[..] {
        let only = only.clone();
        return Ok(followed(terms, only).await?.0);
    }
    // Long words are rare, so they are looked at first.
    ways.sort_by_key(|way| match way {
        Way::Beginning(_, Some(_)) => 0,
        Way::Term(_) => 1,
        Way::Beginning(_, None) => 2,
    });
    let mut best: Option<(u64, Vec<String>)> = None;
    for way in ways {
        let (way, whole) = followed(terms, way).await?;
        let fewest = best.as_ref().map_or(COUNTED, |(fewest, _)| *fewest);
        let count = terms.count(&way, fewest).await?;
        if count == 0 {
            return Ok(Vec::new());
        }
        if best.is_none() || (whole && count < fewest) {
            best = Some((count, way));
        }
    }
    Ok(best.map(|(_, way)| way).unwrap_or_default())
}

/// The terms that a way goes by, and whether they are all.
async fn followed<C: ConnectionTrait>(
    terms: &Terms<'_, C>,
    way: Way,
) -> Result<(Vec<String>, bool), DbErr> {
    match way {
        Way::Term(term) => Ok((vec![term], true)),
        Way::Beginning(with, shared) => {
            let limit = if shared.is_some() { WORDS } else { STARTS };
            let found = terms.beginning(&with, limit + 1).await?;
            match shared {
                Some(shared) if found.len() as u64 > limit => Ok((vec![shared], true)),
                _ => Ok((found.clone(), found.len() as u64 <= limit)),
            }
        }
    }
}

/// The next things along the way, latest first, and how far back they reach; to its end if that is
/// none.
async fn step<C: ConnectionTrait>(
    terms: &Terms<'_, C>,
    way: &[String],
    before: Uuid,
    each: u64,
) -> Result<(Vec<Uuid>, Option<Uuid>), DbErr> {
    let lists = terms.latest(way, before, each).await?;
    let is_cut = |list: &&Vec<Uuid>| list.len() as u64 >= each;
    // Of a list that was cut nothing is known beyond its last, so the latest of those is the end.
    let reached = lists
        .iter()
        .filter(is_cut)
        .filter_map(|list| list.last())
        .max()
        .copied();
    let mut ids = lists.concat();
    ids.retain(|id| reached.is_none_or(|reached| *id >= reached));
    ids.sort_unstable_by_key(|id| Reverse(*id));
    ids.dedup();
    Ok((ids, reached))
}

/// Which of these are meant, in the same order.
async fn meant(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    kind: Kind,
    query: &Query,
    ids: &[Uuid],
) -> Result<Vec<Hit>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    use search_entry::Column::{Doc, LeadId as Lead, Words};
    let entries: Vec<(Uuid, LeadId, String)> = search_entry::Entity::of(tenant)
        .select_only()
        .columns([Doc, Lead, Words])
        .filter(Doc.is_in(ids.iter().copied()))
        .order_by_desc(Doc)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(entries
        .into_iter()
        .filter(|(_, _, words)| query.is_met_by(words))
        .map(|(id, lead, _)| Hit { kind, id, lead })
        .collect())
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
    let ids: Vec<_> = leads.iter().map(|lead| lead.0).collect();
    let hits = meant(conn, tenant, Kind::Lead, query, &ids).await?;
    Ok(hits.into_iter().map(|hit| hit.lead).collect())
}
