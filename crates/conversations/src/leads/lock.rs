//! The lock on a person, which goes before all others of theirs.

use std::collections::BTreeMap;

use entity::id::{LeadId, TenantId};
use entity::{TenantScoped, lead};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

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
    leads: &BTreeMap<TenantId, Vec<LeadId>>,
) -> Result<(), DbErr> {
    lead::Entity::find()
        .select_only()
        .column(lead::Column::Id)
        .filter(lead::Entity::of_each(lead::Column::Id, leads))
        .order_by_asc(lead::Column::Id)
        .lock(LockType::Update)
        .into_tuple::<LeadId>()
        .all(tx)
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
