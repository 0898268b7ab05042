//! What is written down: medians, ratios, and plainly where something falls short.

mod judge;

use std::fmt::Write;

use crate::data::Size;
use crate::path::{Goal, Path};
use crate::run::Measured;
use crate::subject::Side;
use judge::{Verdict, median, verdict};

/// On what, when and how.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    pub(crate) date: String,
    pub(crate) command: String,
    pub(crate) version: String,
    pub(crate) machine: String,
    pub(crate) postgres: String,
    pub(crate) node: String,
    pub(crate) size: Size,
    pub(crate) runs: usize,
    pub(crate) seconds: u64,
    pub(crate) rate: u32,
    /// Requests a second that the load program sends to a server that does nothing.
    pub(crate) client: f64,
}

impl Circumstances {
    pub(crate) fn shown(&self) -> String {
        let Size {
            tenants,
            conversations,
            messages,
            ..
        } = self.size;
        format!(
            "* {}, `{}`, measured: {}\n* {}\n* {}; SQLite with synchronous = FULL\n* the peer: \
             Node.js {}, two processes\n* {tenants} tenants, {conversations} conversations, \
             {messages} messages\n* each side {} times {} s, in turn; figures are medians\n* the \
             load program alone, against a server that does nothing: {:.0}/s",
            self.date,
            self.command,
            self.version,
            self.machine,
            self.postgres,
            self.node,
            self.runs,
            self.seconds,
            self.client
        )
    }
}

/// All that was measured.
pub(crate) struct Report {
    circumstances: Circumstances,
    all: Vec<Measured>,
}

impl Report {
    pub(crate) fn new(circumstances: Circumstances) -> Self {
        Self {
            circumstances,
            all: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, measured: Measured) {
        self.all.push(measured);
    }

    /// Whether every answer had its row.
    pub(crate) fn is_whole(&self) -> bool {
        self.all.iter().all(Measured::is_whole)
    }

    fn of(&self, path: Path, side: Side) -> Vec<&Measured> {
        let ours = self.all.iter();
        ours.filter(|one| one.path == path && one.side == side)
            .collect()
    }

    fn paths(&self) -> impl Iterator<Item = Path> {
        let measured = |path: &Path| self.all.iter().any(|one| one.path == *path);
        Path::ALL.into_iter().filter(measured)
    }

    /// Ours beside the peer's, and what was wanted.
    pub(crate) fn table(&self) -> String {
        let mut table = "| path | wanted | measured | trunkline | peer | p50 / p99 ms, ours | \
             p50 / p99 ms, peer's | CPU µs each, ours | CPU µs each, peer's | CPU, peer's ÷ ours |\n\
             |---|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
        for path in self.paths() {
            let (ours, peer) = (self.of(path, Side::Ours), self.of(path, Side::Peer));
            let judged = verdict(path.goal(), &ours, &peer);
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                path.title(),
                path.goal().shown(),
                shown(&judged),
                rate(&ours),
                rate(&peer),
                latency(&ours),
                latency(&peer),
                cost(&ours),
                cost(&peer),
                cheaper(&ours, &peer),
            );
        }
        table
    }

    fn sqlite(&self) -> String {
        let mut table =
            "| path | trunkline on SQLite | p50 / p99 ms | CPU µs each |\n|---|---|---|---|\n"
                .to_owned();
        for path in self.paths() {
            let ours = self.of(path, Side::OursOnSqlite);
            if !ours.is_empty() {
                let (rate, latency, cost) = (rate(&ours), latency(&ours), cost(&ours));
                let title = path.title();
                let _ = writeln!(table, "| {title} | {rate} | {latency} | {cost} |");
            }
        }
        table
    }

    /// The whole file.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!(
            "# Results\n\nWritten by `cargo xtask bench`; [README.md](README.md) says what is \
             measured and how to read it.\n\n{}\n\n## Beside the peer, on PostgreSQL\n\n{}\n\
             ## SQLite\n\n{}\n## Every run\n\nIn the order in which they were made.\n\n",
            self.circumstances.shown(),
            self.table(),
            self.sqlite()
        );
        if self.paths().any(|path| path == Path::Steady) {
            let rate = self.circumstances.rate;
            let note = format!("\nThe fixed rate is {rate}/s.\n");
            text = text.replacen("\n## SQLite", &format!("{note}\n## SQLite"), 1);
        }
        for measured in &self.all {
            let _ = writeln!(text, "* {}: {}", measured.path.title(), line(measured));
        }
        text
    }
}

/// One run, in one line.
pub(crate) fn line(measured: &Measured) -> String {
    let mut line = format!("{}: {:.0}/s", measured.side, measured.rate);
    if let Some(latency) = measured.latency {
        let _ = write!(
            line,
            ", p50 {:.1} ms, p99 {:.1} ms, max {:.0} ms",
            latency.p50_ms, latency.p99_ms, latency.max_ms
        );
    }
    let cost = measured.cost;
    let _ = write!(
        line,
        ", CPU {:.0} + {:.0} µs",
        cost.server_us, cost.database_us
    );
    if let Some(share) = measured.of_bound {
        let _ = write!(line, ", {share:.3} of the bound");
    }
    if let Some(most) = measured.most_under_way {
        let _ = write!(line, ", {most} under way at most");
    }
    if let Some(rows) = measured.rows {
        let _ = write!(line, ", {} answered, {rows} rows", measured.count);
        if !measured.is_whole() {
            line.push_str(" **NOT THE SAME**");
        }
    }
    for (why, count) in &measured.failures {
        let _ = write!(line, ", {count} × {why}");
    }
    line
}

fn shown(verdict: &Option<Verdict>) -> String {
    match verdict {
        None => "–".to_owned(),
        Some(verdict) if verdict.holds => verdict.measured.clone(),
        Some(verdict) => format!("**{}, falls short**", verdict.measured),
    }
}

fn rate(runs: &[&Measured]) -> String {
    median(runs.iter().map(|run| run.rate)).map_or("–".into(), |rate| format!("{rate:.0}/s"))
}

fn latency(runs: &[&Measured]) -> String {
    let of = |pick: fn(&crate::load::Latency) -> f64| {
        median(runs.iter().filter_map(|run| run.latency.as_ref().map(pick)))
    };
    match (of(|latency| latency.p50_ms), of(|latency| latency.p99_ms)) {
        (Some(p50), Some(p99)) => format!("{p50:.1} / {p99:.1}"),
        _ => "–".to_owned(),
    }
}

/// The program's and the database's together, and apart.
fn cost(runs: &[&Measured]) -> String {
    let server = median(runs.iter().map(|run| run.cost.server_us));
    let database = median(runs.iter().map(|run| run.cost.database_us));
    match (server, database) {
        (Some(server), Some(0.0)) => format!("{server:.0}"),
        (Some(server), Some(database)) => {
            format!("{:.0} ({server:.0} + {database:.0})", server + database)
        }
        _ => "–".to_owned(),
    }
}

/// How many times as much processor time the peer takes for one.
fn cheaper(ours: &[&Measured], peer: &[&Measured]) -> String {
    let all = |runs: &[&Measured]| {
        median(
            runs.iter()
                .map(|run| run.cost.server_us + run.cost.database_us),
        )
    };
    match (all(ours), all(peer)) {
        (Some(ours), Some(peer)) if ours > 0.0 => format!("{:.2}", peer / ours),
        _ => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests;
