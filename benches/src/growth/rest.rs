//! Starting with all that is there, and doing nothing.

use std::time::{Duration, Instant};

use crate::http::Client;
use crate::outcome::Outcome;
use crate::run::{Conditions, Cost, Meter};
use crate::server::Server;
use crate::subject::{Ours, Subject};
use crate::usage;

/// How often it is started; the middle one counts.
const STARTS: usize = 3;

/// How long it is watched at rest.
const WATCHED: Duration = Duration::from_secs(10);

/// How long looking through the lists at Twilio may take.
const LOOKED_WITHIN: Duration = Duration::from_secs(1800);

/// Before any account's next look, and after the time for which one is taken.
const SOON_MS: u64 = 11 * 60 * 1000;

/// What came of it.
#[derive(Debug)]
pub(super) struct Rest {
    /// From the start of the process until `/readyz` said yes.
    pub(super) ready: Duration,
    /// At that moment, in MB.
    pub(super) memory_ready: u64,
    /// Accounts whose lists were looked through after that, how long it took, and what each took.
    pub(super) accounts: u64,
    pub(super) looked: Duration,
    pub(super) look: Cost,
    /// Processor time of a second in which nobody asks for anything.
    pub(super) idle: Cost,
    /// After all of that, in MB.
    pub(super) memory: u64,
}

impl Rest {
    pub(super) fn line(&self) -> String {
        format!(
            "ready after {:.0} ms with {} MB; {} accounts looked through in {:.1} s, {:.0} + {:.0} µs \
             each; at rest {:.1} + {:.1} ms of processor time a second, {} MB",
            self.ready.as_secs_f64() * 1e3,
            self.memory_ready,
            self.accounts,
            self.looked.as_secs_f64(),
            self.look.server_us,
            self.look.database_us,
            self.idle.server_us / 1e3,
            self.idle.database_us / 1e3,
            self.memory
        )
    }
}

/// The server goes on.
pub(super) async fn measure(ours: &Ours, conditions: &Conditions) -> Outcome<(Server, Rest)> {
    let sql = ours.sql();
    let accounts = sql.count("SELECT COUNT(*) FROM channels").await?;
    let mut ready = Vec::new();
    for _ in 1..STARTS {
        let (server, after) = start(ours, conditions).await?;
        ready.push(after);
        server.stop().await?;
    }
    // As after an absence.
    sql.run("UPDATE catch_ups SET next_at_ms = 0").await?;
    let (server, after) = start(ours, conditions).await?;
    ready.push(after);
    ready.sort();
    let memory_ready = usage::resident_mb(server.pid());
    let meter = Meter::start(ours, &server, conditions);
    let began = Instant::now();
    server.explain(looked_through(ours).await)?;
    let looked = began.elapsed();
    let look = meter.each(accounts);
    ours.settle().await?;
    sql.checkpoint().await?;
    let meter = Meter::start(ours, &server, conditions);
    tokio::time::sleep(WATCHED).await;
    let idle = meter.each(WATCHED.as_secs());
    let rest = Rest {
        ready: ready[STARTS / 2],
        memory_ready,
        accounts,
        looked,
        look,
        idle,
        memory: usage::resident_mb(server.pid()),
    };
    Ok((server, rest))
}

async fn start(ours: &Ours, conditions: &Conditions) -> Outcome<(Server, Duration)> {
    let began = Instant::now();
    let server = ours.start(&conditions.twilio.url(), true).await?;
    let anybody = Client::new(server.address());
    while anybody.get("/readyz").await.is_err() {
        if began.elapsed() > LOOKED_WITHIN {
            return server.explain(Err("it does not get ready".into()));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok((server, began.elapsed()))
}

/// Waits until no account's list has still to be looked through.
async fn looked_through(ours: &Ours) -> Outcome {
    let now = ours.sql().now_ms();
    // An account that is new here is none of them before it is noticed.
    let left = format!(
        "SELECT (SELECT COUNT(*) FROM channels) - \
         (SELECT COUNT(*) FROM catch_ups WHERE next_at_ms >= {now} + {SOON_MS})"
    );
    let end = Instant::now() + LOOKED_WITHIN;
    let mut told = Instant::now();
    loop {
        let left = ours.sql().count(&left).await?;
        if left == 0 {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(format!("{left} accounts were not looked through").into());
        }
        if told.elapsed() > Duration::from_secs(15) {
            println!("        {left} accounts are still to be looked through");
            told = Instant::now();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
