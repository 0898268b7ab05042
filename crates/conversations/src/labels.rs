//! Labels of a tenant: what they are called, how they are shown, who carries them.
//!
//! No two of a tenant's labels have the same name, however it is capitalised; see [`LabelName`].
//! Conversations are tied to a label and not to its name, so renaming it is one row, and finding
//! who carries it is one walk along an index.

use entity::clock::Clock;
use entity::id::{LabelId, TenantId};
use entity::value::LabelColor;
use entity::{TenantScoped, conversation_label, label};
use events::{Kind, Outbox};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult,
    IntoActiveModel, ModelTrait, PaginatorTrait, QueryFilter, QuerySelect, Set, SqlErr,
};
use serde_json::json;

use crate::Error;

mod carried;
mod name;

pub(crate) use carried::{erase, of_conversations, put_on};
pub use name::{LabelName, LabelNameError};

/// How many labels a tenant may have: people choose from all of them at once.
pub const MOST: u64 = 200;

/// How far the conversations that carry a label are counted.
pub const COUNTED: u64 = 1_000;

/// A label and how many conversations carry it.
#[derive(Clone, Debug)]
pub struct LabelView {
    /// The label.
    pub label: label::Model,
    /// How many conversations carry it; [`COUNTED`] stands for that many or more.
    pub conversations: i64,
}

/// What of a label is to change.
#[derive(Clone, Debug, Default)]
pub struct LabelChange {
    /// What it is called.
    pub name: Option<LabelName>,
    /// How it is shown.
    pub color: Option<LabelColor>,
}

#[derive(FromQueryResult)]
struct Counted {
    id: LabelId,
    conversations: i64,
}

/// All labels of the tenant, by name.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Vec<LabelView>, DbErr> {
    let mut labels = label::Entity::of(tenant).all(conn).await?;
    // Not by the database: each has an order of its own for letters.
    labels.sort_unstable_by(|one, other| one.folded.cmp(&other.folded));
    counted(conn, tenant, labels).await
}

/// One label of the tenant.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: LabelId,
) -> Result<LabelView, Error> {
    let label = label::Entity::find_by_id((tenant, id)).one(conn).await?;
    view(conn, label.ok_or(Error::NotFound("label"))?).await
}

async fn view(conn: &impl ConnectionTrait, label: label::Model) -> Result<LabelView, Error> {
    let mut views = counted(conn, label.tenant_id, vec![label]).await?;
    views.pop().ok_or(Error::NotFound("label"))
}

/// Counts who carries them, in one query.
async fn counted(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    labels: Vec<label::Model>,
) -> Result<Vec<LabelView>, DbErr> {
    if labels.is_empty() {
        return Ok(Vec::new());
    }
    let carriers = Expr::SubQuery(None, Box::new(carriers_of_each().into()));
    let counts: Vec<Counted> = label::Entity::of(tenant)
        .filter(label::Column::Id.is_in(labels.iter().map(|label| label.id)))
        .select_only()
        .column(label::Column::Id)
        .expr_as(carriers, "conversations")
        .into_model()
        .all(conn)
        .await?;
    let count = |label: &label::Model| {
        let mut counts = counts.iter();
        counts.find(|count| count.id == label.id)
    };
    let view = |label: label::Model| LabelView {
        conversations: count(&label).map_or(0, |count| count.conversations),
        label,
    };
    Ok(labels.into_iter().map(view).collect())
}

/// For each row of `labels`, how many conversations carry it, as far as that is counted.
fn carriers_of_each() -> SelectStatement {
    use conversation_label::Column::{LabelId, TenantId};
    let table = conversation_label::Entity;
    let of_label = Query::select()
        .expr(Expr::val(1))
        .from(table)
        .and_where(Expr::col((table, TenantId)).equals((label::Entity, label::Column::TenantId)))
        .and_where(Expr::col((table, LabelId)).equals((label::Entity, label::Column::Id)))
        .limit(COUNTED)
        .to_owned();
    Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from_subquery(of_label, "carriers")
        .to_owned()
}

