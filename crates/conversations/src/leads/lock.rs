//! The lock on a person, which goes before all others of theirs.

use db::each;
use entity::id::{LeadId, TenantId};
use entity::{TenantScoped, lead};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect, Value};

use crate::Error;

/// The lead, locked for the rest of the transaction: the lock that goes before all others of
/// this person's.
pub(crate) async fn lock(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    id: LeadId,
) -> Result<Option<lead::Model>, DbErr> {
    lead::Entity::of(tenant)
        .filter(lead::Column::Id.eq(id))
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// Locks several leads in the order of their ids, so that no two transactions wait crosswise.
pub(crate) async fn lock_each(
    tx: &impl ConnectionTrait,
    leads: impl Iterator<Item = (TenantId, LeadId)>,
) -> Result<(), DbErr> {
    let keys = leads.map(|(tenant, lead)| [tenant.into(), Value::from(lead)]);
    each::lock::<lead::Entity, 2>(tx, ["tenant_id", "id"], keys.collect())
        .await
        .map(drop)
}

/// As [`lock`], for a request that names the lead.
pub(super) async fn locked(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    id: LeadId,
) -> Result<lead::Model, Error> {
    lock(tx, tenant, id).await?.ok_or(Error::NotFound("lead"))
}
