//! What the results say of runs as they might have been.

use std::collections::BTreeMap;

use super::*;
use crate::load::Latency;
use crate::run::Cost;

fn run(side: Side, path: Path, rate: f64, p99_ms: f64) -> Measured {
    Measured {
        side,
        path,
        rate,
        count: 100,
        latency: Some(Latency {
            p50_ms: 1.0,
            p99_ms,
            max_ms: 100.0,
        }),
        failures: BTreeMap::new(),
        rows: Some(100),
        cost: Cost {
            server_us: 40.0,
            database_us: 60.0,
        },
        of_bound: None,
        most_under_way: None,
    }
}

fn report(runs: impl IntoIterator<Item = Measured>) -> Report {
    let mut report = Report::new(Circumstances {
        date: "2026-11-30 08:00 UTC".into(),
        command: "cargo xtask bench".into(),
        version: "abc1234".into(),
        machine: "a machine".into(),
        postgres: "PostgreSQL 15: fsync = on".into(),
        node: "v22".into(),
        size: Size::QUICK,
        runs: 3,
        seconds: 10,
        rate: 1500,
        client: 50_000.0,
    });
    for run in runs {
        report.add(run);
    }
    report
}

#[test]
fn what_is_reached_is_told_beside_what_was_wanted() {
    let rates = [
        (Side::Ours, 9000.0),
        (Side::Peer, 2000.0),
        (Side::Ours, 10_000.0),
    ];
    let report = report(rates.map(|(side, rate)| {
        let p99 = if side == Side::Ours { 10.0 } else { 30.0 };
        run(side, Path::Inbound, rate, p99)
    }));
    let table = report.table();
    assert!(
        table.contains("≥ 4 × peer, p99 under the peer's | 4.75 × peer, p99 10.0 of 30.0 ms |"),
        "{table}"
    );
    assert!(
        table.contains(
            "| 9500/s | 2000/s | 1.0 / 10.0 | 1.0 / 30.0 | 100 (40 + 60) | 100 (40 + 60) | 1.00 |"
        ),
        "{table}"
    );
    assert!(!table.contains("falls short"), "{table}");
    assert!(report.is_whole());
}

#[test]
fn what_falls_short_is_called_so() {
    let ours = run(Side::Ours, Path::Status, 5000.0, 10.0);
    let peer = run(Side::Peer, Path::Status, 2000.0, 10.0);
    let table = report([ours, peer]).table();
    assert!(table.contains("**2.50 × peer, falls short**"), "{table}");
}

#[test]
fn twice_as_fast_but_later_falls_short_too() {
    let ours = run(Side::Ours, Path::Inbound, 9000.0, 40.0);
    let peer = run(Side::Peer, Path::Inbound, 2000.0, 30.0);
    assert!(report([ours, peer]).table().contains("falls short"));
}

#[test]
fn an_answer_without_its_row_is_a_failure_and_no_result() {
    let mut ours = run(Side::Ours, Path::Inbound, 90_000.0, 1.0);
    ours.rows = Some(99);
    let report = report([ours, run(Side::Peer, Path::Inbound, 2000.0, 30.0)]);
    assert!(!report.is_whole());
    let text = report.markdown();
    assert!(text.contains("(with failures), falls short"), "{text}");
    assert!(
        text.contains("100 answered, 99 rows **NOT THE SAME**"),
        "{text}"
    );
}

#[test]
fn texts_that_come_twice_are_told() {
    let mut ours = run(Side::Ours, Path::SendSlow, 2500.0, 1.0);
    ours.of_bound = Some(0.97);
    let clean = report([ours.clone()]);
    assert!(
        clean.table().contains("| 0.970 of the bound |"),
        "{}",
        clean.table()
    );
    ours.failures.insert("texted twice".into(), 2);
    assert!(report([ours]).table().contains("with failures"));
}

#[test]
fn sqlite_has_rows_of_its_own() {
    let text = report([run(Side::OursOnSqlite, Path::Status, 1234.0, 5.0)]).markdown();
    assert!(text.contains("| 1234/s | 1.0 / 5.0 |"), "{text}");
    assert!(text.contains("cargo xtask bench"), "{text}");
}
