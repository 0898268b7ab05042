//! Listing leads: filters, and where a page goes on.

use entity::id::{LeadId, TenantId};
use entity::value::{LeadSource, LeadStatus};
use entity::{TenantScoped, lead};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use search::find::newest;
use search::{Kind, Query};

use crate::sql::json_has;

/// How often the index is asked for more because filters have left too few.
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
    match filter.query() {
        Some(query) => found(conn, tenant, filter, &query, before, limit).await,
        None => {
            let mut query = filtered(conn, lead::Entity::of(tenant), filter);
            if let Some(before) = before {
                query = query.filter(lead::Column::Id.lt(before));
            }
            // One more shows whether there is a next page.
            let rows = query.limit(limit as u64 + 1).all(conn).await?;
            Ok(cut(rows, limit))
        }
    }
}

fn cut(mut rows: Vec<lead::Model>, limit: usize) -> Listed {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    Listed { rows, next }
}

/// As [`list`], of those who are looked for: the index has them in the same order.
async fn found(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    filter: &LeadFilter,
    query: &Query,
    before: Option<LeadId>,
    limit: usize,
) -> Result<Listed, DbErr> {
    let (mut rows, mut before) = (Vec::new(), before.map(|lead| lead.0));
    for _ in 0..ROUNDS {
        let found = newest(conn, tenant, Kind::Lead, query, before, AT_ONCE).await?;
        let ids: Vec<_> = found.hits.iter().map(|hit| hit.lead).collect();
        if !ids.is_empty() {
            let backend = conn.get_database_backend();
            let these = lead::Entity::among(backend, tenant, lead::Column::Id, ids);
            let query = filtered(conn, lead::Entity::find().filter(these), filter);
            rows.extend(query.all(conn).await?);
        }
        before = found.through;
        if rows.len() > limit {
            return Ok(cut(rows, limit));
        }
        if before.is_none() {
            break;
        }
    }
    Ok(Listed {
        rows,
        next: before.map(LeadId),
    })
}

fn filtered(
    conn: &impl ConnectionTrait,
    mut query: Select<lead::Entity>,
    filter: &LeadFilter,
) -> Select<lead::Entity> {
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
        query = query.filter(json_has(conn, "leads.tags", tag));
    }
    query.order_by_desc(lead::Column::Id)
}
