//! By which number a text goes, and how fast that number may send.

use entity::id::{ChannelId, LeadId, TenantId};
use entity::value::ChannelStatus;
use entity::{TenantScoped, channel, conversation};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};

use crate::Error;

/// The channel asked for, else the one by which there was last contact, else the default.
pub(super) async fn choose(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    lead: LeadId,
    wanted: Option<ChannelId>,
) -> Result<channel::Model, Error> {
    if let Some(id) = wanted {
        let row = of(tenant)
            .filter(channel::Column::Id.eq(id))
            .one(tx)
            .await?;
        let row = row.ok_or_else(|| Error::invalid("/channel_id", "there is no such channel"))?;
        return if row.status.takes_part() {
            Ok(row)
        } else {
            Err(Error::ChannelInactive)
        };
    }
    if let Some(row) = latest(tx, tenant, lead).await? {
        return Ok(row);
    }
    channels::default_channel(tx, tenant)
        .await?
        .ok_or(Error::NoChannel)
}

async fn latest(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    lead: LeadId,
) -> Result<Option<channel::Model>, DbErr> {
    let usable = Query::select()
        .column(channel::Column::Id)
        .from(channel::Entity)
        .and_where(channel::Column::TenantId.eq(tenant))
        .and_where(channel::Column::DeletedAt.is_null())
        .and_where(channel::Column::Status.ne(ChannelStatus::Inactive))
        .to_owned();
    let thread = conversation::Entity::of(tenant)
        .filter(conversation::Column::LeadId.eq(lead))
        .filter(conversation::Column::ChannelId.in_subquery(usable))
        .order_by_desc(conversation::Column::LastMessageAt)
        .limit(1)
        .one(tx)
        .await?;
    match thread {
        Some(thread) => {
            active(tenant)
                .filter(channel::Column::Id.eq(thread.channel_id))
                .one(tx)
                .await
        }
        None => Ok(None),
    }
}

fn of(tenant: TenantId) -> sea_orm::Select<channel::Entity> {
    channel::Entity::of(tenant).filter(channel::Column::DeletedAt.is_null())
}

fn active(tenant: TenantId) -> sea_orm::Select<channel::Entity> {
    of(tenant).filter(channel::Column::Status.ne(ChannelStatus::Inactive))
}

/// Microseconds between two segments.
pub(super) fn gap_us(channel: &channel::Model) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a pace of 0.01 to 1000 gives a thousand to a hundred million"
    )]
    let gap = (1_000_000.0 / channels::pace(channel)).round() as i64;
    Ord::max(gap, 1)
}
