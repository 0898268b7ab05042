//! Listing conversations: filters, orders and where a page goes on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::id::{ChannelId, ConversationId, LabelId, LeadId, TenantId, UserId};
use entity::row::Rows;
use entity::value::ConversationStatus;
use entity::{TenantScoped, conversation, conversation_label};
use sea_orm::sea_query::{Condition, Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect,
};

use search::find::{leads_among, newest};
use search::{Kind, Query};

use super::{ThreadView, with_details};
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

/// How the inbox is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Latest activity first.
    #[default]
    Newest,
    /// Who waits longest for an answer first; then those who don't wait.
    Waiting,
    /// Unread first, each part by latest activity.
    Unread,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// 1 in the unread part of [`Sort::Unread`], else 0.
    pub rank: i32,
    /// The time that the order goes by.
    pub at: DateTime<Utc>,
    /// The row.
    pub id: ConversationId,
}

/// In which order, and from where on.
#[derive(Clone, Copy, Debug)]
pub enum ThreadOrder {
    /// As people look at the inbox.
    Inbox(Sort, Option<Position>),
    /// By latest change, oldest change first.
    Changed {
        /// Changed at this time or later.
        since: DateTime<Utc>,
        /// After this row.
        after: Option<(DateTime<Utc>, ConversationId)>,
    },
}

impl ThreadOrder {
    /// The same from another row on.
    fn after(self, row: &conversation::Model) -> Self {
        match self {
            Self::Inbox(sort, _) => Self::Inbox(sort, Some(sort.position(row))),
            Self::Changed { since, .. } => Self::Changed {
                since,
                after: Some((row.updated_at, row.id)),
            },
        }
    }
}

impl Sort {
    /// The position of a row in this order.
    #[must_use]
    pub fn position(self, row: &conversation::Model) -> Position {
        let (rank, at) = match self {
            Self::Newest => (0, row.last_message_at),
            Self::Waiting => (0, row.waiting_since.unwrap_or(FAR)),
            Self::Unread => (i32::from(row.unread_count > 0), row.last_message_at),
        };
        Position {
            rank,
            at,
            id: row.id,
        }
    }
}

/// Stands for "does not wait": later than any time there will be. 9999-01-01.
const FAR: DateTime<Utc> = match DateTime::from_timestamp(253_370_764_800, 0) {
    Some(far) => far,
    None => DateTime::UNIX_EPOCH,
};

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
        None => (ordered(query(), order).limit(limit).all(conn).await?, None),
        Some(looked_for) => match few(conn, tenant, &looked_for).await? {
            Some(people) => {
                let backend = conn.get_database_backend();
                let theirs = conversation::Column::LeadId;
                let theirs = conversation::Entity::rows_among(backend, tenant, theirs, people);
                let query = filtered(theirs, tenant, filter, label);
                (ordered(query, order).limit(limit).all(conn).await?, None)
            }
            None => walk(conn, tenant, query, &looked_for, order, limit).await?,
        },
    };
    let rows = with_details(conn, tenant, rows).await?;
    Ok(Listed { rows, stopped })
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
    query: impl Fn() -> Rows<conversation::Model>,
    looked_for: &Query,
    mut order: ThreadOrder,
    limit: u64,
) -> Result<(Vec<conversation::Model>, Option<conversation::Model>), DbErr> {
    let (mut rows, mut walked) = (Vec::new(), 0);
    loop {
        let step = ordered(query(), order).limit(STEP).all(conn).await?;
        let people: Vec<_> = step.iter().map(|row| row.lead_id).collect();
        let people = leads_among(conn, tenant, looked_for, &people).await?;
        let people: HashSet<_> = people.into_iter().collect();
        walked += step.len() as u64;
        let last = step.last().cloned().filter(|_| step.len() as u64 >= STEP);
        rows.extend(step.into_iter().filter(|row| people.contains(&row.lead_id)));
        if rows.len() as u64 >= limit {
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            return Ok((rows, None));
        }
        match last {
            Some(last) if walked < WALKED => order = order.after(&last),
            stopped => return Ok((rows, stopped)),
        }
    }
}

fn filtered(
    mut query: Rows<conversation::Model>,
    tenant: TenantId,
    filter: &ThreadFilter,
    label: Option<LabelId>,
) -> Rows<conversation::Model> {
    use conversation::Column;
    if let Some(status) = filter.status {
        query = query.filter(Column::Status.eq(status));
    }
    match filter.assigned {
        Some(Assigned::Nobody) => query = query.filter(Column::AssignedUserId.is_null()),
        Some(Assigned::To(user)) => query = query.filter(Column::AssignedUserId.eq(user)),
        None => {}
    }
    match filter.unread {
        Some(true) => query = query.filter(Column::UnreadCount.gt(0)),
        Some(false) => query = query.filter(Column::UnreadCount.eq(0)),
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

fn ordered(query: Rows<conversation::Model>, order: ThreadOrder) -> Rows<conversation::Model> {
    use conversation::Column::{Id, LastMessageAt, UpdatedAt, WaitingSince};
    match order {
        ThreadOrder::Changed { since, after } => {
            let query = query.filter(UpdatedAt.gte(since));
            let after = after.map(|(at, id)| later(UpdatedAt.into_expr(), at, id));
            filter_some(query, after)
                .order_by_asc(UpdatedAt)
                .order_by_asc(Id)
        }
        ThreadOrder::Inbox(Sort::Newest, from) => {
            let from = from.map(|from| earlier(LastMessageAt.into_expr(), from));
            filter_some(query, from)
                .order_by_desc(LastMessageAt)
                .order_by_desc(Id)
        }
        ThreadOrder::Inbox(Sort::Waiting, from) => {
            let since = || WaitingSince.into_expr().if_null(FAR);
            let from = from.map(|from| later(since(), from.at, from.id));
            filter_some(query, from)
                .order_by(since(), Order::Asc)
                .order_by_asc(Id)
        }
        ThreadOrder::Inbox(Sort::Unread, from) => {
            let from = from.map(|from| {
                let same = Condition::all()
                    .add(unread().eq(from.rank))
                    .add(earlier(LastMessageAt.into_expr(), from));
                Condition::any().add(unread().lt(from.rank)).add(same)
            });
            filter_some(query, from)
                .order_by(unread(), Order::Desc)
                .order_by_desc(LastMessageAt)
                .order_by_desc(Id)
        }
    }
}

fn unread() -> SimpleExpr {
    let unread = conversation::Column::UnreadCount.gt(0);
    Expr::case(unread, 1).finally(0).into()
}

fn filter_some(
    query: Rows<conversation::Model>,
    condition: Option<Condition>,
) -> Rows<conversation::Model> {
    match condition {
        Some(condition) => query.filter(condition),
        None => query,
    }
}

fn earlier(column: SimpleExpr, from: Position) -> Condition {
    let same = Condition::all()
        .add(column.clone().eq(from.at))
        .add(conversation::Column::Id.lt(from.id));
    Condition::any().add(column.lt(from.at)).add(same)
}

fn later(column: SimpleExpr, at: DateTime<Utc>, id: ConversationId) -> Condition {
    let same = Condition::all()
        .add(column.clone().eq(at))
        .add(conversation::Column::Id.gt(id));
    Condition::any().add(column.gt(at)).add(same)
}
