//! What happened, per tenant, in order and without a gap.
//!
//! Each tenant has one counter. Every transaction that changes something a tenant can see counts
//! it up as its **last** statements, through an [`Outbox`]. The counter's row stays locked until
//! the commit, so numbers become visible in the order they were given out: who has seen number
//! 41 will never find a 40 turning up behind it. That makes the number an event id to resume
//! from, and an ETag: read before the data, an unchanged number proves unchanged data.

mod kind;
mod outbox;

pub use kind::Kind;
pub use outbox::Outbox;

use entity::id::TenantId;
use entity::tenant_seq;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

/// The number of the tenant's latest event; 0 before the first.
///
/// # Errors
/// When the database is away.
pub async fn current(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<i64, DbErr> {
    let row = tenant_seq::Entity::find_by_id(tenant).one(conn).await?;
    Ok(row.map_or(0, |row| row.seq))
}
