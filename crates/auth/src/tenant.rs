//! A tenant's own settings.

use chrono::NaiveTime;
use entity::clock::Clock;
use entity::id::TenantId;
use entity::json::QuietHours;
use entity::phone::Country;
use entity::tenant::{ActiveModel, Entity, Model};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait};

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
    pub quiet_hours: Option<QuietHours>,
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

/// Changes settings and gives the tenant as it is then.
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
    let mut row: ActiveModel = get(tx, tenant).await?.into();
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
        row.quiet_hours = Set(hours);
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
        checks.take("quiet_hours/start", time_of_day(&hours.start));
        checks.take("quiet_hours/end", time_of_day(&hours.end));
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
