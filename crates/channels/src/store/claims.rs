//! Whether another tenant holds the very same number, account and token.
//!
//! A number that somebody merely claims (with a wrong token) is no claim: the signature of each
//! webhook decides who it is for, so a squatter gets nothing and blocks nobody. Two tenants with
//! the right token would both get it; the second is refused. This is the one place outside
//! routing that looks across tenants, and all that it tells is yes or no.

use entity::channel;
use entity::id::TenantId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::credentials::{Opened, open};
use crate::{Error, KeyRing};

/// How many rows are opened at a time.
const PAGE: u64 = 100;

/// Refuses credentials that another tenant holds, token and all.
///
/// Two tenants that do it in the same moment are not kept apart: both know the token then.
pub(super) async fn refuse_claimed(
    conn: &impl ConnectionTrait,
    ring: &KeyRing,
    tenant: TenantId,
    wanted: &Opened,
) -> Result<(), Error> {
    let mut after = None;
    loop {
        let page = others(conn, tenant, wanted, after).await?;
        for channel in &page {
            match open(ring, channel) {
                Ok(held) if held.has_token(&wanted.auth_token) => {
                    return Err(Error::ClaimedElsewhere);
                }
                Ok(_) => {}
                // Somebody else's broken row must not stop this tenant.
                Err(error) => tracing::error!(
                    channel.id = %channel.id,
                    error = &error as &dyn std::error::Error,
                    "The credentials of a channel can't be opened",
                ),
            }
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

async fn others(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    wanted: &Opened,
    after: Option<entity::id::ChannelId>,
) -> Result<Vec<channel::Model>, DbErr> {
    let mut query = channel::Entity::find()
        .filter(channel::Column::AccountSid.eq(wanted.account_sid()))
        .filter(channel::Column::PhoneNumber.eq(wanted.phone_number().clone()))
        .filter(channel::Column::DeletedAt.is_null())
        .filter(channel::Column::TenantId.ne(tenant))
        .order_by_asc(channel::Column::Id)
        .limit(PAGE);
    if let Some(after) = after {
        query = query.filter(channel::Column::Id.gt(after));
    }
    query.all(conn).await
}
