//! Who must not be texted.
//!
//! An opt-out belongs to the tenant and the phone number: it holds for all of the tenant's
//! numbers, and it outlives the lead, so that deleting and importing somebody again does not text
//! them. `leads.sms_opt_out` follows it, for lists to show; it is changed nowhere else.

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::id::TenantId;
use entity::value::OptOutSource;
use entity::{TenantScoped, channel, conversation, lead, opt_out};
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::Error;

/// Whether this tenant must not text this number.
///
/// # Errors
/// When the database is away.
pub async fn is_opted_out(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    phone: &str,
) -> Result<bool, DbErr> {
    let row = opt_out::Entity::of(tenant)
        .filter(opt_out::Column::Phone.eq(phone))
        .one(conn)
        .await?;
    Ok(row.is_some())
}

/// Since when the tenant must not text this number, if it must not.
pub(crate) async fn since(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    phone: Option<&str>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let row = opt_out::Entity::of(tenant)
        .filter(opt_out::Column::Phone.eq(phone.unwrap_or_default()))
        .one(conn)
        .await?;
    Ok(row.map(|row| row.created_at))
}

/// Whether the number's own STOP is why it must not be texted.
pub(crate) async fn said_stop(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    phone: &str,
) -> Result<bool, DbErr> {
    let row = opt_out::Entity::of(tenant)
        .filter(opt_out::Column::Phone.eq(phone))
        .one(conn)
        .await?;
    Ok(row.is_some_and(|row| row.source == OptOutSource::Keyword))
}

/// Notes that the number must not be texted; the first cause stays.
pub(crate) async fn add(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    phone: &str,
    source: OptOutSource,
    channel: Option<&channel::Model>,
) -> Result<(), DbErr> {
    let row = opt_out::ActiveModel {
        tenant_id: Set(tenant),
        phone: Set(phone.to_owned()),
        source: Set(source),
        channel_id: Set(channel.map(|channel| channel.id)),
        our_number: Set(channel.map(|channel| channel.phone_number.to_string())),
        created_at: Set(clock.now()),
    };
    opt_out::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([opt_out::Column::TenantId, opt_out::Column::Phone])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    mark(tx, clock, tenant, phone, true).await
}

/// Notes that the number may be texted again.
pub(crate) async fn remove(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    phone: &str,
) -> Result<(), DbErr> {
    opt_out::Entity::delete_many()
        .filter(opt_out::Column::TenantId.eq(tenant))
        .filter(opt_out::Column::Phone.eq(phone))
        .exec(tx)
        .await?;
    mark(tx, clock, tenant, phone, false).await
}

/// Does what somebody of the tenant ticked. What the customer said themselves only they can take
/// back, by texting START: that is the law in some countries and decency in the others.
pub(crate) async fn set_by_hand(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    phone: &str,
    opted_out: bool,
) -> Result<(), Error> {
    if opted_out {
        add(tx, clock, tenant, phone, OptOutSource::Manual, None).await?;
        return Ok(());
    }
    let row = opt_out::Entity::of(tenant)
        .filter(opt_out::Column::Phone.eq(phone))
        .one(tx)
        .await?;
    if row.is_some_and(|row| row.source != OptOutSource::Manual) {
        return Err(Error::OptedOut {
            phone: phone.to_owned(),
        });
    }
    remove(tx, clock, tenant, phone).await?;
    Ok(())
}

async fn mark(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    phone: &str,
    opted_out: bool,
) -> Result<(), DbErr> {
    let now = clock.now();
    lead::Entity::update_many()
        .col_expr(lead::Column::SmsOptOut, opted_out.into())
        .col_expr(lead::Column::UpdatedAt, now.into())
        .filter(lead::Column::TenantId.eq(tenant))
        .filter(lead::Column::Phone.eq(phone))
        .exec(tx)
        .await?;
    // Every conversation shows its lead, so who polls for changes has to see this one.
    let leads = Query::select()
        .column(lead::Column::Id)
        .from(lead::Entity)
        .and_where(lead::Column::TenantId.eq(tenant))
        .and_where(lead::Column::Phone.eq(phone))
        .to_owned();
    conversation::Entity::update_many()
        .col_expr(conversation::Column::UpdatedAt, now.into())
        .filter(conversation::Column::TenantId.eq(tenant))
        .filter(conversation::Column::LeadId.in_subquery(leads))
        .exec(tx)
        .await?;
    Ok(())
}
