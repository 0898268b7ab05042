//! A tenant's own settings.

use chrono::NaiveTime;
use entity::clock::Clock;
use entity::id::TenantId;
use entity::json::QuietHours;
use entity::phone::Country;
use entity::tenant::{ActiveModel, Entity, Model};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, QuerySelect};

use crate::Error;
use crate::field::{Checks, Problem, name};

/// What to change; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Its name, as customers read it.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub default_country: Option<String>,
    /// IANA time zone name.
    pub timezone: Option<String>,
    /// When bulk texts are held back.
    pub quiet_hours: Option<QuietHoursChange>,
}

/// What to change about the quiet hours; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub struct QuietHoursChange {
    /// Whether anything is held back at all.
    pub enabled: Option<bool>,
    /// The local time from which nothing is sent, `HH:MM`.
    pub start: Option<String>,
    /// The local time from which sending goes on, `HH:MM`.
    pub end: Option<String>,
}

impl QuietHoursChange {
    fn over(self, present: QuietHours) -> QuietHours {
        QuietHours {
            enabled: self.enabled.unwrap_or(present.enabled),
            start: self.start.unwrap_or(present.start),
            end: self.end.unwrap_or(present.end),
        }
    }
}

/// The tenant.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Database`].
pub async fn get(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Model, Error> {
    Entity::find_by_id(tenant)
        .one(conn)
        .await?
        .ok_or(Error::NotFound)
}

/// Changes settings and gives the tenant as it is then. Of two changes at once, neither is lost:
/// the second waits for the first one's commit.
///
/// # Errors
/// [`Error::Invalid`] with every mistake, [`Error::NotFound`], [`Error::Database`].
pub async fn update(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    change: Change,
) -> Result<Model, Error> {
    let change = checked(change)?;
    // "No key" lets rows that only refer to the tenant be written meanwhile.
    let present = Entity::find_by_id(tenant)
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?
        .ok_or(Error::NotFound)?;
    let quiet_hours = present.quiet_hours.clone();
    let mut row: ActiveModel = present.into();
    if let Some(name) = change.name {
        row.name = Set(name);
    }
    if let Some(country) = change.default_country {
        row.default_country = Set(country);
    }
    if let Some(zone) = change.timezone {
        row.timezone = Set(zone);
    }
    if let Some(hours) = change.quiet_hours {
        row.quiet_hours = Set(hours.over(quiet_hours));
    }
    row.updated_at = Set(clock.now());
    Ok(row.update(tx).await?)
}

fn checked(change: Change) -> Result<Change, Error> {
    let mut checks = Checks::default();
    let change = Change {
        name: change
            .name
            .and_then(|text| checks.take("name", name(&text))),
        default_country: change
            .default_country
            .and_then(|text| checks.take("default_country", country(&text))),
        timezone: change
            .timezone
            .and_then(|text| checks.take("timezone", time_zone(&text))),
        quiet_hours: change.quiet_hours,
    };
    if let Some(hours) = &change.quiet_hours {
        let ends = [
            ("quiet_hours/start", &hours.start),
            ("quiet_hours/end", &hours.end),
        ];
        for (field, text) in ends {
            checks.take(field, text.as_deref().map_or(Ok(()), time_of_day));
        }
    }
    checks.finish()?;
    Ok(change)
}

/// A country's code, in either case.
pub(crate) fn country(text: &str) -> Result<String, Problem> {
    let country = Country::parse(&text.trim().to_ascii_uppercase())?;
    Ok(country.as_str().to_owned())
}

/// A time zone's name, spelt as the IANA database does.
pub(crate) fn time_zone(text: &str) -> Result<String, Problem> {
    let zone: chrono_tz::Tz = text.trim().parse().map_err(|_| Problem::TimeZone)?;
    Ok(zone.name().to_owned())
}

fn time_of_day(text: &str) -> Result<(), Problem> {
    // chrono would also read 9:5.
    match NaiveTime::parse_from_str(text, "%H:%M") {
        Ok(_) if text.len() == 5 => Ok(()),
        _ => Err(Problem::TimeOfDay),
    }
}

#[cfg(test)]
mod tests;
