//! How many conversations are behind each tab of the inbox.
//!
//! Each is counted so far that a page can show it, along an index that holds all that is asked for:
//! it costs the same with any number of conversations.

use entity::conversation::{self, Column};
use entity::id::{TenantId, UserId};
use entity::value::ConversationStatus;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

/// How far is counted.
pub const COUNTED: u64 = 1_000;

/// How many conversations are behind each tab; [`COUNTED`] stands for that many or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Those that are open.
    pub open: Tally,
    /// Those with something unread, wherever they stand.
    pub unread: Tally,
}

/// How many there are of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub all: i64,
    /// Those that one person looks after.
    pub mine: i64,
    /// Those that nobody looks after.
    pub unassigned: i64,
}

#[derive(FromQueryResult)]
struct Row {
    open: i64,
    open_mine: i64,
    open_unassigned: i64,
    unread: i64,
    unread_mine: i64,
    unread_unassigned: i64,
}

/// Counts the tenant's conversations as a person sees them, in one query.
///
/// # Errors
/// When the database is away.
pub async fn counts(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    me: UserId,
) -> Result<Counts, DbErr> {
    let open = || Expr::col(Column::Status).eq(ConversationStatus::Open);
    // Not a bound value: SQLite would not know that the index over unread ones will do.
    let unread = || Expr::cust("unread_count > 0");
    let mine = || Expr::col(Column::AssignedUserId).eq(me);
    let unassigned = || Expr::col(Column::AssignedUserId).is_null();
    let mut query = Query::select();
    for (name, conditions) in [
        ("open", vec![open()]),
        ("open_mine", vec![open(), mine()]),
        ("open_unassigned", vec![open(), unassigned()]),
        ("unread", vec![unread()]),
        ("unread_mine", vec![unread(), mine()]),
        ("unread_unassigned", vec![unread(), unassigned()]),
    ] {
        let count = Expr::SubQuery(None, Box::new(bounded(tenant, conditions).into()));
        query.expr_as(count, Alias::new(name));
    }
    let statement = conn.get_database_backend().build(&query);
    let row = Row::find_by_statement(statement).one(conn).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("counts".to_owned()))?;
    Ok(Counts {
        open: Tally {
            all: row.open,
            mine: row.open_mine,
            unassigned: row.open_unassigned,
        },
        unread: Tally {
            all: row.unread,
            mine: row.unread_mine,
            unassigned: row.unread_unassigned,
        },
    })
}

fn bounded(tenant: TenantId, conditions: Vec<SimpleExpr>) -> SelectStatement {
    let which = conditions
        .into_iter()
        .fold(Condition::all(), Condition::add);
    let some = Query::select()
        .expr(Expr::val(1))
        .from(conversation::Entity)
        .and_where(Expr::col(Column::TenantId).eq(tenant))
        .cond_where(which)
        .limit(COUNTED)
        .to_owned();
    Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from_subquery(some, Alias::new("some"))
        .to_owned()
}
