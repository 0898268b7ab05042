//! What can be asked for.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::data::Size;
use crate::path::Path;

/// The load program. `cargo xtask bench` calls it with all that it needs.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sets a PostgreSQL to be measured on: durable, and with memory. It takes a restart.
    Configure {
        /// Its URL, of a role that may do everything.
        #[arg(long)]
        postgres: String,
    },
    /// Measures.
    Run(Box<Options>),
    /// Measures ours alone, with little and with much in the database.
    Growth(Box<Growth>),
}

/// What every measurement is told.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Common {
    /// PostgreSQL, by the URL of a role that may make databases.
    #[arg(long)]
    pub(crate) postgres: String,
    /// The program `trunkline` to measure.
    #[arg(long)]
    pub(crate) trunkline: PathBuf,
    /// Where the results are written.
    #[arg(long)]
    pub(crate) results: PathBuf,
    /// How the command is written there.
    #[arg(long, default_value = "trunkline-bench")]
    pub(crate) called: String,
    /// What has been measured, as the results name it: a commit.
    #[arg(long, default_value = "unknown")]
    pub(crate) version_measured: String,
}

/// How growth is measured.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Growth {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Little data and short runs: shows that everything works, and no figures worth keeping.
    #[arg(long)]
    quick: bool,
    /// Only so many of the sizes, the smallest first.
    #[arg(long)]
    steps: Option<usize>,
    /// How long one measurement takes.
    #[arg(long)]
    seconds: Option<u64>,
    /// Texts in the queue that one measurement of sending empties.
    #[arg(long)]
    texts: Option<u64>,
    /// On SQLite too, the largest size aside.
    #[arg(long)]
    pub(crate) sqlite: bool,
}

impl Growth {
    pub(crate) fn sizes(&self) -> Vec<Size> {
        let sizes = if self.quick {
            Size::GROWING_QUICKLY.to_vec()
        } else {
            Size::GROWING.to_vec()
        };
        let steps = self.steps.unwrap_or(sizes.len());
        sizes.into_iter().take(steps.max(1)).collect()
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
            .unwrap_or(if self.quick { 2 } else { 8 })
            .max(1)
    }

    pub(crate) fn texts(&self) -> u64 {
        self.texts
            .unwrap_or(if self.quick { 2_000 } else { 20_000 })
            .max(1)
    }
}

/// What is measured, and on what.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The peer's folder, its packages installed.
    #[arg(long)]
    pub(crate) peer: PathBuf,

    /// Little data and short runs: shows that everything works, and no figures worth keeping.
    #[arg(long)]
    quick: bool,
    /// Businesses, each with one number.
    #[arg(long)]
    tenants: Option<u64>,
    /// Conversations of all businesses together.
    #[arg(long)]
    conversations: Option<u64>,
    /// Messages in all of them.
    #[arg(long)]
    messages: Option<u64>,
    /// How often each path is measured on each side.
    #[arg(long)]
    runs: Option<usize>,
    /// How long one measurement takes.
    #[arg(long)]
    seconds: Option<u64>,
    /// Texts in the queue that one measurement of sending empties.
    #[arg(long)]
    texts: Option<u64>,
    /// Requests a second of the path `steady`.
    #[arg(long)]
    rate: Option<u32>,
    /// Leaves SQLite out.
    #[arg(long)]
    pub(crate) no_sqlite: bool,
    /// Leaves the peer out.
    #[arg(long)]
    pub(crate) no_peer: bool,
    /// Which paths; all of them where none is named.
    #[arg(value_enum)]
    paths: Vec<Path>,
}

impl Options {
    pub(crate) fn size(&self) -> Size {
        let usual = if self.quick { Size::QUICK } else { Size::USUAL };
        let tenants = self.tenants.unwrap_or(usual.tenants);
        Size {
            tenants,
            conversations: self.conversations.unwrap_or(usual.conversations),
            messages: self.messages.unwrap_or(usual.messages),
            large: tenants,
            ..usual
        }
    }

    pub(crate) fn paths(&self) -> &[Path] {
        match self.paths.as_slice() {
            [] => &Path::ALL,
            some => some,
        }
    }

    pub(crate) fn runs(&self) -> usize {
        self.runs.unwrap_or(if self.quick { 1 } else { 3 }).max(1)
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
            .unwrap_or(if self.quick { 2 } else { 10 })
            .max(1)
    }

    pub(crate) fn texts(&self) -> u64 {
        self.texts
            .unwrap_or(if self.quick { 2_000 } else { 40_000 })
            .max(1)
    }

    pub(crate) fn rate(&self) -> u32 {
        self.rate
            .unwrap_or(if self.quick { 200 } else { 1_500 })
            .max(1)
    }
}
