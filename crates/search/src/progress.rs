//! How far each tenant's index has come.
//!
//! What happens is told by events, which are numbered without a gap and written in the transaction
//! in which it happens: whoever has seen the tenant's counter at 41 has all events up to 41. So the
//! index keeps one number for each tenant, and nothing that is written is ever missed or waited
//! for. A second number of each tenant says which event was the last one about anything that can be
//! found, so that nobody comes round for the others. What no event tells of stands in `search_changes`.
//! What was there before the index is filled in beside, from the latest on.
//!
//! Any number of workers may index, many tenants at once. Each reads what is new, and takes the tenants'
//! turns in the transaction in which it writes: where another one took it meanwhile, it starts over.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use db::each::{self, Rows};
use entity::id::TenantId;
use entity::{TenantScoped, event, search_change, search_progress, tenant_seq};
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, JoinType, OnConflict, Query, SelectStatement, UnionType,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    Value,
};
use uuid::Uuid;

use crate::{Kind, entry};

/// A tenant whose index is behind.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Behind {
    /// Whose.
    pub tenant_id: TenantId,
    /// The number of the latest event about content, as it stood.
    pub content_seq: i64,
}

/// Whose index is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// All tenants': goes through every counter.
    All,
    /// That of those about whom there was news since, or who wait for something else. Costs the same however
    /// many others there are.
    NewsSince(DateTime<Utc>),
}

/// The tenants whose index is behind, those first that have waited longest; at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn behind(
    conn: &impl ConnectionTrait,
    among: Among,
    limit: u64,
) -> Result<Vec<Behind>, DbErr> {
    use search_progress::Column::{FillingKind, Seq, TenantId, UpdatedAt};
    let col = |column| Expr::col((search_progress::Entity, column));
    let counter = |column| (tenant_seq::Entity, column);
    let key = || Expr::col(counter(tenant_seq::Column::TenantId));
    let changes = Query::select()
        .expr(Expr::val(1))
        .from(search_change::Entity)
        .and_where(
            Expr::col((search_change::Entity, search_change::Column::TenantId))
                .equals(counter(tenant_seq::Column::TenantId)),
        )
        .to_owned();
    let is_behind = Condition::any()
        .add(col(TenantId).is_null())
        .add(col(Seq).lt(Expr::col(counter(tenant_seq::Column::ContentSeq))))
        .add(col(FillingKind).is_not_null())
        .add(Expr::exists(changes));
    let mut query = Query::select()
        .column(counter(tenant_seq::Column::TenantId))
        .column(counter(tenant_seq::Column::ContentSeq))
        .from(tenant_seq::Entity)
        .join(
            JoinType::LeftJoin,
            search_progress::Entity,
            col(TenantId).eq(key()),
        )
        .cond_where(is_behind)
        .order_by((search_progress::Entity, UpdatedAt), sea_orm::Order::Asc)
        .limit(limit)
        .to_owned();
    if let Among::NewsSince(time) = among {
        query.and_where(key().in_subquery(with_news(time)));
    }
    Behind::find_by_statement(conn.get_database_backend().build(&query))
        .all(conn)
        .await
}

/// Those whose index may be behind by something that happened since.
fn with_news(time: DateTime<Utc>) -> SelectStatement {
    let filling = Query::select()
        .column(search_progress::Column::TenantId)
        .from(search_progress::Entity)
        .and_where(search_progress::Column::FillingKind.is_not_null())
        .take();
    let changed = Query::select()
        .column(search_change::Column::TenantId)
        .from(search_change::Entity)
        .take();
    Query::select()
        .column(tenant_seq::Column::TenantId)
        .from(tenant_seq::Entity)
        .and_where(tenant_seq::Column::ContentMinute.gte(tenant_seq::minute(time)))
        .union(UnionType::Distinct, filling)
        .union(UnionType::Distinct, changed)
        .take()
}

/// The state of each of these tenants' index; begins it where there is none.
///
/// # Errors
/// When the database is away.
pub async fn of_each(
    conn: &impl ConnectionTrait,
    behind: &[Behind],
    now: DateTime<Utc>,
) -> Result<Vec<(Behind, search_progress::Model)>, DbErr> {
    let mut found = Vec::with_capacity(behind.len());
    let known = states(conn, behind).await?;
    let (known, unknown): (Vec<_>, Vec<_>) = behind
        .iter()
        .map(|behind| (behind.clone(), known.get(&behind.tenant_id).cloned()))
        .partition(|(_, state)| state.is_some());
    found.extend(
        known
            .into_iter()
            .filter_map(|(behind, state)| Some((behind, state?))),
    );
    for (behind, _) in unknown {
        let state = begin(conn, &behind, now).await?;
        found.push((behind, state));
    }
    Ok(found)
}

async fn states(
    conn: &impl ConnectionTrait,
    behind: &[Behind],
) -> Result<HashMap<TenantId, search_progress::Model>, DbErr> {
    let keys = behind.iter().map(|behind| [Value::from(behind.tenant_id)]);
    let found = each::find::<search_progress::Entity, 1>(conn, ["tenant_id"], keys.collect(), "");
    Ok(found
        .await?
        .into_iter()
        .map(|row| (row.tenant_id, row))
        .collect())
}

