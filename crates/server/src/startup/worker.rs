//! The worker's place in this process.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use worker::Worker;

use super::Parts;
use crate::error::Error;
use crate::settings::Settings;

/// A worker that takes work.
pub(super) struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// Starts taking work.
///
/// On PostgreSQL it gets connections of its own: those opened on a thread of the HTTP server end
/// with that thread, which would tear a send apart that the worker is just finishing.
pub(super) async fn start(parts: &Parts) -> Result<Running, Error> {
    let stop = CancellationToken::new();
    let db = match parts.settings.database.url.sqlite_file() {
        Some(_) => parts.db.clone(),
        None => super::connect(&parts.settings).await?,
    };
    let queue = &parts.settings.queue;
    let worker = Worker {
        db,
        clock: parts.clock.clone(),
        bell: parts.bell.clone(),
        keys: Arc::new(parts.secrets.key_ring.clone()),
        twilio: parts.twilio.clone(),
        public_url: parts.public_url.clone(),
        store: parts.store.clone(),
        studio: parts.studio.clone(),
        links: parts.links(),
        keep_media: keep_media(&parts.settings),
        policy: parts.retry_policy(),
        wake: parts.wake.clone(),
        alive: parts.worker_alive.clone(),
        concurrency: queue.concurrency.get().into(),
        account_concurrency: queue.account_concurrency.get().into(),
        lease: Duration::from_secs(queue.lease_seconds.get().into()),
        catch_up: Duration::from_secs(parts.settings.twilio.catch_up_seconds.get().into()),
    };
    let task = tokio::spawn(worker.run(stop.clone()));
    Ok(Running { stop, task })
}

fn keep_media(settings: &Settings) -> Option<TimeDelta> {
    let days = settings.media.keep_days;
    (days > 0).then(|| TimeDelta::days(days.into()))
}

/// Ends when the worker does although nobody asked for it; never if there is none.
pub(super) async fn died(running: &mut Option<Running>) -> Error {
    match running {
        Some(running) => {
            let source = (&mut running.task).await.err().map(std::io::Error::other);
            Error::PartDied {
                part: "worker",
                source,
            }
        }
        None => std::future::pending().await,
    }
}

impl Running {
    /// Takes nothing more and finishes what is in hand. What doesn't finish in time is taken up
    /// by another worker once its lease has run out.
    pub(super) async fn stop(self, until: Instant) {
        self.stop.cancel();
        if timeout_at(until, self.task).await.is_err() {
            tracing::warn!("some work did not finish in time; its lease will run out");
        }
    }
}
