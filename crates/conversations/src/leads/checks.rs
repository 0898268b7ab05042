//! What a lead may say of itself.

use entity::id::{LeadId, TenantId};
use entity::phone::{Country, PhoneNumber};
use entity::{TenantScoped, lead};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, SqlErr};

use crate::{Error, Problem};

/// Another request has just given the number to another lead.
pub(super) fn taken(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::PhoneTaken,
        _ => error.into(),
    }
}

pub(super) async fn refuse_taken(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    phone: &str,
    except: Option<LeadId>,
) -> Result<(), Error> {
    let holder = lead::Entity::of(tenant)
        .filter(lead::Column::Phone.eq(phone))
        .one(tx)
        .await?;
    match holder {
        Some(holder) if Some(holder.id) != except => Err(Error::PhoneTaken),
        _ => Ok(()),
    }
}

/// The country by which a tenant's people type numbers.
pub(crate) fn default_country(tenant: &entity::tenant::Model) -> Result<Country, Error> {
    Country::parse(&tenant.default_country)
        .map_err(|error| Error::invalid("/default_country", error.to_string()))
}

pub(super) fn phone(
    text: &str,
    tenant: &entity::tenant::Model,
    problems: &mut Vec<Problem>,
) -> Option<PhoneNumber> {
    let parsed = default_country(tenant)
        .map_err(|error| error.to_string())
        .and_then(|country| PhoneNumber::parse(text, &country).map_err(|error| error.to_string()));
    parsed
        .map_err(|detail| problems.push(problem("/phone", &detail)))
        .ok()
}

/// Whether something can be an e-mail address.
pub(crate) fn is_email(email: &str) -> bool {
    email.len() <= 254
        && !email.chars().any(char::is_whitespace)
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

pub(super) fn check_email(email: Option<&str>, problems: &mut Vec<Problem>) {
    if email.is_some_and(|email| !is_email(email)) {
        problems.push(problem("/email", "this is not an e-mail address"));
    }
}

pub(super) fn check_country(country: Option<&str>, problems: &mut Vec<Problem>) {
    if let Some(Err(error)) = country.map(Country::parse) {
        problems.push(problem("/country", &error.to_string()));
    }
}

pub(super) fn check_timezone(timezone: Option<&str>, problems: &mut Vec<Problem>) {
    if timezone.is_some_and(|name| name.parse::<chrono_tz::Tz>().is_err()) {
        problems.push(problem(
            "/timezone",
            "this is no IANA time zone; one is Europe/Berlin",
        ));
    }
}

pub(super) fn problem(pointer: &str, detail: &str) -> Problem {
    Problem {
        pointer: pointer.to_owned(),
        detail: detail.to_owned(),
    }
}
