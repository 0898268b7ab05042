//! Listing conversations: filters, and whom they are with.

use std::collections::{HashMap, HashSet};

use entity::conversation::{self, Column};
use entity::id::{ChannelId, LabelId, LeadId, TenantId, UserId};
use entity::row::{Rows, TableRow};
use entity::value::ConversationStatus;
use entity::{TenantScoped, conversation_label};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect};
use search::find::{leads_among, newest};
use search::{Kind, Query};

use super::order::{READ, ThreadOrder, UNREAD};
use super::{ThreadView, Whole, views, whole};
use crate::labels::{self, LabelName};

/// Whose conversations.
#[derive(Clone, Copy, Debug)]
pub enum Assigned {
    /// Nobody's.
    Nobody,
    /// One person's.
    To(UserId),
}

/// Which conversations to list.
#[derive(Clone, Debug, Default)]
pub struct ThreadFilter {
    /// Where they stand.
    pub status: Option<ConversationStatus>,
    /// Whose they are.
    pub assigned: Option<Assigned>,
    /// Whether there is something unread.
    pub unread: Option<bool>,
    /// By one of our numbers.
    pub channel: Option<ChannelId>,
    /// With one person.
    pub lead: Option<LeadId>,
    /// With a label.
    pub label: Option<LabelName>,
    /// Words of the person's name or e-mail address, or digits of their number.
    pub q: Option<String>,
}

/// A page of the inbox.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The conversations, in order.
    pub rows: Vec<ThreadView>,
    /// The conversation at which looking for more was given up, though there are more.
    pub stopped: Option<conversation::Model>,
}

/// How many people can be named in a question.
const NAMED: usize = 1000;

/// How often the index is asked for them.
const ROUNDS: usize = 4;

/// How many conversations are asked about at once, and in one page.
const STEP: u64 = 500;
const WALKED: u64 = 5000;

/// The tenant's conversations, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    filter: &ThreadFilter,
    order: ThreadOrder,
    limit: u64,
) -> Result<Listed, DbErr> {
    let label = match &filter.label {
        Some(name) => match labels::named(conn, tenant, name).await? {
            Some(label) => Some(label.id),
            None => return Ok(Listed::default()),
        },
        None => None,
    };
    let query = || filtered(conversation::Entity::rows_of(tenant), tenant, filter, label);
    let q = filter.q.as_deref().map(str::trim);
    let (rows, stopped) = match q.filter(|q| !q.is_empty()).map(Query::parse) {
        None => {
            let pages = order.pages(query, filter.unread, limit);
            let wholly = |page| whole(tenant, page);
            (in_order(conn, order, limit, pages, wholly).await?, None)
        }
        Some(looked_for) => match few(conn, tenant, &looked_for).await? {
            Some(people) => {
                let query = || {
                    let (backend, theirs) = (conn.get_database_backend(), Column::LeadId);
                    let people = people.iter().copied();
                    let theirs = conversation::Entity::rows_among(backend, tenant, theirs, people);
                    filtered(theirs, tenant, filter, label)
                };
                let pages = order.pages(query, filter.unread, limit);
                let wholly = |page| whole(tenant, page);
                (in_order(conn, order, limit, pages, wholly).await?, None)
            }
            None => {
                let step = |order: ThreadOrder| order.pages(query, filter.unread, STEP);
                walk(conn, tenant, step, &looked_for, order, limit).await?
            }
        },
    };
    let rows = views(conn, tenant, rows).await?;
    Ok(Listed { rows, stopped })
}

/// The first rows of a list, from the first of `pages` that has as many.
async fn in_order<R: TableRow>(
    conn: &impl ConnectionTrait,
    order: ThreadOrder,
    limit: u64,
    pages: Vec<Rows<conversation::Model>>,
    read: impl Fn(Rows<conversation::Model>) -> Rows<R>,
) -> Result<Vec<R>, DbErr> {
    let mut rows = Vec::new();
    for page in pages {
        rows = order.sorted(read(page)).limit(limit).all(conn).await?;
        if rows.len() as u64 >= limit {
            break;
        }
    }
    Ok(rows)
}