/// The label of this name, however it is capitalised.
pub(crate) async fn named(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    name: &LabelName,
) -> Result<Option<label::Model>, DbErr> {
    label::Entity::of(tenant)
        .filter(label::Column::Folded.eq(name.folded()))
        .one(conn)
        .await
}

/// Makes a label.
///
/// # Errors
/// [`Error::LabelTaken`], [`Error::TooManyLabels`]; when the database is away.
pub async fn create(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    name: &LabelName,
    color: LabelColor,
) -> Result<LabelView, Error> {
    let label = fresh(clock, tenant, name, color);
    if insert(tx, vec![label.clone()]).await? == 0 {
        return Err(Error::LabelTaken);
    }
    refuse_too_many(tx, tenant).await?;
    tell(outbox, &label);
    Ok(LabelView {
        label,
        conversations: 0,
    })
}

fn fresh(clock: &Clock, tenant: TenantId, name: &LabelName, color: LabelColor) -> label::Model {
    let now = clock.now();
    label::Model {
        tenant_id: tenant,
        id: LabelId::new(clock),
        name: name.as_str().to_owned(),
        folded: name.folded().to_owned(),
        color,
        created_at: now,
        updated_at: now,
    }
}

/// Inserts those whose names are not taken, and gives how many. While another transaction makes one
/// of the same name, the database makes this wait for it.
async fn insert(tx: &impl ConnectionTrait, labels: Vec<label::Model>) -> Result<u64, DbErr> {
    let key = [label::Column::TenantId, label::Column::Folded];
    label::Entity::insert_many(labels.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
}

/// Asked after the insert. Two that insert at once may both find room: the bound is there so that
/// lists stay short, and needs not be exact.
async fn refuse_too_many(tx: &impl ConnectionTrait, tenant: TenantId) -> Result<(), Error> {
    match label::Entity::of(tenant).count(tx).await? {
        count if count > MOST => Err(Error::TooManyLabels),
        _ => Ok(()),
    }
}

/// Changes a label, for all who carry it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::LabelTaken`]; when the database is away.
pub async fn update(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: LabelId,
    change: LabelChange,
) -> Result<LabelView, Error> {
    let current = locked(tx, tenant, id).await?;
    if let Some(name) = &change.name {
        let holder = named(tx, tenant, name).await?;
        if holder.is_some_and(|holder| holder.id != id) {
            return Err(Error::LabelTaken);
        }
    }
    let mut row = current.clone().into_active_model();
    if let Some(name) = change.name {
        row.name.set_if_not_equals(name.as_str().to_owned());
        row.folded.set_if_not_equals(name.folded().to_owned());
    }
    if let Some(color) = change.color {
        row.color.set_if_not_equals(color);
    }
    if !row.is_changed() {
        return view(tx, current).await;
    }
    row.updated_at = Set(clock.now());
    let label = row.update(tx).await.map_err(taken)?;
    tell(outbox, &label);
    view(tx, label).await
}

/// Another request has just given the name to another label.
fn taken(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::LabelTaken,
        _ => error.into(),
    }
}

/// Removes a label, and takes it off all who carry it.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn delete(
    tx: &impl ConnectionTrait,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: LabelId,
) -> Result<(), Error> {
    let label = locked(tx, tenant, id).await?;
    tell(outbox, &label);
    label.delete(tx).await?;
    Ok(())
}

async fn locked(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    id: LabelId,
) -> Result<label::Model, Error> {
    label::Entity::find_by_id((tenant, id))
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or(Error::NotFound("label"))
}

fn tell(outbox: &mut Outbox, label: &label::Model) {
    let data = json!({ "label_id": label.id });
    outbox.push(label.tenant_id, Kind::LabelChanged, data);
}
