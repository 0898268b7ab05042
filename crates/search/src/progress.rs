//! How far each tenant's index has come.
//!
//! What happens is told by events, which are numbered without a gap and written in the transaction
//! in which it happens: whoever has seen the tenant's counter at 41 has all events up to 41. So the
//! index keeps one number for each tenant, and nothing that is written is ever missed or waited
//! for. What no event tells of stands in `search_changes`. What was there before the index is
//! filled in beside, from the latest on.
//!
//! Any number of workers may index. Each reads what is new, and takes the tenant's turn in the
//! transaction in which it writes: if another one took it meanwhile, it starts over.

use chrono::{DateTime, Utc};
use entity::id::TenantId;
use entity::{TenantScoped, event, search_change, search_progress, tenant_seq};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, JoinType, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::{Kind, entry};

/// A tenant whose index is behind.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Behind {
    /// Whose.
    pub tenant_id: TenantId,
    /// The counter as it stood.
    pub seq: i64,
}

/// The tenants whose index is behind, those first that have waited longest; at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn behind(conn: &impl ConnectionTrait, limit: u64) -> Result<Vec<Behind>, DbErr> {
    use search_progress::Column::{FillingKind, Seq, TenantId, UpdatedAt};
    let col = |column| Expr::col((search_progress::Entity, column));
    let counter = || Expr::col((tenant_seq::Entity, tenant_seq::Column::TenantId));
    let changes = Query::select()
        .expr(Expr::val(1))
        .from(search_change::Entity)
        .and_where(
            Expr::col((search_change::Entity, search_change::Column::TenantId))
                .equals((tenant_seq::Entity, tenant_seq::Column::TenantId)),
        )
        .to_owned();
    let is_behind = Condition::any()
        .add(col(TenantId).is_null())
        .add(col(Seq).lt(Expr::col((tenant_seq::Entity, tenant_seq::Column::Seq))))
        .add(col(FillingKind).is_not_null())
        .add(Expr::exists(changes));
    let query = Query::select()
        .column((tenant_seq::Entity, tenant_seq::Column::TenantId))
        .column((tenant_seq::Entity, tenant_seq::Column::Seq))
        .from(tenant_seq::Entity)
        .join(
            JoinType::LeftJoin,
            search_progress::Entity,
            col(TenantId).eq(counter()),
        )
        .cond_where(is_behind)
        .order_by((search_progress::Entity, UpdatedAt), sea_orm::Order::Asc)
        .limit(limit)
        .to_owned();
    Behind::find_by_statement(conn.get_database_backend().build(&query))
        .all(conn)
        .await
}

