//! Nights of all kinds.

use chrono_tz::{America, Asia, Australia, Europe, Pacific};
use proptest::prelude::*;

use super::*;

const NIGHT: QuietHours = hours(21, 8);

const fn hours(start: u32, end: u32) -> QuietHours {
    let (Some(start), Some(end)) = (
        NaiveTime::from_hms_opt(start, 0, 0),
        NaiveTime::from_hms_opt(end, 0, 0),
    ) else {
        panic!("hours of a day");
    };
    QuietHours::new(start, end)
}

fn quiet(start: &str, end: &str) -> QuietHours {
    QuietHours::parse(start, end).unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[track_caller]
fn goes(hours: QuietHours, zones: &[Tz], now: &str, expected: &str) {
    assert_eq!(hours.earliest(instant(now), zones), instant(expected));
}

#[test]
fn what_comes_by_day_is_not_held() {
    let zones = [America::New_York];
    for now in [
        "2026-07-01T12:00:00Z",
        "2026-07-01T18:30:00Z",
        "2026-07-02T00:59:59.999Z",
    ] {
        goes(NIGHT, &zones, now, now);
    }
}

#[test]
fn what_comes_at_night_goes_in_the_morning() {
    let zones = [America::New_York];
    // 21:00 on the dot, a minute to midnight, past midnight, and the last second.
    for now in [
        "2026-07-02T01:00:00Z",
        "2026-07-02T03:59:00Z",
        "2026-07-02T04:01:00Z",
        "2026-07-02T11:59:59Z",
    ] {
        goes(NIGHT, &zones, now, "2026-07-02T12:00:00Z");
    }
}

#[test]
fn hours_within_one_day_are_held_too() {
    let zones = [Asia::Kolkata];
    goes(
        quiet("12:30", "14:00"),
        &zones,
        "2026-07-01T07:00:00Z",
        "2026-07-01T08:30:00Z",
    );
    goes(
        quiet("12:30", "14:00"),
        &zones,
        "2026-07-01T06:59:59Z",
        "2026-07-01T06:59:59Z",
    );
}

#[test]
fn equal_times_are_no_hours() {
    goes(
        hours(8, 8),
        &[America::New_York],
        "2026-07-02T04:00:00Z",
        "2026-07-02T04:00:00Z",
    );
}

#[test]
fn without_a_zone_nothing_is_held() {
    goes(NIGHT, &[], "2026-07-02T04:00:00Z", "2026-07-02T04:00:00Z");
}

#[test]
fn all_zones_must_be_awake() {
    let coasts = [America::New_York, America::Los_Angeles];
    // 7:30 in New York and 4:30 in Los Angeles: at 8:00 in Los Angeles.
    goes(
        NIGHT,
        &coasts,
        "2026-07-01T11:30:00Z",
        "2026-07-01T15:00:00Z",
    );
    // 21:30 and 18:30: the evening in the west is of no use.
    goes(
        NIGHT,
        &coasts,
        "2026-07-02T01:30:00Z",
        "2026-07-02T15:00:00Z",
    );
}

#[test]
fn where_it_is_always_night_somewhere_the_first_zone_decides() {
    let apart = [Europe::Moscow, Pacific::Honolulu];
    goes(
        NIGHT,
        &apart,
        "2026-07-01T20:00:00Z",
        "2026-07-02T05:00:00Z",
    );
}

#[test]
fn a_short_common_time_is_found() {
    let russia = [Europe::Moscow, Europe::Kaliningrad, Asia::Kamchatka];
    // 8:00 in Kaliningrad is 18:00 in Kamchatka.
    goes(
        NIGHT,
        &russia,
        "2026-07-01T20:00:00Z",
        "2026-07-02T06:00:00Z",
    );
    goes(
        NIGHT,
        &russia,
        "2026-07-02T09:00:00Z",
        "2026-07-03T06:00:00Z",
    );
}

#[test]
fn an_end_that_the_clocks_skip_comes_when_they_have_skipped_it() {
    // On 8 March 2026 clocks in New York went from 2:00 to 3:00.
    let zones = [America::New_York];
    goes(
        quiet("21:00", "02:30"),
        &zones,
        "2026-03-08T05:00:00Z",
        "2026-03-08T07:00:00Z",
    );
    // A start that is skipped begins then, too.
    goes(
        quiet("02:30", "08:00"),
        &zones,
        "2026-03-08T07:00:00Z",
        "2026-03-08T12:00:00Z",
    );
    goes(
        quiet("02:30", "08:00"),
        &zones,
        "2026-03-08T06:59:00Z",
        "2026-03-08T06:59:00Z",
    );
}

#[test]
fn an_end_that_comes_twice_counts_each_time() {
    // On 1 November 2026 clocks in New York go from 2:00 back to 1:00.
    let zones = [America::New_York];
    goes(
        quiet("21:00", "01:30"),
        &zones,
        "2026-11-01T04:00:00Z",
        "2026-11-01T05:30:00Z",
    );
    goes(
        quiet("21:00", "01:30"),
        &zones,
        "2026-11-01T06:10:00Z",
        "2026-11-01T06:30:00Z",
    );
}

#[test]
fn the_morning_is_by_the_clock_of_that_day() {
    goes(
        NIGHT,
        &[America::New_York],
        "2026-03-08T03:00:00Z",
        "2026-03-08T12:00:00Z",
    );
    goes(
        NIGHT,
        &[America::New_York],
        "2026-11-01T03:00:00Z",
        "2026-11-01T13:00:00Z",
    );
    // Half an hour of summer time.
    goes(
        NIGHT,
        &[Australia::Lord_Howe],
        "2026-10-03T12:00:00Z",
        "2026-10-03T21:00:00Z",
    );
}

#[test]
fn a_day_that_never_was_is_no_obstacle() {
    goes(
        NIGHT,
        &[Pacific::Apia],
        "2011-12-30T08:00:00Z",
        "2011-12-30T18:00:00Z",
    );
}

#[test]
fn only_times_of_day_are_read() {
    for (start, end) in [
        ("", "08:00"),
        ("21:00", "24:00"),
        ("9 pm", "08:00"),
        ("21", "8"),
    ] {
        assert_eq!(QuietHours::parse(start, end), None, "{start} {end}");
    }
}

/// Any zone, those that change clocks included.
fn any_zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(chrono_tz::TZ_VARIANTS.to_vec())
}

