//! The lock on a person, which goes before all others of theirs.

use db::each::Rows;
use entity::id::{LeadId, MessageId, TenantId};
use entity::{TenantScoped, lead};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, QueryFilter, QuerySelect, Value};

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
    lock_those(tx, ["tenant_id", "id"], &keys.collect::<Vec<_>>(), "{}").await
}

/// Locks the people whom these messages are with, in the order of their ids, so that no two transactions
/// wait crosswise.
pub(crate) async fn lock_of_messages(
    tx: &impl ConnectionTrait,
    messages: impl Iterator<Item = (TenantId, MessageId)>,
) -> Result<(), DbErr> {
    let keys = messages.map(|(tenant, message)| [tenant.into(), Value::from(message)]);
    let columns = ["messages.tenant_id", "messages.id"];
    let of_messages = "(tenant_id, id) IN \
         (SELECT messages.tenant_id, lead_id FROM messages WHERE {})";
    lock_those(tx, columns, &keys.collect::<Vec<_>>(), of_messages).await
}

/// Locks the leads of a condition in which `{}` stands for `columns` being among `keys`.
async fn lock_those(
    tx: &impl ConnectionTrait,
    columns: [&str; 2],
    keys: &[[Value; 2]],
    condition: &str,
) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    // On SQLite, who writes has the database.
    if backend != DbBackend::Postgres || keys.is_empty() {
        return Ok(());
    }
    let these = Rows::among(backend, columns, keys);
    let condition = condition.replace("{}", &these.sql);
    let sql = format!("SELECT 1 FROM leads WHERE {condition} ORDER BY id FOR UPDATE");
    these.execute(tx, sql).await.map(drop)
}

/// As [`lock`], for a request that names the lead.
pub(super) async fn locked(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    id: LeadId,
) -> Result<lead::Model, Error> {
    lock(tx, tenant, id).await?.ok_or(Error::NotFound("lead"))
}
