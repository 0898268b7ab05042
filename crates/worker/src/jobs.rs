//! What a worker does: one job per file. Sending waits in the queue's lanes; the others come
//! round by the clock, and [`repeat`] runs them.

mod catch_up;
mod fetch_media;
mod forget;
mod import_leads;
mod index_search;
mod send_message;
mod tidy_media;
mod wake_snoozed;
mod watch_queue;

use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbErr;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

pub(crate) use catch_up::CatchUp;
pub(crate) use fetch_media::{Errand, FetchMedia};
pub(crate) use forget::Forget;
pub(crate) use import_leads::ImportLeads;
pub(crate) use index_search::IndexSearch;
pub(crate) use send_message::SendMessage;
pub(crate) use tidy_media::TidyMedia;
pub(crate) use wake_snoozed::WakeSnoozed;
pub(crate) use watch_queue::WatchQueue;

/// Work that comes round by the clock.
pub(crate) trait Job: Send + Sync + 'static {
    /// What the log calls it.
    const NAME: &'static str;
    /// How long to wait between two rounds.
    const EVERY: Duration;

    /// One round, bounded in what it takes on.
    ///
    /// # Errors
    /// When the database is away; the next round makes up for it.
    fn round(&self) -> impl Future<Output = Result<Round, DbErr>> + Send;
}

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// There is nothing left to do.
    Done,
    /// There is more, so the next round follows at once.
    More,
}

/// Runs a job's rounds until `stop`. Neither an error nor a panic ends more than its round.
pub(crate) async fn repeat<J: Job>(job: J, stop: CancellationToken) {
    let job = Arc::new(job);
    while !stop.is_cancelled() {
        let round = Arc::clone(&job);
        let pause = match tokio::spawn(async move { round.round().await }).await {
            Ok(Ok(Round::More)) => Duration::ZERO,
            Ok(Ok(Round::Done)) => J::EVERY,
            Ok(Err(error)) => {
                failed::<J>(&error);
                J::EVERY
            }
            Err(error) => {
                panicked::<J>(&error);
                J::EVERY
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

fn failed<J: Job>(error: &DbErr) {
    let source = error as &dyn std::error::Error;
    if db::is_unavailable(error) {
        tracing::warn!(
            job.name = J::NAME,
            error = source,
            "The database is away; a job waits"
        );
    } else {
        tracing::error!(
            job.name = J::NAME,
            error = source,
            "A job failed; it is tried again"
        );
    }
}

fn panicked<J: Job>(error: &JoinError) {
    let source = error as &dyn std::error::Error;
    tracing::error!(
        job.name = J::NAME,
        error = source,
        "A job panicked; it is tried again"
    );
}
