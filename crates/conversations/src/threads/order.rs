//! The orders of the inbox: along which indexes they go, and where a page goes on.

use chrono::{DateTime, Utc};
use entity::conversation::{self, Column};
use entity::id::ConversationId;
use entity::row::Rows;
use sea_orm::sea_query::{Condition, Expr, IntoCondition};
use sea_orm::{ColumnTrait, DbBackend, ExprTrait, Order, QueryFilter, QueryOrder};

use crate::minutes;

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
    pub(super) fn after(self, row: &conversation::Model) -> Self {
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
pub(super) struct Part {
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

    /// Those of the rows that belong to it, sorted.
    pub(super) fn of(&self, query: Rows<conversation::Model>) -> Rows<conversation::Model> {
        let query = query.filter(self.which.clone());
        let query = match self.by {
            // The index knows minutes: within the first few everything is sorted.
            Some(Column::UpdatedAt) => {
                query.order_by(Expr::cust(minutes::UPDATED), self.order.clone())
            }
            _ => query,
        };
        self.sorted(query)
    }

    pub(super) fn sorted(&self, query: Rows<conversation::Model>) -> Rows<conversation::Model> {
        let query = match self.by {
            Some(column) => query.order_by(column, self.order.clone()),
            None => query,
        };
        query.order_by(Column::Id, self.order.clone())
    }
}

impl ThreadOrder {
    /// The rows that may be on a page, in no order: those that `page` reads of the first part, and where
    /// these are too few, those of all parts by one statement, so that none is in two or in neither because it
    /// changed in between.
    pub(super) fn pages(
        self,
        backend: DbBackend,
        page: impl Fn(&Part) -> Rows<conversation::Model>,
        unread: Option<bool>,
    ) -> Vec<Rows<conversation::Model>> {
        let parts = self.parts(backend, unread);
        let mut pages: Vec<Rows<_>> = Vec::new();
        for page in parts.iter().map(page) {
            let before = pages.last().cloned();
            pages.push(match before {
                Some(before) => before.and_then(page, conversation::Entity),
                None => page,
            });
        }
        pages
    }

    /// The whole order, for a page.
    pub(super) fn sorted<Q: QueryOrder>(self, page: Q) -> Q {
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
    fn parts(self, backend: DbBackend, unread: Option<bool>) -> Vec<Part> {
        use Column::{LastMessageAt, UpdatedAt, WaitingSince};
        match self {
            Self::Changed { since, after } => {
                let since = after.map_or(since, |(at, _)| Ord::max(at, since));
                let after = after.map(|(at, id)| later(UpdatedAt, at, id));
                let changed = Part::new(UpdatedAt, Order::Asc)
                    .of_those(minutes::changed_in(backend, since))
                    .of_those(UpdatedAt.gte(since));
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
pub(super) const UNREAD: &str = "unread_count > 0";
pub(super) const READ: &str = "unread_count = 0";

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
