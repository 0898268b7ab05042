//! Numbers and places whose zones everybody knows, and tables without holes.

use std::collections::HashSet;

use chrono_tz::{America, Asia, Australia, Europe};
use rlibphonenumber::PHONE_NUMBER_UTIL;

use super::*;

fn place<'a>(country: &'a str, state: &'a str) -> Place<'a> {
    Place {
        country: Some(country),
        state: Some(state).filter(|state| !state.is_empty()),
    }
}

#[test]
fn a_number_of_north_america_lies_where_its_area_code_does() {
    let cases: [(&str, &[Tz]); 8] = [
        ("+12125550100", &[America::New_York]),
        ("+13125550100", &[America::Chicago]),
        ("+14155550100", &[America::Los_Angeles]),
        ("+18505550100", &[America::Chicago, America::New_York]),
        ("+19285550100", &[America::Phoenix, America::Denver]),
        ("+14165550100", &[America::Toronto]),
        ("+13065550100", &[America::Regina]),
        ("+17875550100", &[America::Puerto_Rico]),
    ];
    for (number, zones) in cases {
        // The plan's country is of no matter then.
        assert_eq!(of_number(number, Some("US")), Some(zones), "{number}");
    }
}

#[test]
fn an_area_code_that_is_too_new_leaves_the_country() {
    let us = of_number("+12325550100", Some("US")).unwrap();
    assert_eq!(
        us,
        [
            America::New_York,
            America::Chicago,
            America::Denver,
            America::Los_Angeles
        ]
    );
}

#[test]
fn numbers_that_belong_nowhere_tell_nothing() {
    for number in [
        "+15551234567",
        "+18005550100",
        "+18335550100",
        "+15005550006",
    ] {
        assert_eq!(of_number(number, Some("US")), None, "{number}");
    }
    assert_eq!(of_number("+80012345678", None), None);
    assert_eq!(of_number("+1", None), None);
    assert_eq!(of_number("", None), None);
}

#[test]
fn other_numbers_lie_in_their_country() {
    assert_eq!(
        of_number("+4915112345678", Some("DE")),
        Some(&[Europe::Berlin][..])
    );
    assert_eq!(
        of_number("+919812345678", Some("IN")),
        Some(&[Asia::Kolkata][..])
    );
    assert!(
        of_number("+61412345678", Some("AU"))
            .unwrap()
            .contains(&Australia::Perth)
    );
}

#[test]
fn brazil_and_mexico_go_by_area_code() {
    assert_eq!(
        of_number("+5511999887766", Some("BR")),
        Some(&[America::Sao_Paulo][..])
    );
    assert_eq!(
        of_number("+5592999887766", Some("BR")),
        Some(&[America::Manaus][..])
    );
    assert_eq!(
        of_number("+525512345678", Some("MX")),
        Some(&[America::Mexico_City][..])
    );
    assert_eq!(
        of_number("+526641234567", Some("MX")),
        Some(&[America::Tijuana][..])
    );
    assert!(of_number("+526301234567", Some("MX")).unwrap().len() > 1);
}

#[test]
fn a_place_is_a_state_or_a_country() {
    assert_eq!(
        of_place(place("US", "TX")).unwrap(),
        [America::Chicago, America::Denver]
    );
    assert_eq!(
        of_place(place("CA", "BC")).unwrap(),
        [America::Vancouver, America::Edmonton]
    );
    // A state that we don't know, or of a country with one zone.
    assert_eq!(of_place(place("US", "XX")), of_place(place("US", "")));
    assert_eq!(of_place(place("DE", "BY")).unwrap(), [Europe::Berlin]);
    assert_eq!(of_place(place("ZZ", "")), None);
    assert_eq!(of_place(Place::default()), None);
}

#[test]
fn where_they_are_counts_for_more_than_their_number() {
    let new_york = "+12125550100";
    assert_eq!(
        of_recipient(new_york, Some("US"), Place::default()),
        [America::New_York]
    );
    assert_eq!(
        of_recipient(new_york, Some("US"), place("US", "CA")),
        [America::Los_Angeles]
    );
    assert_eq!(
        of_recipient(new_york, Some("US"), place("DE", "")),
        [Europe::Berlin]
    );
    // Where the country alone is told, the number says in which part of it.
    assert_eq!(
        of_recipient(new_york, Some("US"), place("US", "")),
        [America::New_York]
    );
    // Miami is in the eastern part of Florida.
    assert_eq!(
        of_recipient("+13055550100", Some("US"), place("US", "FL")),
        [America::New_York]
    );
    assert_eq!(
        of_recipient("+15551234567", Some("US"), Place::default()),
        []
    );
}

#[test]
fn every_country_with_numbers_has_a_zone() {
    let missing: Vec<String> = PHONE_NUMBER_UTIL
        .get_supported_regions()
        .map(|region| region.to_string())
        .filter(|country| of_country(country).is_none())
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn no_code_stands_twice() {
    let tables = [countries::COUNTRIES, states::US, states::CA];
    for rows in tables.into_iter().chain(areas::AREAS.map(|(_, rows)| rows)) {
        let codes: Vec<&str> = rows
            .iter()
            .flat_map(|(_, codes)| codes.split_whitespace())
            .collect();
        let twice: Vec<_> = {
            let mut seen = HashSet::new();
            codes.iter().filter(|code| !seen.insert(**code)).collect()
        };
        assert!(twice.is_empty(), "{twice:?}");
        assert!(codes.iter().all(|code| code.len() <= areas::LONGEST));
        assert!(rows.iter().all(|(zones, _)| !zones.is_empty()));
    }
    let nowhere = areas::NOWHERE.split_whitespace();
    assert_eq!(
        nowhere
            .filter(|code| find(areas::AREAS[0].1, code).is_some())
            .count(),
        0
    );
}
