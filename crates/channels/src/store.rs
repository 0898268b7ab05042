//! A tenant's channels: making, changing, removing, finding.
//!
//! The caller owns the transaction, and writes the outbox that tells what was done. What writes takes
//! a lock on the tenant's row first (SQLite has one writer anyway), so that "the first channel becomes
//! the default" and "one default at most" hold when two requests come at once.

mod claims;
mod create;
mod mms;
mod plan;
mod update;

use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ChannelId, TenantId};
use entity::phone::Country;
use entity::value::ChannelStatus;
use entity::{TenantScoped, channel, tenant};
use events::{Activity, Outbox};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Set,
};

pub use create::{NewChannel, create};
pub use mms::note_mms;
pub use plan::{Planned, credentials_to_try, plan_create, plan_update};
pub use update::{ChannelPatch, OLD_TOKEN_VALID_FOR, update};

use crate::credentials::Stored;
use crate::{Error, FieldError, OpenError};

/// A tenant's channels that are not deleted, oldest first: those after `after`, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    after: Option<ChannelId>,
    limit: u64,
) -> Result<Vec<channel::Model>, DbErr> {
    let mut query = live(tenant).order_by_asc(channel::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(channel::Column::Id.gt(after));
    }
    query.all(conn).await
}

/// One channel of a tenant.
///
/// # Errors
/// [`Error::NotFound`] also for a deleted one and for another tenant's.
pub async fn get(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ChannelId,
) -> Result<channel::Model, Error> {
    let query = live(tenant).filter(channel::Column::Id.eq(id));
    query.one(conn).await?.ok_or(Error::NotFound)
}

/// The channel that sends without a channel go by; `None` while there is none that sends.
///
/// # Errors
/// When the database is away.
pub async fn default_channel(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
) -> Result<Option<channel::Model>, DbErr> {
    live(tenant)
        .filter(channel::Column::IsDefault.eq(true))
        .filter(channel::Column::Status.ne(ChannelStatus::Inactive))
        .order_by_asc(channel::Column::Id)
        .one(conn)
        .await
}

/// Removes a channel: it neither routes nor sends any more and its secrets are wiped, while the
/// row stays for the history. If it was the default, the oldest that is left becomes it.
///
/// # Errors
/// [`Error::NotFound`] also for one that is deleted already and for another tenant's.
pub async fn delete(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: ChannelId,
) -> Result<channel::Model, Error> {
    lock_tenant(conn, tenant).await?;
    let former = locked(conn, tenant, id).await?;
    let (was_default, version) = (former.is_default, former.version);
    let wiped = Stored::read(&former)?.wiped();
    let now = clock.now();
    let mut row = former.into_active_model();
    row.credentials = Set(serde_json::to_value(wiped).map_err(OpenError::from)?);
    // No key has sealed anything in it any more.
    row.key_id = Set(String::new());
    row.status = Set(ChannelStatus::Inactive);
    row.is_default = Set(false);
    row.deleted_at = Set(Some(now));
    row.updated_at = Set(now);
    row.version = Set(version + 1);
    let deleted = row.update(conn).await?;
    let name = deleted.name.clone();
    outbox.record(clock, told(&deleted, Happening::ChannelDeleted { name }));
    if was_default
        && let Some(next) = live(tenant)
            .order_by_asc(channel::Column::Id)
            .one(conn)
            .await?
    {
        let version = next.version;
        let mut next = next.into_active_model();
        next.is_default = Set(true);
        next.updated_at = Set(now);
        next.version = Set(version + 1);
        next.update(conn).await?;
    }
    Ok(deleted)
}

/// The ids of all master keys that any stored credential is sealed under.
///
/// Steps from one to the next by the index, so that it costs the same with any number of
/// channels.
///
/// # Errors
/// When the database is away.
pub async fn sealed_key_ids(conn: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let mut found: Vec<String> = Vec::new();
    loop {
        let last = found.last().map_or("", String::as_str);
        let next: Option<String> = channel::Entity::find()
            .select_only()
            .column(channel::Column::KeyId)
            .filter(channel::Column::KeyId.gt(last))
            .order_by_asc(channel::Column::KeyId)
            .limit(1)
            .into_tuple()
            .one(conn)
            .await?;
        match next {
            Some(id) => found.push(id),
            None => return Ok(found),
        }
    }
}

/// What happened to a channel, for people to read.
fn told(channel: &channel::Model, happening: Happening) -> Activity {
    Activity::new(channel.tenant_id, happening).by_channel(Some(channel.id))
}

fn live(tenant: TenantId) -> sea_orm::Select<channel::Entity> {
    channel::Entity::of(tenant).filter(channel::Column::DeletedAt.is_null())
}

/// One channel, to be written by nobody else until the transaction ends.
async fn locked(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ChannelId,
) -> Result<channel::Model, Error> {
    let query = live(tenant).filter(channel::Column::Id.eq(id));
    query
        .lock(LockType::NoKeyUpdate)
        .one(conn)
        .await?
        .ok_or(Error::NotFound)
}

/// Keeps others from changing the tenant's channels, and reads the country its numbers are
/// typed in. The weaker lock lets rows that refer to the tenant be written meanwhile.
async fn lock_tenant(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Country, Error> {
    let row = tenant::Entity::find_by_id(tenant)
        .lock(LockType::NoKeyUpdate)
        .one(conn)
        .await?;
    country(row)
}

/// The country in which a tenant's numbers are typed.
async fn country_of(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Country, Error> {
    country(tenant::Entity::find_by_id(tenant).one(conn).await?)
}

fn country(row: Option<tenant::Model>) -> Result<Country, Error> {
    let row = row.ok_or(Error::NotFound)?;
    Country::parse(&row.default_country)
        .map_err(|error| Error::Database(DbErr::Type(format!("tenants.default_country: {error}"))))
}

/// Makes `id` the only default of its tenant, as far as the others are concerned.
async fn clear_other_defaults(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    id: ChannelId,
) -> Result<(), DbErr> {
    let version = Expr::col(channel::Column::Version).add(1);
    channel::Entity::update_many()
        .col_expr(channel::Column::IsDefault, Expr::value(false))
        .col_expr(channel::Column::UpdatedAt, Expr::value(clock.now()))
        .col_expr(channel::Column::Version, version)
        .filter(channel::Column::TenantId.eq(tenant))
        .filter(channel::Column::IsDefault.eq(true))
        .filter(channel::Column::Id.ne(id))
        .exec(conn)
        .await?;
    Ok(())
}

/// A channel's name without the blanks around it.
fn checked_name(name: &str, errors: &mut Vec<FieldError>) -> String {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        errors.push(FieldError::new(
            "/name",
            "must be one line of 1 to 200 characters",
        ));
    }
    name.to_owned()
}

#[cfg(test)]
mod tests;