async fn begin(
    conn: &impl ConnectionTrait,
    behind: &Behind,
    now: DateTime<Utc>,
) -> Result<search_progress::Model, DbErr> {
    // What has happened so far is among what is filled in.
    let begun = begun(behind.tenant_id, behind.content_seq, now);
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
#[derive(Clone, Debug, Default)]
pub struct News {
    /// The events, in order.
    pub events: Vec<event::Model>,
    /// What changed without an event.
    pub changes: Vec<search_change::Model>,
    /// Up to which number everything of a tenant is known then.
    pub seqs: HashMap<TenantId, i64>,
    /// Whether there is more.
    pub more: bool,
}

/// Reads what has happened since: of `limit` events those of these kinds, and changes, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn news(
    conn: &impl ConnectionTrait,
    tenants: &[(Behind, search_progress::Model)],
    kinds: &[&str],
    limit: u64,
) -> Result<News, DbErr> {
    if tenants.is_empty() {
        return Ok(News::default());
    }
    // Each has the same share of what one transaction takes on.
    let share = i64::try_from(limit / tenants.len() as u64).unwrap_or(i64::MAX);
    let mut news = News::default();
    let mut spans = Vec::with_capacity(tenants.len());
    for (behind, progress) in tenants {
        let most = progress.seq.saturating_add(Ord::max(share, 1));
        let upto = Ord::max(Ord::min(behind.content_seq, most), progress.seq);
        news.more |= upto < behind.content_seq;
        news.seqs.insert(behind.tenant_id, upto);
        spans.push([
            behind.tenant_id.into(),
            progress.seq.into(),
            Value::from(upto),
        ]);
    }
    let rows = Rows::new(conn.get_database_backend(), &spans);
    let kinds: Vec<_> = kinds.iter().map(|kind| format!("'{kind}'")).collect();
    let sql = format!(
        "WITH span (tenant_id, seq, upto) AS ({}) SELECT events.* FROM span JOIN events \
         ON events.tenant_id = span.tenant_id AND events.seq > span.seq AND events.seq <= span.upto \
         WHERE events.kind IN ({})",
        rows.sql,
        kinds.join(", "),
    );
    news.events = rows.query(conn, sql).await?;
    news.events
        .sort_by_key(|event| (event.tenant_id, event.seq));
    news.events
        .dedup_by_key(|event| (event.tenant_id, event.seq));
    let keys = tenants.iter().map(|(of, _)| [Value::from(of.tenant_id)]);
    let first = format!(" ORDER BY tenant_id, id LIMIT {limit}");
    news.changes =
        each::find::<search_change::Entity, 1>(conn, ["tenant_id"], keys.collect(), &first).await?;
    news.more |= news.changes.len() as u64 >= limit;
    Ok(news)
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

/// Takes the turns and notes how far the index comes by this transaction. Gives those tenants whose turn
/// it was: of the others what was read is old, or is being written by somebody else.
///
/// # Errors
/// When the database is away.
pub async fn advance(
    tx: &impl ConnectionTrait,
    tenants: &[search_progress::Model],
    news: &News,
    filling: Option<Filling>,
    now: DateTime<Utc>,
) -> Result<HashSet<TenantId>, DbErr> {
    let ours = take_turns(tx, tenants).await?;
    let seqs = news.seqs.iter().filter(|(tenant, _)| ours.contains(tenant));
    let seqs: Vec<_> = seqs
        .map(|(tenant, seq)| [(*tenant).into(), Value::from(*seq)])
        .collect();
    if seqs.is_empty() {
        return Ok(ours);
    }
    let mut rows = Rows::new(tx.get_database_backend(), &seqs);
    let next = rows.values.len() + 1;
    let sql = format!(
        "WITH fresh (tenant_id, seq) AS ({}) UPDATE search_progress SET turn = turn + 1, \
         seq = fresh.seq, filling_kind = ${}, filled_from = ${}, updated_at = ${} FROM fresh \
         WHERE search_progress.tenant_id = fresh.tenant_id",
        rows.sql,
        next,
        next + 1,
        next + 2,
    );
    rows.values.extend([
        filling.map(|filling| filling.kind.number()).into(),
        filling.and_then(|filling| filling.from).into(),
        Value::from(now),
    ]);
    rows.execute(tx, sql).await?;
    let settled = news
        .changes
        .iter()
        .filter(|row| ours.contains(&row.tenant_id));
    entry::settle(tx, settled).await?;
    Ok(ours)
}

/// Locks those that are as they were read. Who is at it elsewhere is not waited for: two that took their
/// tenants in different orders would deadlock.
async fn take_turns(
    tx: &impl ConnectionTrait,
    tenants: &[search_progress::Model],
) -> Result<HashSet<TenantId>, DbErr> {
    let keys = tenants
        .iter()
        .map(|row| [row.tenant_id.into(), Value::from(row.turn)]);
    let locked = match tx.get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        // Who writes has the database.
        _ => "",
    };
    let columns = ["tenant_id", "turn"];
    let found =
        each::find::<search_progress::Entity, 2>(tx, columns, keys.collect(), locked).await?;
    Ok(found.into_iter().map(|row| row.tenant_id).collect())
}