/// Zones that have not changed their clocks in 2026.
fn steady_zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(vec![
        America::Phoenix,
        America::Sao_Paulo,
        Asia::Kolkata,
        Asia::Tokyo,
        Pacific::Honolulu,
        Pacific::Kiritimati,
        Tz::UTC,
    ])
}

fn any_hours() -> impl Strategy<Value = QuietHours> {
    let time =
        || (0..24_u32, 0..60_u32).prop_map(|(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap());
    (time(), time()).prop_map(|(start, end)| QuietHours::new(start, end))
}

/// Any second of 2020 to 2030.
fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (1_577_836_800..1_893_456_000_i64).prop_map(|at| DateTime::from_timestamp(at, 0).unwrap())
}

proptest! {
    #[test]
    fn a_text_is_never_early_nor_sent_into_the_night(
        hours in any_hours(),
        zone in any_zone(),
        now in any_instant(),
    ) {
        let at = hours.earliest(now, &[zone]);
        prop_assert!(at >= now);
        prop_assert!(!hours.covers(at, zone), "{at}");
        prop_assert!(at - now <= TimeDelta::hours(48));
        prop_assert_eq!(hours.earliest(at, &[zone]), at);
    }

    #[test]
    fn several_zones_are_suited_all_or_the_first(
        hours in any_hours(),
        zones in proptest::collection::vec(any_zone(), 1..5),
        now in any_instant(),
    ) {
        let at = hours.earliest(now, &zones);
        prop_assert!(at >= now);
        prop_assert!(!hours.covers(at, zones[0]));
        let all = zones.iter().all(|zone| !hours.covers(at, *zone));
        prop_assert!(all || at == hours.earliest(now, &zones[..1]));
    }

    #[test]
    fn no_minute_is_wasted(
        hours in any_hours(),
        zones in proptest::collection::vec(steady_zone(), 1..4),
        minute in 29_453_760..29_979_360_i64,
    ) {
        let now = DateTime::from_timestamp(minute * 60, 0).unwrap();
        let suits = |at| zones.iter().all(|zone| !hours.covers(at, *zone));
        let common = (0..24 * 60).map(|wait| now + TimeDelta::minutes(wait)).find(|at| suits(*at));
        let expected = common.unwrap_or_else(|| hours.earliest(now, &zones[..1]));
        prop_assert_eq!(hours.earliest(now, &zones), expected);
    }
}
