//! `GROWTH.md`.

use std::fmt::Write;

use super::lists::MOST_ROWS;
use super::{Grown, PATHS};
use crate::outcome::Outcome;
use crate::path::Path;
use crate::run::Measured;

/// From so many times the cost at the smallest size on, a path is said to grow.
const GROWS: f64 = 1.25;

/// All sizes so far.
pub(super) struct Report {
    circumstances: Vec<String>,
    all: Vec<Grown>,
}

impl Report {
    pub(super) fn new(circumstances: Vec<String>) -> Self {
        Self {
            circumstances,
            all: Vec::new(),
        }
    }

    pub(super) fn begin(&mut self, grown: Grown) {
        self.all.push(grown);
    }

    pub(super) fn latest(&mut self) -> Outcome<&mut Grown> {
        self.all
            .last_mut()
            .ok_or_else(|| "nothing has begun".into())
    }

    /// Whether every answer had its row, and no list read more than it may.
    pub(super) fn holds(&self) -> bool {
        let answers = |grown: &Grown| {
            let mut measured = grown.measured.iter();
            measured.all(|one| one.is_whole() && one.failures.is_empty())
        };
        let lists = |grown: &Grown| grown.lists.iter().all(super::Listed::holds);
        self.all.iter().all(|grown| answers(grown) && lists(grown))
    }

    fn of(&self, is_postgres: bool) -> Vec<&Grown> {
        let all = self.all.iter();
        all.filter(|grown| grown.is_postgres == is_postgres)
            .collect()
    }

    pub(super) fn tables(&self) -> String {
        let mut text = String::new();
        for (title, is_postgres) in [("PostgreSQL", true), ("SQLite", false)] {
            let all = self.of(is_postgres);
            if !all.is_empty() {
                let _ = write!(
                    text,
                    "## {title}: processor time for each request, µs\n\n{}\n{}\n\
                     ## {title}: requests a second\n\n{}\n## {title}: at rest\n\n{}\n",
                    table(&all, cost),
                    growing(&all),
                    table(&all, rate),
                    rest(&all),
                );
            }
        }
        text
    }

    /// The whole file.
    pub(super) fn markdown(&self) -> String {
        let mut text =
            "# Growth\n\nWritten by `cargo xtask bench growth`; [README.md](README.md) says what \
             is measured, [docs/scaling.md](../docs/scaling.md) what follows from it.\n\n"
                .to_owned();
        for line in &self.circumstances {
            let _ = writeln!(text, "* {line}");
        }
        let _ = write!(text, "\n{}", self.tables());
        for grown in self.all.iter().filter(|grown| !grown.lists.is_empty()) {
            text.push_str(&lists(grown));
        }
        text.push_str("## Every run\n\n");
        for grown in &self.all {
            for measured in &grown.measured {
                let line = crate::report::line(measured);
                let _ = writeln!(text, "* {}, {}: {line}", title(grown), short(measured.path));
            }
        }
        text
    }
}

/// A path in a word or two.
pub(super) fn short(path: Path) -> &'static str {
    match path {
        Path::Inbound => "inbound",
        Path::Status => "status",
        Path::Send => "send",
        Path::Conversations => "conversations",
        Path::Messages => "messages",
        Path::Poll => "poll",
        other => other.title(),
    }
}

fn title(grown: &Grown) -> String {
    let size = grown.size;
    format!(
        "{} tenants / {} messages",
        round(size.tenants),
        round(size.messages)
    )
}

fn round(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => format!("{} thousand", number / 1_000),
        _ => format!("{} million", number as f64 / 1e6),
    }
}

/// Paths down, sizes across.
fn table(all: &[&Grown], show: fn(&Measured) -> String) -> String {
    let mut text = "| path |".to_owned();
    for grown in all {
        let _ = write!(text, " {} |", title(grown));
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(all.len()));
    for path in PATHS {
        let _ = write!(text, "| {} |", short(path));
        for grown in all {
            let found = find(grown, path).map_or_else(|| "–".to_owned(), show);
            let _ = write!(text, " {found} |");
        }
        text.push('\n');
    }
    text
}

fn find(grown: &Grown, path: Path) -> Option<&Measured> {
    grown.measured.iter().find(|one| one.path == path)
}

fn total(one: &Measured) -> f64 {
    one.cost.server_us + one.cost.database_us
}

fn cost(one: &Measured) -> String {
    let cost = one.cost;
    if cost.database_us == 0.0 {
        return format!("{:.0}", cost.server_us);
    }
    format!(
        "{:.0} ({:.0} + {:.0})",
        total(one),
        cost.server_us,
        cost.database_us
    )
}

fn rate(one: &Measured) -> String {
    let mut text = format!("{:.0}", one.rate);
    if let Some(latency) = one.latency {
        let _ = write!(text, ", p99 {:.1} ms", latency.p99_ms);
    }
    if !one.is_whole() || !one.failures.is_empty() {
        text.push_str(" **with failures**");
    }
    text
}

/// The largest size beside the smallest.
fn growing(all: &[&Grown]) -> String {
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        return String::new();
    };
    let times = PATHS.into_iter().filter_map(|path| {
        let (first, last) = (find(first, path)?, find(last, path)?);
        Some((path, total(last) / total(first)))
    });
    let mut text = format!(
        "In brackets the program's and PostgreSQL's. {} beside {}: ",
        title(last),
        title(first)
    );
    let times: Vec<_> = times
        .map(|(path, times)| {
            let mark = if times >= GROWS { ", **grows**" } else { "" };
            format!("{} {times:.2} times{mark}", short(path))
        })
        .collect();
    text.push_str(&times.join("; "));
    text.push_str(".\n");
    text
}

fn rest(all: &[&Grown]) -> String {
    let mut text = "| size | on disk | until `/readyz` | memory then | accounts' lists looked through after the \
         start | at rest, CPU ms a second | memory at rest | memory after the runs |\n\
         |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for grown in all {
        let rest = &grown.rest;
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} ms | {} MB | {} in {:.1} s, {:.0} + {:.0} µs each | {:.1} + {:.1} | {} MB \
             | {} MB |",
            title(grown),
            disk(grown),
            rest.ready.as_secs_f64() * 1e3,
            rest.memory_ready,
            rest.accounts,
            rest.looked.as_secs_f64(),
            rest.look.server_us,
            rest.look.database_us,
            rest.idle.server_us / 1e3,
            rest.idle.database_us / 1e3,
            rest.memory,
            grown.memory_after
        );
    }
    text
}

fn disk(grown: &Grown) -> String {
    match grown.disk_mb {
        0 => "–".to_owned(),
        mb => format!("{mb} MB"),
    }
}

fn lists(grown: &Grown) -> String {
    let mut text = format!(
        "## Lists with {}, {} conversations\n\nWhat PostgreSQL says of the statements of one request: the most \
         of several, of the first and the second page. At most {MOST_ROWS} rows \
         (counts, which stop at 1,000 each, as many for each), and no large table whole.\n\n\
         | list | rows shown | statements | rows read | pages of 8 KiB | by |\n|---|---|---|---|---|---|\n",
        title(grown),
        round(grown.size.conversations)
    );
    for list in &grown.lists {
        let by: Vec<_> = list.by.iter().map(|by| format!("`{by}`")).collect();
        let mut by = by.join(", ");
        for table in &list.whole {
            let _ = write!(by, " **all of {table}**");
        }
        let rows = match list.reads_too_much() {
            true => format!("**{}**", list.rows),
            false => list.rows.to_string(),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {rows} | {} | {by} |",
            list.path, list.shown, list.statements, list.blocks
        );
    }
    text.push('\n');
    text
}
