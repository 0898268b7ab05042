//! Who must not be texted.
//!
//! An opt-out belongs to the tenant and the phone number: it holds for all of the tenant's
//! numbers, and it outlives the lead, so that deleting and importing somebody again does not text
//! them. `leads.sms_opt_out` and its like follow it, for lists to show; they are changed nowhere
//! else.

use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ChannelId, LeadId, TenantId};
use entity::value::OptOutSource;
use entity::{TenantScoped, conversation, lead, opt_out};
use events::{Activity, Outbox};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::{Error, leads};

/// Why this tenant must not text this number, if so.
///
/// # Errors
/// When the database is away.
pub async fn find(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    phone: &str,
) -> Result<Option<opt_out::Model>, DbErr> {
    opt_out::Entity::of(tenant)
        .filter(opt_out::Column::Phone.eq(phone))
        .one(conn)
        .await
}

/// Refuses to text who must not be.
pub(crate) async fn refuse(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    phone: &str,
) -> Result<(), Error> {
    match find(conn, tenant, phone).await? {
        Some(row) => Err(Error::OptedOut(Box::new(row))),
        None => Ok(()),
    }
}

/// What somebody did so that they are not texted, as the end of a sentence about them.
pub(crate) fn how(row: &opt_out::Model) -> String {
    let number = row.our_number.as_deref().unwrap_or("one of your numbers");
    match row.source {
        OptOutSource::Keyword => format!("opted out by texting STOP to {number}"),
        OptOutSource::Carrier => {
            format!("has opted out of texts from {number}, says Twilio (error 21610)")
        }
        OptOutSource::Manual => "was marked by your team as not to be texted".to_owned(),
    }
}

/// Why they can't be texted and what would change that.
pub(crate) fn refusal(row: &opt_out::Model) -> String {
    let (phone, how) = (&row.phone, how(row));
    let number = row.our_number.as_deref().unwrap_or("that number");
    match row.source {
        OptOutSource::Keyword | OptOutSource::Carrier => {
            format!("{phone} {how}; only they can change that, by texting START to {number}")
        }
        OptOutSource::Manual => format!("{phone} {how}; take the mark off the lead first"),
    }
}

/// By which of our numbers an opt-out came about.
pub(crate) type By<'a> = Option<(ChannelId, &'a str)>;

/// Whose word it is: a lead, by their number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) lead: LeadId,
    pub(crate) phone: &'a str,
}

/// Notes that the number must not be texted, and gives what stands there now.
///
/// The first cause stays, unless the new one weighs more: what a customer said is not to be undone
/// by whoever can undo a colleague's mark, and their STOP is what a YES of theirs answers to.
pub(crate) async fn add(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    whose: Whose<'_>,
    source: OptOutSource,
    by: By<'_>,
) -> Result<opt_out::Model, DbErr> {
    let Whose { tenant, phone, .. } = whose;
    let before = find(tx, tenant, phone).await?;
    let row = opt_out::Model {
        tenant_id: tenant,
        phone: phone.to_owned(),
        source,
        channel_id: by.map(|(channel, _)| channel),
        our_number: by.map(|(_, number)| number.to_owned()),
        created_at: clock.now(),
    };
    opt_out::Entity::insert(row.clone().into_active_model())
        .on_conflict(over_lighter(source))
        .exec_without_returning(tx)
        .await?;
    let stands = find(tx, tenant, phone).await?.unwrap_or(row);
    mark(tx, clock, tenant, phone, Some(&stands)).await?;
    // Who says STOP twice says nothing new.
    if before.as_ref() != Some(&stands) {
        let (number, source) = (stands.our_number.clone(), stands.source);
        let told = Happening::OptedOut { number, source };
        tell(clock, outbox, whose, told, stands.channel_id);
    }
    Ok(stands)
}

fn tell(
    clock: &Clock,
    outbox: &mut Outbox,
    whose: Whose<'_>,
    told: Happening,
    channel: Option<ChannelId>,
) {
    let told = Activity::new(whose.tenant, told).about(whose.lead);
    outbox.record(clock, told.by_channel(channel));
    leads::tell(outbox, whose.tenant, whose.lead);
}

/// Takes the place of a cause that weighs less.
fn over_lighter(source: OptOutSource) -> OnConflict {
    use opt_out::Column::{ChannelId, OurNumber, Phone, Source, TenantId};
    let lighter: &[OptOutSource] = match source {
        OptOutSource::Manual => &[],
        OptOutSource::Carrier => &[OptOutSource::Manual],
        OptOutSource::Keyword => &[OptOutSource::Manual, OptOutSource::Carrier],
    };
    let mut conflict = OnConflict::columns([TenantId, Phone]);
    if lighter.is_empty() {
        return conflict.do_nothing().to_owned();
    }
    let stored = Expr::col((opt_out::Entity, Source)).is_in(lighter.iter().copied());
    conflict
        .update_columns([Source, ChannelId, OurNumber])
        .action_and_where(stored)
        .to_owned()
}

/// Notes that the number may be texted again.
pub(crate) async fn remove(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    whose: Whose<'_>,
    source: OptOutSource,
    by: By<'_>,
) -> Result<(), DbErr> {
    let Whose { tenant, phone, .. } = whose;
    let removed = opt_out::Entity::delete_many()
        .filter(opt_out::Column::TenantId.eq(tenant))
        .filter(opt_out::Column::Phone.eq(phone))
        .exec(tx)
        .await?;
    mark(tx, clock, tenant, phone, None).await?;
    if removed.rows_affected > 0 {
        let number = by.map(|(_, number)| number.to_owned());
        let told = Happening::OptedIn { number, source };
        tell(clock, outbox, whose, told, by.map(|(channel, _)| channel));
    }
    Ok(())
}

/// Does what somebody of the tenant ticked. What the customer said themselves only they can take
/// back, by texting START: that is the law in some countries and decency in the others.
pub(crate) async fn set_by_hand(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    whose: Whose<'_>,
    opted_out: bool,
) -> Result<(), Error> {
    let by_hand = OptOutSource::Manual;
    match find(tx, whose.tenant, whose.phone).await? {
        None if opted_out => {
            add(tx, clock, outbox, whose, by_hand, None).await?;
            Ok(())
        }
        Some(row) if !opted_out && row.source != by_hand => Err(Error::OptedOut(Box::new(row))),
        Some(_) if !opted_out => Ok(remove(tx, clock, outbox, whose, by_hand, None).await?),
        _ => Ok(()),
    }
}

async fn mark(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    phone: &str,
    row: Option<&opt_out::Model>,
) -> Result<(), DbErr> {
    let now = clock.now();
    let number = row.and_then(|row| row.our_number.clone());
    let source = row.map(|row| row.source);
    lead::Entity::update_many()
        .col_expr(lead::Column::SmsOptOut, row.is_some().into())
        .col_expr(lead::Column::SmsOptOutNumber, number.into())
        .col_expr(lead::Column::SmsOptOutSource, source.into())
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
