//! In which time zones a recipient may be.

use chrono_tz::Tz;

mod areas;
mod countries;
mod states;

#[cfg(test)]
mod tests;

/// Zones, the one with most people first, and the codes that lie in them, with blanks between.
/// Zones whose clocks agree stand for each other.
type Row = (&'static [Tz], &'static str);

/// Where somebody is said to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// The postal abbreviation of a state of the United States or a province of Canada.
    pub state: Option<&'a str>,
}

/// The zones that a recipient may be in, the likeliest first; none where nothing is known.
///
/// Where they are said to be counts for more than their number, which people keep when they move.
/// Where the two agree in part, as Florida and area code 305 do, both are believed.
/// `number` is in E.164 form, and `country` the one that its numbering plan gives it.
#[must_use]
pub fn of_recipient(number: &str, country: Option<&str>, place: Place<'_>) -> Vec<Tz> {
    let by_number = of_number(number, country);
    let Some(by_place) = of_place(place) else {
        return by_number.unwrap_or_default().to_vec();
    };
    let both: Vec<Tz> = by_number
        .unwrap_or_default()
        .iter()
        .filter(|zone| by_place.contains(zone))
        .copied()
        .collect();
    if both.is_empty() {
        by_place.to_vec()
    } else {
        both
    }
}

/// The zones that a number in E.164 form may be in: by its area code where mobile numbers have
/// one, else by its country, as the numbering plan gives it.
///
/// `None` for numbers that belong nowhere: toll-free and personal ones, and the 555 of examples.
#[must_use]
pub fn of_number(number: &str, country: Option<&str>) -> Option<&'static [Tz]> {
    let digits = number.trim_start_matches('+');
    if let Some(area) = digits.strip_prefix('1').and_then(|rest| rest.get(..3))
        && has(areas::NOWHERE, area)
    {
        return None;
    }
    areas::AREAS
        .iter()
        .find_map(|(code, rows)| by_area(digits.strip_prefix(code)?, rows))
        .or_else(|| of_country(country?))
}

/// The zones of a state or, without one, of a country; `None` where neither is known.
#[must_use]
pub fn of_place(place: Place<'_>) -> Option<&'static [Tz]> {
    let country = place.country?;
    let rows = match country {
        "US" => states::US,
        "CA" => states::CA,
        _ => &[],
    };
    let by_state = place.state.and_then(|state| find(rows, state));
    by_state.or_else(|| of_country(country))
}

fn of_country(country: &str) -> Option<&'static [Tz]> {
    find(countries::COUNTRIES, country)
}

/// The longest area code that the national number begins with.
fn by_area(national: &str, rows: &[Row]) -> Option<&'static [Tz]> {
    (1..=areas::LONGEST)
        .rev()
        .find_map(|length| find(rows, national.get(..length)?))
}

fn find(rows: &[Row], code: &str) -> Option<&'static [Tz]> {
    rows.iter()
        .find(|(_, codes)| has(codes, code))
        .map(|(zones, _)| *zones)
}

fn has(codes: &str, code: &str) -> bool {
    codes.split_ascii_whitespace().any(|known| known == code)
}
