//! The channels that a webhook may be for: the queries without a tenant, each by an index.
//!
//! What a request says goes into a query only in the form that a channel can have, so that nothing
//! made up (a NUL, a megabyte) ever reaches the database.

use entity::TenantScoped;
use entity::channel::{self, Column};
use entity::id::{ChannelId, TenantId};
use entity::phone::PhoneNumber;
use entity::value::ChannelStatus;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

/// How many candidates are read at a time: mostly there is one.
pub(crate) const PAGE: usize = 100;

/// A page of the channels with an account and number, oldest first; those after `after`.
pub(crate) fn with_number(
    account_sid: &str,
    number: &PhoneNumber,
    after: Option<ChannelId>,
) -> Select<channel::Entity> {
    of_account(account_sid, after).filter(Column::PhoneNumber.eq(number.clone()))
}

/// A page of the channels of an account, oldest first; those after `after`.
pub(crate) fn of_account(account_sid: &str, after: Option<ChannelId>) -> Select<channel::Entity> {
    let query = channel::Entity::find()
        .filter(Column::AccountSid.eq(account_sid))
        .filter(Column::DeletedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(PAGE as u64);
    match after {
        Some(after) => query.filter(Column::Id.gt(after)),
        None => query,
    }
}

/// The tenant's channel with an account and number.
pub(crate) async fn of_tenant(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    account_sid: &str,
    number: &PhoneNumber,
) -> Result<Option<channel::Model>, DbErr> {
    channel::Entity::of(tenant)
        .filter(Column::AccountSid.eq(account_sid))
        .filter(Column::PhoneNumber.eq(number.clone()))
        .filter(Column::DeletedAt.is_null())
        .one(conn)
        .await
}

/// Whether texts that come in are taken.
pub(crate) fn takes_texts(channel: &channel::Model) -> bool {
    channel.status != ChannelStatus::Inactive
}
