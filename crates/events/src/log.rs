//! Reading the log, and forgetting its beginning.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::id::TenantId;
use entity::{TenantScoped, event, search_progress, tenant_seq};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::Kind;

/// The number of the tenant's latest event; 0 before the first.
///
/// # Errors
/// When the database is away.
pub async fn current(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<i64, DbErr> {
    Ok(kept(conn, tenant).await?.last)
}

/// From where to where the tenant's events are kept.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept {
    /// The latest event that was forgotten: who has seen less has missed something.
    pub(crate) forgotten: i64,
    /// The latest event.
    pub(crate) last: i64,
}

pub(crate) async fn kept(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Kept, DbErr> {
    let row = tenant_seq::Entity::find_by_id(tenant).one(conn).await?;
    Ok(row.map_or_else(Kept::default, |row| Kept {
        forgotten: row.forgotten,
        last: row.seq,
    }))
}

/// The tenant's events after a number, in order, at most `limit`. Numbers may be missing: a change
/// that is no event takes one too.
///
/// # Errors
/// When the database is away.
pub async fn after(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    seq: i64,
    limit: u64,
) -> Result<Vec<event::Model>, DbErr> {
    event::Entity::of(tenant)
        .filter(event::Column::Seq.gt(seq))
        .order_by_asc(event::Column::Seq)
        .limit(limit)
        .all(conn)
        .await
}

/// Forgets events from before a time, at most `limit`, but for those that the search index has not come
/// to yet; gives how many. Who resumes from before them is told that something is missing.
///
/// # Errors
/// When the database is away.
pub async fn forget(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<usize, DbErr> {
    use event::Column::{OccurredAt, Seq, TenantId};
    let of = |column| Expr::col((event::Entity, column));
    let indexed = |column| Expr::col((search_progress::Entity, column));
    let not_indexed = Query::select()
        .expr(Expr::val(1))
        .from(search_progress::Entity)
        .and_where(indexed(search_progress::Column::TenantId).eq(of(TenantId)))
        .and_where(indexed(search_progress::Column::Seq).lt(of(Seq)))
        .and_where(of(event::Column::Kind).is_in(Kind::CONTENT.map(Kind::as_str)))
        .to_owned();
    let old = Query::select()
        .columns([TenantId, Seq])
        .from(event::Entity)
        .and_where(OccurredAt.lt(before))
        .and_where(Expr::exists(not_indexed).not())
        .limit(limit)
        .to_owned();
    let key = Expr::tuple([TenantId, Seq].map(Expr::col));
    let deleted = event::Entity::delete_many()
        .filter(key.in_subquery(old))
        .exec_with_returning(tx)
        .await?;
    // In order, as all transactions lock these rows.
    let mut last = BTreeMap::new();
    for row in &deleted {
        let known = last.entry(row.tenant_id).or_insert(row.seq);
        *known = Ord::max(*known, row.seq);
    }
    for (tenant, seq) in last {
        tenant_seq::Entity::update_many()
            .col_expr(tenant_seq::Column::Forgotten, Expr::value(seq))
            .filter(tenant_seq::Column::TenantId.eq(tenant))
            .filter(tenant_seq::Column::Forgotten.lt(seq))
            .exec(tx)
            .await?;
    }
    Ok(deleted.len())
}
