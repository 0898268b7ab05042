//! Listing conversations: filters, orders and where a page goes on.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::conversation::{self, Column};
use entity::id::{ChannelId, ConversationId, LabelId, LeadId, TenantId, UserId};
use entity::row::Rows;
use entity::value::ConversationStatus;
use entity::{TenantScoped, conversation_label};
use sea_orm::sea_query::{Condition, Expr, IntoCondition, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect,
};

use search::find::{leads_among, newest};
use search::{Kind, Query};

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

/// A stretch of a list along one index: some lists are several, one after the other.
#[derive(Clone, Debug)]
struct Part {
    which: Condition,
    /// By which it is sorted before the id, if by any.
    by: Option<Column>,
    order: Order,
}

impl Part {
    fn new(by: impl Into<Option<Column>>, order: Order) -> Self {
        Self {
            which: Condition::all(),
            by: by.into(),
            order,
        }
    }

    fn of_those(mut self, which: impl IntoCondition) -> Self {
        self.which = self.which.add(which.into_condition());
        self
    }

    /// From there on, if the list has come so far.
    fn after(self, which: Option<Condition>) -> Self {
        match which {
            Some(which) => self.of_those(which),
            None => self,
        }
    }

    fn of(self, query: Rows<conversation::Model>) -> Rows<conversation::Model> {
        let query = query.filter(self.which);
        let query = match self.by {
            Some(column) => query.order_by(column, self.order.clone()),
            None => query,
        };
        query.order_by(Column::Id, self.order)
    }
}

impl ThreadOrder {
    /// The first of those that `query` gives, in no order: as many of each part as may be shown.
    fn page(
        self,
        query: impl Fn() -> Rows<conversation::Model>,
        unread: Option<bool>,
        limit: u64,
    ) -> Rows<conversation::Model> {
        let parts = self.parts(unread).into_iter();
        let pages = parts.map(|part| part.of(query()).limit(limit));
        pages
            .reduce(|page, next| page.and_then(next, conversation::Entity))
            .unwrap_or_else(query)
    }

    /// The whole order, for a page.
    fn sorted<Q: QueryOrder>(self, page: Q) -> Q {
        use Column::{Id, LastMessageAt, UpdatedAt, WaitingSince};
        match self {
            Self::Changed { .. } => page.order_by_asc(UpdatedAt).order_by_asc(Id),
            Self::Inbox(Sort::Newest, _) => page.order_by_desc(LastMessageAt).order_by_desc(Id),
            Self::Inbox(Sort::Waiting, _) => page
                .order_by(WaitingSince.into_expr().if_null(FAR), Order::Asc)
                .order_by_asc(Id),
            Self::Inbox(Sort::Unread, _) => page
                .order_by(Expr::cust(UNREAD), Order::Desc)
                .order_by_desc(LastMessageAt)
                .order_by_desc(Id),
        }
    }

    /// `unread` says if only those with something unread are asked for, or only those without.
    fn parts(self, unread: Option<bool>) -> Vec<Part> {
        use Column::{LastMessageAt, UpdatedAt, WaitingSince};
        match self {
            Self::Changed { since, after } => {
                let after = after.map(|(at, id)| later(UpdatedAt, at, id));
                let changed = Part::new(UpdatedAt, Order::Asc).of_those(UpdatedAt.gte(since));
                vec![changed.after(after)]
            }
            Self::Inbox(Sort::Newest, from) => {
                let after = from.map(|from| earlier(LastMessageAt, from));
                vec![Part::new(LastMessageAt, Order::Desc).after(after)]
            }
            Self::Inbox(Sort::Waiting, from) => {
                let waits = from.filter(|from| from.at < FAR);
                let has_ended = from.filter(|from| from.at >= FAR);
                let waiting = Part::new(WaitingSince, Order::Asc)
                    .of_those(WaitingSince.is_not_null())
                    .after(waits.map(|from| later(WaitingSince, from.at, from.id)));
                let others = Part::new(None, Order::Asc)
                    .of_those(WaitingSince.is_null())
                    .after(has_ended.map(|from| Column::Id.gt(from.id).into_condition()));
                both(waiting, others, has_ended.is_some())
            }
            Self::Inbox(Sort::Unread, from) => {
                let within = |rank| {
                    let from = from.filter(|from| from.rank == rank);
                    let after = from.map(|from| earlier(LastMessageAt, from));
                    Part::new(LastMessageAt, Order::Desc).after(after)
                };
                let first = within(1).of_those(Expr::cust(UNREAD));
                let second = within(0).of_those(Expr::cust(READ));
                let first_has_ended = from.is_some_and(|from| from.rank == 0);
                match unread {
                    Some(true) if !first_has_ended => vec![first],
                    Some(false) => vec![second],
                    _ => both(first, second, first_has_ended),
                }
            }
        }
    }
}

/// Not bound values: SQLite would not know that the index over unread ones will do.
const UNREAD: &str = "unread_count > 0";
const READ: &str = "unread_count = 0";

fn both(first: Part, second: Part, first_has_ended: bool) -> Vec<Part> {
    if first_has_ended {
        return vec![second];
    }
    vec![first, second]
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
        None => {
            let page = whole(tenant, order.page(query, filter.unread, limit));
            (order.sorted(page).limit(limit).all(conn).await?, None)
        }
        Some(looked_for) => match few(conn, tenant, &looked_for).await? {
            Some(people) => {
                let query = || {
                    let (backend, theirs) = (conn.get_database_backend(), Column::LeadId);
                    let people = people.iter().copied();
                    let theirs = conversation::Entity::rows_among(backend, tenant, theirs, people);
                    filtered(theirs, tenant, filter, label)
                };
                let page = whole(tenant, order.page(query, filter.unread, limit));
                (order.sorted(page).limit(limit).all(conn).await?, None)
            }
            None => {
                let step = |order: ThreadOrder| order.page(query, filter.unread, STEP);
                walk(conn, tenant, step, &looked_for, order, limit).await?
            }
        },
    };
    let rows = views(conn, tenant, rows).await?;
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
    step: impl Fn(ThreadOrder) -> Rows<conversation::Model>,
    looked_for: &Query,
    mut order: ThreadOrder,
    limit: u64,
) -> Result<(Vec<Whole>, Option<conversation::Model>), DbErr> {
    let (mut found, mut walked) = (Vec::new(), 0);
    let stopped = loop {
        // What is sorted has to have a name.
        let page = step(order).joined(conversation::Entity, |_| {});
        let step: Vec<conversation::Model> = order.sorted(page).limit(STEP).all(conn).await?;
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

/// Also said of the column alone, by which an index is entered.
fn earlier(column: Column, from: Position) -> Condition {
    let or_less = Condition::any()
        .add(column.lt(from.at))
        .add(Column::Id.lt(from.id));
    Condition::all().add(column.lte(from.at)).add(or_less)
}

fn later(column: Column, at: DateTime<Utc>, id: ConversationId) -> Condition {
    let or_more = Condition::any().add(column.gt(at)).add(Column::Id.gt(id));
    Condition::all().add(column.gte(at)).add(or_more)
}
