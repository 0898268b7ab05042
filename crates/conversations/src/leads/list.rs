//! Listing leads: filters, and where a page goes on.

use entity::id::{LeadId, TenantId};
use entity::value::{LeadSource, LeadStatus};
use entity::{TenantScoped, lead};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use search::find::newest;
use search::{Kind, Query};

use super::tags;

/// How often an index is asked for more because filters have left too few.
const ROUNDS: usize = 4;

/// How many hits are put to filters at once.
const AT_ONCE: usize = 500;

/// Which leads to list.
#[derive(Clone, Debug, Default)]
pub struct LeadFilter {
    /// Words of a name or an e-mail address, or digits of a number.
    pub q: Option<String>,
    /// How far they are.
    pub status: Option<LeadStatus>,
    /// How they came.
    pub source: Option<LeadSource>,
    /// Whether texts have gone to or fro.
    pub has_sms: Option<bool>,
    /// A label.
    pub tag: Option<String>,
}

impl LeadFilter {
    /// What is looked for, if anything is.
    fn query(&self) -> Option<Query> {
        let q = self.q.as_deref().map(str::trim).filter(|q| !q.is_empty())?;
        Some(Query::parse(q))
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The newest first. There may be fewer than were asked for although there are more.
    pub rows: Vec<lead::Model>,
    /// After which lead the next page begins; none: this is the last.
    pub next: Option<LeadId>,
}

/// The tenant's leads, newest first, at most `limit`, older than `before`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    filter: &LeadFilter,
    before: Option<LeadId>,
    limit: usize,
) -> Result<Listed, DbErr> {
    let source = match (filter.query(), &filter.tag) {
        (Some(query), _) => Source::Search(query),
        (None, Some(tag)) => Source::Tag(tag),
        (None, None) => {
            let mut query = filtered(lead::Entity::of(tenant), filter);
            if let Some(before) = before {
                query = query.filter(lead::Column::Id.lt(before));
            }
            // One more shows whether there is a next page.
            let rows = query.limit(limit as u64 + 1).all(conn).await?;
            return Ok(cut(rows, limit));
        }
    };
    found(conn, tenant, filter, &source, before, limit).await
}

fn cut(mut rows: Vec<lead::Model>, limit: usize) -> Listed {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Listed { rows, next }
}

/// Where leads are named, the newest first.
enum Source<'a> {
    /// In the index of words.
    Search(Query),
    /// In the index of a tag.
    Tag(&'a str),
}

impl Source<'_> {
    /// The next of them, at most `limit`, and before which the ones after them are.
    async fn next(
        &self,
        conn: &impl ConnectionTrait,
        tenant: TenantId,
        before: Option<LeadId>,
        limit: usize,
    ) -> Result<(Vec<LeadId>, Option<LeadId>), DbErr> {
        match self {
            Self::Search(query) => {
                let before = before.map(|lead| lead.0);
                let found = newest(conn, tenant, Kind::Lead, query, before, limit).await?;
                let ids = found.hits.into_iter().map(|hit| hit.lead).collect();
                Ok((ids, found.through.map(LeadId)))
            }
            Self::Tag(tag) => {
                let ids = tags::newest(conn, tenant, tag, before, limit).await?;
                let last = ids.last().copied().filter(|_| ids.len() >= limit);
                Ok((ids, last))
            }
        }
    }
}

/// As [`list`], of those who are named somewhere else in the same order: PostgreSQL would go through all
/// leads where they are few.
async fn found(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    filter: &LeadFilter,
    source: &Source<'_>,
    mut before: Option<LeadId>,
    limit: usize,
) -> Result<Listed, DbErr> {
    let mut rows = Vec::new();
    // Without another filter the first round is enough.
    let mut at_once = limit + 1;
    for _ in 0..ROUNDS {
        let (ids, through) = source.next(conn, tenant, before, at_once).await?;
        if !ids.is_empty() {
            let backend = conn.get_database_backend();
            let these = lead::Entity::among(backend, tenant, lead::Column::Id, ids);
            let query = filtered(lead::Entity::find().filter(these), filter);
            rows.extend(query.all(conn).await?);
        }
        before = through;
        if rows.len() > limit {
            return Ok(cut(rows, limit));
        }
        if before.is_none() {
            break;
        }
        at_once = AT_ONCE;
    }
    Ok(Listed { rows, next: before })
}

fn filtered(mut query: Select<lead::Entity>, filter: &LeadFilter) -> Select<lead::Entity> {
    if let Some(status) = filter.status {
        query = query.filter(lead::Column::Status.eq(status));
    }
    if let Some(source) = filter.source {
        query = query.filter(lead::Column::Source.eq(source));
    }
    if let Some(has_sms) = filter.has_sms {
        query = query.filter(lead::Column::SmsEnabled.eq(has_sms));
    }
    if let Some(tag) = &filter.tag {
        query = tags::with(query, tag);
    }
    query.order_by_desc(lead::Column::Id)
}