/// The state of a tenant's index; begins it if there is none.
///
/// # Errors
/// When the database is away.
pub async fn of(
    conn: &impl ConnectionTrait,
    behind: &Behind,
    now: DateTime<Utc>,
) -> Result<search_progress::Model, DbErr> {
    if let Some(progress) = current(conn, behind.tenant_id).await? {
        return Ok(progress);
    }
    // What has happened so far is among what is filled in.
    let begun = begun(behind.tenant_id, behind.seq, now);
    search_progress::Entity::insert(begun.clone().into_active_model())
        .on_conflict(
            OnConflict::column(search_progress::Column::TenantId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    Ok(current(conn, behind.tenant_id).await?.unwrap_or(begun))
}

async fn current(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
) -> Result<Option<search_progress::Model>, DbErr> {
    search_progress::Entity::of(tenant).one(conn).await
}

/// How often the index of a tenant has been written to: what is found may be another thing when
/// this is another number.
///
/// # Errors
/// When the database is away.
pub async fn turn(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<i64, DbErr> {
    Ok(current(conn, tenant).await?.map_or(0, |row| row.turn))
}

fn begun(tenant_id: TenantId, seq: i64, now: DateTime<Utc>) -> search_progress::Model {
    search_progress::Model {
        tenant_id,
        seq,
        turn: 0,
        filling_kind: Some(Kind::Lead.number()),
        filled_from: None,
        updated_at: now,
    }
}

/// Takes the turn, so that whoever indexes the tenant at the time starts over; holds it until the
/// end of the transaction.
///
/// # Errors
/// When the database is away.
pub(crate) async fn interrupt(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let next = Expr::col((search_progress::Entity, search_progress::Column::Turn)).add(1);
    search_progress::Entity::insert(begun(tenant, 0, now).into_active_model())
        .on_conflict(
            OnConflict::column(search_progress::Column::TenantId)
                .value(search_progress::Column::Turn, next)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// What has happened since, as far as one transaction takes it on.
#[derive(Clone, Debug)]
pub struct News {
    /// The events, in order.
    pub events: Vec<event::Model>,
    /// What changed without an event.
    pub changes: Vec<search_change::Model>,
    /// Up to which number everything is known then.
    pub seq: i64,
}

/// Reads what has happened since: events of these kinds and changes, at most `limit` of each.
///
/// # Errors
/// When the database is away.
pub async fn news(
    conn: &impl ConnectionTrait,
    progress: &search_progress::Model,
    behind: &Behind,
    kinds: &[&str],
    limit: u64,
) -> Result<News, DbErr> {
    let tenant = progress.tenant_id;
    let events = event::Entity::of(tenant)
        .filter(event::Column::Seq.gt(progress.seq))
        .filter(event::Column::Seq.lte(behind.seq))
        .filter(event::Column::Kind.is_in(kinds.iter().copied()))
        .order_by_asc(event::Column::Seq)
        .limit(limit)
        .all(conn)
        .await?;
    let changes = search_change::Entity::of(tenant)
        .order_by_asc(search_change::Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    let cut = events.last().filter(|_| events.len() as u64 >= limit);
    let seq = cut.map_or(behind.seq, |last| last.seq);
    Ok(News {
        seq: Ord::max(seq, progress.seq),
        events,
        changes,
    })
}

/// How far filling in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filling {
    /// What is being filled in.
    pub kind: Kind,
    /// The oldest that has been.
    pub from: Option<Uuid>,
}

impl Filling {
    /// Where filling in stands, if it has not come to its end.
    #[must_use]
    pub fn of(progress: &search_progress::Model) -> Option<Self> {
        Some(Self {
            kind: Kind::numbered(progress.filling_kind?)?,
            from: progress.filled_from,
        })
    }

    /// Where it goes on when all of a kind has been filled in.
    #[must_use]
    pub fn next_kind(self) -> Option<Self> {
        let kind = Kind::numbered(self.kind.number() + 1)?;
        Some(Self { kind, from: None })
    }
}

/// Takes the turn and notes how far the index comes by this transaction. False when somebody else
/// took it: then what was read is old, and the caller rolls back.
///
/// # Errors
/// When the database is away.
pub async fn advance(
    tx: &impl ConnectionTrait,
    progress: &search_progress::Model,
    news: &News,
    filling: Option<Filling>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    use search_progress::Column::{FilledFrom, FillingKind, Seq, TenantId, Turn, UpdatedAt};
    let advanced = search_progress::Entity::update_many()
        .col_expr(Turn, Expr::value(progress.turn + 1))
        .col_expr(Seq, Expr::value(news.seq))
        .col_expr(
            FillingKind,
            Expr::value(filling.map(|filling| filling.kind.number())),
        )
        .col_expr(
            FilledFrom,
            Expr::value(filling.and_then(|filling| filling.from)),
        )
        .col_expr(UpdatedAt, Expr::value(now))
        .filter(TenantId.eq(progress.tenant_id))
        .filter(Turn.eq(progress.turn))
        .exec(tx)
        .await?;
    if advanced.rows_affected != 1 {
        return Ok(false);
    }
    entry::settle(tx, progress.tenant_id, &news.changes).await?;
    Ok(true)
}
