//! One measurement: start the server, warm it up, measure, look into the database, stop it.

mod requests;
mod sending;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::data::FIRST_RUN;
use crate::load::{Feed, Latency, Load, Pace, Plan, send};
use crate::outcome::Outcome;
use crate::path::Path;
use crate::server::Server;
use crate::subject::{Side, Subject};
use crate::twilio::Twilio;
use crate::usage;

/// What stays the same for all measurements.
pub(crate) struct Conditions {
    pub(crate) length: Duration,
    pub(crate) rate: u32,
    pub(crate) texts: u64,
    /// How often each path is measured on each side: what can be used once is shared out.
    pub(crate) runs: u64,
    pub(crate) twilio: Twilio,
    /// PostgreSQL's first process; none where it runs elsewhere.
    pub(crate) postmaster: Option<u32>,
}

/// What came of one measurement.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) side: Side,
    pub(crate) path: Path,
    /// Requests, or texts, a second.
    pub(crate) rate: f64,
    pub(crate) count: u64,
    pub(crate) latency: Option<Latency>,
    pub(crate) failures: BTreeMap<String, u64>,
    /// How many rows there are, where there should be `count`; `None` for reading.
    pub(crate) rows: Option<u64>,
    pub(crate) cost: Cost,
    /// Where requests at once are the limit: which share of what it allows was reached.
    pub(crate) of_bound: Option<f64>,
    /// How many requests were under way at once at most, where that is bounded.
    pub(crate) most_under_way: Option<u64>,
}

impl Measured {
    /// Every answer has its row.
    pub(crate) fn is_whole(&self) -> bool {
        self.rows.is_none_or(|rows| rows == self.count)
    }
}

/// Processor time for one request, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    pub(crate) server_us: f64,
    /// PostgreSQL's.
    pub(crate) database_us: f64,
}

/// What has been used up: nothing is sent twice.
pub(crate) struct Progress {
    runs: u32,
    /// The statuses of all messages from this one on have been told.
    statuses_left: u64,
    strangers: u64,
}

impl Progress {
    pub(crate) fn new(subject: &impl Subject) -> Self {
        Self {
            runs: FIRST_RUN,
            statuses_left: subject.size().messages,
            strangers: 0,
        }
    }

    fn next_run(&mut self) -> u32 {
        self.runs += 1;
        self.runs
    }
}

/// Measures a path.
pub(crate) async fn measure<S: Subject>(
    subject: &S,
    path: Path,
    conditions: &Conditions,
    progress: &mut Progress,
) -> Outcome<Measured> {
    subject.sql().checkpoint().await?;
    conditions.twilio.begin(Duration::ZERO);
    let sends = matches!(path, Path::Send | Path::SendSlow);
    let server = subject.start(&conditions.twilio.url(), sends).await?;
    conditions.twilio.quiet().await;
    let measured = measure_at(&server, subject, path, conditions, progress).await?;
    server.stop().await?;
    Ok(measured)
}

/// Measures a path at a server that is at work.
pub(crate) async fn measure_at<S: Subject>(
    server: &Server,
    subject: &S,
    path: Path,
    conditions: &Conditions,
    progress: &mut Progress,
) -> Outcome<Measured> {
    let measured = match path {
        Path::Send | Path::SendSlow => {
            sending::measure(subject, path, conditions, progress, server).await
        }
        _ => requests::measure(subject, path, conditions, progress, server).await,
    };
    let measured = server.explain(measured)?;
    subject.settle().await?;
    Ok(measured)
}

/// Reads how much processor time a server and its database have taken.
pub(crate) struct Meter {
    server: u32,
    postmaster: Option<u32>,
    before: (Duration, Duration),
}

impl Meter {
    pub(crate) fn start<S: Subject>(subject: &S, server: &Server, conditions: &Conditions) -> Self {
        let postmaster = conditions
            .postmaster
            .filter(|_| subject.sql().is_postgres());
        let mut meter = Self {
            server: server.pid(),
            postmaster,
            before: Default::default(),
        };
        meter.before = meter.read();
        meter
    }

    fn read(&self) -> (Duration, Duration) {
        let database = self.postmaster.map_or(Duration::ZERO, usage::of_tree);
        (usage::of_tree(self.server), database)
    }

    /// What each of so many has cost.
    pub(crate) fn each(&self, count: u64) -> Cost {
        let (server, database) = self.read();
        let each = |after: Duration, before: Duration| {
            after.saturating_sub(before).as_secs_f64() * 1e6 / count.max(1) as f64
        };
        Cost {
            server_us: each(server, self.before.0),
            database_us: each(database, self.before.1),
        }
    }
}

/// Sends for so long over as many connections as the path has.
async fn load(
    server: &Server,
    path: Path,
    feed: Feed,
    pace: Pace,
    length: Duration,
) -> Outcome<Load> {
    send(Plan {
        address: server.address().to_owned(),
        feed,
        pace,
        connections: path.connections(),
        length,
    })
    .await
}
