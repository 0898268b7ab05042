//! Quiet hours: when a text that nobody waits for may go.
//!
//! They hold back what is sent to many or by a machine, and nothing else: an answer that somebody
//! waits for goes at any hour. The clock is the recipient's: of the time zone that the lead has,
//! else of where their last text came from, else of their number, else the tenant's. A number that
//! may be in several zones goes when it is day in all of them.
//!
//! A text is looked at when it is queued and again when its turn comes, so that neither a backlog
//! nor an outage carries it into the night. What is held comes up again when the hours end, or at
//! once when the hours, the tenant's zone or the lead's are changed ([`recheck_quiet_hours`]).

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::clock::Clock;
use entity::id::{LeadId, TenantId};
use entity::phone::{Country, PhoneNumber};
use entity::value::{Direction, MessageReason, MessageSource, SendPriority};
use entity::{TenantScoped, lead, message, tenant};
use events::Outbox;
use local_time::{Place, QuietHours};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::touch_thread;

/// When a text's turn comes, and what keeps it from coming sooner.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    /// The instant.
    pub(crate) at: DateTime<Utc>,
    /// In words, if quiet hours hold it back.
    held: Option<String>,
}

impl Turn {
    /// Writes it where people can see it.
    pub(crate) fn write(&self, row: &mut message::ActiveModel) {
        row.next_attempt_at = Set(self.held.is_some().then_some(self.at));
        row.reason = Set(self.held.as_ref().map(|_| MessageReason::QuietHours));
        row.held_reason = Set(self.held.clone());
    }
}

/// When a text goes that would go at `due` if it were day.
pub(crate) async fn turn(
    conn: &impl ConnectionTrait,
    message: &message::Model,
    due: DateTime<Utc>,
) -> Result<Turn, DbErr> {
    let at_once = Turn {
        at: due,
        held: None,
    };
    if !is_held_by_night(message) {
        return Ok(at_once);
    }
    let tenant = tenant::Entity::find_by_id(message.tenant_id);
    let Some(tenant) = tenant.one(conn).await? else {
        return Ok(at_once);
    };
    let set = &tenant.quiet_hours;
    let hours = QuietHours::parse(&set.start, &set.end).filter(|_| set.enabled);
    let Some(hours) = hours else {
        return Ok(at_once);
    };
    let zones = zones(conn, &tenant, message).await?;
    let at = hours.earliest(due, &zones);
    let held = (at > due).then(|| words(&set.start, &set.end, &zones));
    Ok(Turn { at, held })
}

/// Whether a text that would go at `due` has to wait for the day.
pub(crate) async fn is_held(
    conn: &impl ConnectionTrait,
    message: &message::Model,
    due: DateTime<Utc>,
) -> Result<bool, DbErr> {
    Ok(turn(conn, message, due).await?.held.is_some())
}

/// Whether quiet hours concern this text at all.
fn is_held_by_night(message: &message::Model) -> bool {
    let by_machine = [MessageSource::Campaign, MessageSource::Notification];
    message.priority == SendPriority::Bulk || by_machine.contains(&message.source)
}

fn words(start: &str, end: &str, zones: &[Tz]) -> String {
    let names: Vec<_> = zones.iter().map(|zone| zone.name()).collect();
    let names = names.join(", ");
    format!("Quiet hours at the recipient, from {start} to {end} ({names}).")
}

/// The time zones that the recipient may be in.
async fn zones(
    conn: &impl ConnectionTrait,
    tenant: &tenant::Model,
    message: &message::Model,
) -> Result<Vec<Tz>, DbErr> {
    let lead = lead::Entity::of(tenant.id)
        .filter(lead::Column::Id.eq(message.lead_id))
        .one(conn)
        .await?;
    let of_lead = lead.and_then(|lead| lead.timezone?.parse().ok());
    if let Some(zone) = of_lead {
        return Ok(vec![zone]);
    }
    let told = last_told_place(conn, message).await?;
    let place = told.as_ref().map_or_else(Place::default, |text| Place {
        country: text.from_country.as_deref(),
        state: text.from_state.as_deref(),
    });
    let number = message.to_number.as_str();
    let country = PhoneNumber::from_e164(number)
        .ok()
        .and_then(|number| number.country());
    let country = country.as_ref().map(Country::as_str);
    let mut zones = local_time::of_recipient(number, country, place);
    if zones.is_empty() {
        zones.extend(tenant.timezone.parse::<Tz>().ok());
    }
    Ok(zones)
}

/// The recipient's latest text of which Twilio says where it came from.
async fn last_told_place(
    conn: &impl ConnectionTrait,
    message: &message::Model,
) -> Result<Option<message::Model>, DbErr> {
    message::Entity::of(message.tenant_id)
        .filter(message::Column::LeadId.eq(message.lead_id))
        .filter(message::Column::Direction.eq(Direction::Inbound))
        .filter(message::Column::FromCountry.is_not_null())
        .order_by_desc(message::Column::Id)
        .limit(1)
        .one(conn)
        .await
}

/// Looks again at a waiting text that has come up, and gives it as it is then.
///
/// The validity stands still while a text is held: it moves by as much as the turn does.
pub(crate) async fn recheck(
    tx: &impl ConnectionTrait,
    outbox: &mut Outbox,
    message: message::Model,
    now: DateTime<Utc>,
) -> Result<message::Model, DbErr> {
    let was_held = message.reason == Some(MessageReason::QuietHours);
    let due = if was_held {
        message.scheduled_at
    } else {
        message.next_attempt_at.or(message.scheduled_at)
    };
    let due = due.filter(|due| *due > now);
    if due.is_some() && !was_held {
        // It is looked at when that time has come.
        return Ok(message);
    }
    let turn = turn(tx, &message, due.unwrap_or(now)).await?;
    let held_until = message.next_attempt_at.filter(|_| was_held);
    let unchanged = held_until == Some(turn.at) && turn.held == message.held_reason;
    if unchanged || (turn.held.is_none() && !was_held) {
        return Ok(message);
    }
    let moved = turn.at - Ord::max(held_until.unwrap_or(now), now);
    let valid_until = message.valid_until;
    let mut row = message.into_active_model();
    turn.write(&mut row);
    row.valid_until = Set(valid_until.map(|until| until + moved));
    row.updated_at = Set(now);
    let message = row.update(tx).await?;
    touch_thread(tx, &message).await?;
    outbox.touch(message.tenant_id);
    Ok(message)
}

/// Lets what quiet hours hold back come up now, all of a tenant's or of one lead: the hours or a
/// time zone have changed. Each is looked at anew when a worker comes past it, at the pace of its
/// lane, and put back where it is still night.
///
/// # Errors
/// When the database is away.
pub async fn recheck_quiet_hours(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    lead: Option<LeadId>,
) -> Result<(), DbErr> {
    let mut held = message::Entity::of(tenant)
        .select_only()
        .column(message::Column::Id)
        // Word for word as the index has it, or it would not be used.
        .filter(Expr::cust("reason = 'quiet_hours'"));
    if let Some(lead) = lead {
        held = held.filter(message::Column::LeadId.eq(lead));
    }
    let held = held.into_tuple().all(tx).await?;
    queue::hasten(tx, tenant, &held, clock.now_ms()).await
}
