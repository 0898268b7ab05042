//! What it costs with little and with much in the database: `cargo xtask bench growth`.
//!
//! For each size the database is filled, the program is started with all of it, each path is measured
//! shortly at one server, and at last every list is asked for and PostgreSQL tells what it read. What
//! is known so far is written down after every measurement.

mod lists;
mod report;
mod rest;

use std::fs;
use std::time::Duration;

use crate::args::Growth;
use crate::bench::{database, described, postmaster, step, today};
use crate::data::Size;
use crate::fill;
use crate::machine;
use crate::outcome::Outcome;
use crate::path::Path;
use crate::run::{Conditions, Measured, Progress, measure_at};
use crate::sql::Sql;
use crate::subject::{Ours, Subject};
use crate::twilio::Twilio;
use crate::usage;
use lists::Listed;
use report::Report;
use rest::Rest;

/// The database's name.
const DATABASE: &str = "bench_growth";

/// Writing first, then reading: so that lists are read as they are when much happens.
const PATHS: [Path; 6] = [
    Path::Inbound,
    Path::Status,
    Path::Send,
    Path::Conversations,
    Path::Messages,
    Path::Poll,
];

/// Looking through the lists at Twilio takes each account a request every five minutes. With many it
/// would run beside everything, so it is done once, after the start, and measured by itself.
const SETTINGS: &[(&str, &str)] = &[("TRUNKLINE__TWILIO__CATCH_UP_SECONDS", "65535")];

/// What came of one size on one database.
#[derive(Debug)]
struct Grown {
    size: Size,
    is_postgres: bool,
    /// What the database takes on disk, in MB; only of PostgreSQL.
    disk_mb: u64,
    rest: Rest,
    measured: Vec<Measured>,
    /// After all of it, in MB.
    memory_after: u64,
    lists: Vec<Listed>,
}

/// Says whether every answer had its row, and no list read more than it may.
pub(crate) async fn run(options: Growth) -> Outcome<bool> {
    let admin = Sql::connect(&options.common.postgres).await?;
    let conditions = Conditions {
        length: Duration::from_secs(options.seconds()),
        rate: 0,
        texts: options.texts(),
        runs: 1,
        twilio: Twilio::start().await?,
        postmaster: postmaster(&admin).await?,
    };
    let mut report = Report::new(vec![
        format!(
            "{}, `{}`, measured: {}",
            today(&admin).await?,
            options.common.called,
            options.common.version_measured
        ),
        machine::describe(),
        described(&admin).await?,
        format!(
            "each path once, {} s; sending: {} texts",
            options.seconds(),
            options.texts()
        ),
    ]);
    let sizes = options.sizes();
    for &size in &sizes {
        let url = database(&options.common, &admin, DATABASE).await?;
        one(
            &options,
            &conditions,
            size,
            Some((&admin, &url)),
            &mut report,
        )
        .await?;
    }
    // Much data is in it.
    admin
        .run(&format!("DROP DATABASE IF EXISTS {DATABASE}"))
        .await?;
    if options.sqlite {
        for &size in &sizes[..sizes.len().max(2) - 1] {
            one(&options, &conditions, size, None, &mut report).await?;
        }
    }
    println!("\n{}", report.tables());
    println!("written to {}", options.common.results.display());
    Ok(report.holds())
}

async fn one(
    options: &Growth,
    conditions: &Conditions,
    size: Size,
    postgres: Option<(&Sql, &str)>,
    report: &mut Report,
) -> Outcome {
    println!(
        "\n==> {} tenants, {} conversations, {} messages{}",
        size.tenants,
        size.conversations,
        size.messages,
        if postgres.is_some() { "" } else { ", SQLite" }
    );
    let url = postgres.map(|(_, url)| url);
    let ours = Ours::new(&options.common.trunkline, url, size).await?;
    let ours = ours.always(SETTINGS);
    step("fill", fill::ours::fill(&ours, &conditions.twilio)).await?;
    let (server, rest) = rest::measure(&ours, conditions).await?;
    println!("    {}", rest.line());
    report.begin(Grown {
        size,
        is_postgres: postgres.is_some(),
        disk_mb: disk_mb(ours.sql(), postgres.is_some()).await?,
        rest,
        measured: Vec::new(),
        memory_after: 0,
        lists: Vec::new(),
    });
    let mut progress = Progress::new(&ours);
    for path in PATHS {
        ours.sql().checkpoint().await?;
        conditions.twilio.begin(Duration::ZERO);
        let measured = measure_at(&server, &ours, path, conditions, &mut progress).await?;
        println!(
            "    {}: {}",
            report::short(path),
            crate::report::line(&measured)
        );
        report.latest()?.measured.push(measured);
        fs::write(&options.common.results, report.markdown())?;
    }
    report.latest()?.memory_after = usage::resident_mb(server.pid());
    server.stop().await?;
    if let Some((admin, _)) = postgres {
        let told = lists::explain(&ours, admin, &conditions.twilio, DATABASE);
        let told = told.await?;
        println!("    {} lists asked for", told.len());
        report.latest()?.lists = told;
    }
    fs::write(&options.common.results, report.markdown())?;
    Ok(())
}

async fn disk_mb(sql: &Sql, is_postgres: bool) -> Outcome<u64> {
    if !is_postgres {
        return Ok(0);
    }
    sql.count("SELECT pg_database_size(current_database()) / 1048576")
        .await
}
