//! Listing conversations: filters, orders and where a page goes on.

use chrono::{DateTime, Utc};
use entity::id::{ChannelId, ConversationId, LabelId, TenantId, UserId};
use entity::value::ConversationStatus;
use entity::{TenantScoped, conversation, conversation_label, lead};
use sea_orm::sea_query::{Condition, Expr, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, ExprTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::{ThreadView, with_details};
use crate::labels::LabelName;
use crate::{labels, leads};

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
    /// With a label.
    pub label: Option<LabelName>,
    /// Part of the person's name, e-mail address or number.
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
) -> Result<Vec<ThreadView>, DbErr> {
    let mut query = filtered(conn, conversation::Entity::of(tenant), tenant, filter);
    if let Some(name) = &filter.label {
        match labels::named(conn, tenant, name).await? {
            Some(label) => query = query.filter(carries(tenant, label.id)),
            None => return Ok(Vec::new()),
        }
    }
    let rows = ordered(query, order).limit(limit).all(conn).await?;
    with_details(conn, tenant, rows).await
}

fn filtered(
    conn: &impl ConnectionTrait,
    mut query: Select<conversation::Entity>,
    tenant: TenantId,
    filter: &ThreadFilter,
) -> Select<conversation::Entity> {
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
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        let people = Query::select()
            .column(lead::Column::Id)
            .from(lead::Entity)
            .and_where(lead::Column::TenantId.eq(tenant))
            .cond_where(leads::matches(conn, q))
            .to_owned();
        query = query.filter(Column::LeadId.in_subquery(people));
    }
    query
}

fn carries(tenant: TenantId, label: LabelId) -> SimpleExpr {
    let carriers = Query::select()
        .column(conversation_label::Column::ConversationId)
        .from(conversation_label::Entity)
        .and_where(conversation_label::Column::TenantId.eq(tenant))
        .and_where(conversation_label::Column::LabelId.eq(label))
        .to_owned();
    conversation::Column::Id.in_subquery(carriers)
}

fn ordered(
    query: Select<conversation::Entity>,
    order: ThreadOrder,
) -> Select<conversation::Entity> {
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
    query: Select<conversation::Entity>,
    condition: Option<Condition>,
) -> Select<conversation::Entity> {
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