/// The people who are looked for, if they are so few that they can be named.
async fn few(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    query: &Query,
) -> Result<Option<Vec<LeadId>>, DbErr> {
    let (mut people, mut before) = (Vec::new(), None);
    for _ in 0..ROUNDS {
        let found = newest(conn, tenant, Kind::Lead, query, before, NAMED + 1).await?;
        people.extend(found.hits.into_iter().map(|hit| hit.lead));
        before = found.through;
        if before.is_none() || people.len() > NAMED {
            break;
        }
    }
    Ok(Some(people).filter(|people| before.is_none() && people.len() <= NAMED))
}

/// Goes through the conversations in their order and asks of each whether its person is looked for:
/// where those are many, it doesn't take long. Says where it stopped before its end.
async fn walk(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    step: impl Fn(ThreadOrder) -> Vec<Rows<conversation::Model>>,
    looked_for: &Query,
    mut order: ThreadOrder,
    limit: u64,
) -> Result<(Vec<Whole>, Option<conversation::Model>), DbErr> {
    let (mut found, mut walked) = (Vec::new(), 0);
    let stopped = loop {
        // What is sorted has to have a name.
        let alone = |page: Rows<_>| page.joined(conversation::Entity, |_| {});
        let step: Vec<conversation::Model> =
            in_order(conn, order, STEP, step(order), alone).await?;
        let people: Vec<_> = step.iter().map(|row| row.lead_id).collect();
        let people = leads_among(conn, tenant, looked_for, &people).await?;
        let people: HashSet<_> = people.into_iter().collect();
        walked += step.len() as u64;
        let last = step.last().cloned().filter(|_| step.len() as u64 >= STEP);
        found.extend(step.into_iter().filter(|row| people.contains(&row.lead_id)));
        if found.len() as u64 >= limit {
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            break None;
        }
        match last {
            Some(last) if walked < WALKED => order = order.after(&last),
            stopped => break stopped,
        }
    };
    let last = found
        .last()
        .filter(|_| found.len() as u64 >= limit)
        .cloned();
    let rows = read_whole(conn, tenant, found).await?;
    // One that has gone meanwhile must not look like the end.
    let is_short = (rows.len() as u64) < limit;
    Ok((rows, stopped.or(last.filter(|_| is_short))))
}

/// The rest of what is shown of these conversations, which stay where, and as, they were found: by them it
/// is gone on.
async fn read_whole(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    found: Vec<conversation::Model>,
) -> Result<Vec<Whole>, DbErr> {
    let (backend, ids) = (conn.get_database_backend(), found.iter().map(|row| row.id));
    let rows = conversation::Entity::rows_among(backend, tenant, Column::Id, ids);
    let rows = whole(tenant, rows).all(conn).await?;
    let mut rows: HashMap<_, _> = rows
        .into_iter()
        .map(|row| (row.conversation.id, row))
        .collect();
    let here = |conversation: conversation::Model| {
        let row = rows.remove(&conversation.id)?;
        Some(Whole {
            conversation,
            ..row
        })
    };
    Ok(found.into_iter().filter_map(here).collect())
}

fn filtered(
    mut query: Rows<conversation::Model>,
    tenant: TenantId,
    filter: &ThreadFilter,
    label: Option<LabelId>,
) -> Rows<conversation::Model> {
    if let Some(status) = filter.status {
        query = query.filter(Column::Status.eq(status));
    }
    match filter.assigned {
        Some(Assigned::Nobody) => query = query.filter(Column::AssignedUserId.is_null()),
        Some(Assigned::To(user)) => query = query.filter(Column::AssignedUserId.eq(user)),
        None => {}
    }
    match filter.unread {
        Some(true) => query = query.filter(Expr::cust(UNREAD)),
        Some(false) => query = query.filter(Expr::cust(READ)),
        None => {}
    }
    if let Some(channel) = filter.channel {
        query = query.filter(Column::ChannelId.eq(channel));
    }
    if let Some(lead) = filter.lead {
        query = query.filter(Column::LeadId.eq(lead));
    }
    if let Some(label) = label {
        query = query.filter(carries(tenant, label));
    }
    query
}

fn carries(tenant: TenantId, label: LabelId) -> SimpleExpr {
    let carriers = sea_orm::sea_query::Query::select()
        .column(conversation_label::Column::ConversationId)
        .from(conversation_label::Entity)
        .and_where(conversation_label::Column::TenantId.eq(tenant))
        .and_where(conversation_label::Column::LabelId.eq(label))
        .to_owned();
    conversation::Column::Id.in_subquery(carriers)
}
