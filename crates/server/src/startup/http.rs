//! The front door for requests.

use std::net::TcpListener;
use std::time::{Duration, UNIX_EPOCH};

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use api::extract::{CursorKey, TrustedProxies};
use api::limiter::{Limiter, Limits};
use api::state::{Settings, State};
use api::v1::events::Streams;
use api::webhooks::Door;
use auth::{Hasher, Signer};
use events::Feeds;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::error::Error;

/// A server that answers.
pub(super) struct Running {
    handle: ServerHandle,
    closing: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

/// How many threads answer.
pub(super) fn threads(settings: &crate::settings::Settings) -> usize {
    match settings.server.workers {
        0 => api::serve::Options::default().workers,
        workers => workers.into(),
    }
}

/// Starts answering on the listener.
pub(super) fn start(
    parts: &Parts,
    metrics: PrometheusHandle,
    listener: TcpListener,
    patience: Duration,
) -> Result<Running, Error> {
    let address = listener.local_addr().map_err(Error::Runtime)?;
    let options = api::serve::Options {
        workers: threads(&parts.settings),
        shutdown_timeout: patience,
    };
    let closing = CancellationToken::new();
    let state = Data::new(state(parts, metrics, closing.clone())?);
    let server = api::serve::serve(listener, state, options, web::routes)
        .map_err(|source| Error::Listen { address, source })?;
    Ok(Running {
        handle: server.handle(),
        closing,
        task: tokio::spawn(server),
    })
}

fn state(
    parts: &Parts,
    metrics: PrometheusHandle,
    closing: CancellationToken,
) -> Result<State, Error> {
    let limits = Limits {
        requests_per_minute: parts.settings.limits.requests_per_minute.get(),
        logins_per_minute: parts.settings.limits.logins_per_minute.get(),
        signups_per_minute: parts.settings.limits.registrations_per_minute.get(),
    };
    let proxies: Vec<String> = parts.settings.server.trusted_proxies.iter().collect();
    Ok(State {
        db: parts.db.clone(),
        clock: parts.clock.clone(),
        door: Door::new(
            parts.db.clone(),
            parts.clock.clone(),
            parts.bell.clone(),
            parts.retry_policy(),
        ),
        bell: parts.bell.clone(),
        feeds: Feeds::new(parts.db.clone(), parts.bell.clone()),
        streams: Streams::default(),
        closing,
        settings: Settings {
            public_url: parts.public_url.clone(),
            production: parts.settings.environment.is_production(),
            allow_signup: parts.settings.auth.allow_signup,
            trusted_proxies: TrustedProxies::parse(&proxies)?,
            limits,
            retry_policy: parts.retry_policy(),
            terms: parts.terms(),
            build: build(),
        },
        signer: Signer::new(&parts.secrets.jwt_secret)?,
        hasher: Hasher::default(),
        keys: parts.secrets.key_ring.clone(),
        twilio: parts.twilio.clone(),
        store: parts.store.clone(),
        studio: parts.studio.clone(),
        wake: parts.wake.clone(),
        worker_alive: parts.worker_alive.clone(),
        metrics: Some(metrics),
        limiter: Limiter::new(&limits),
        cursor_key: CursorKey::derive(parts.shared_secret()),
    })
}

/// Names this build by its version, size and age: the same on all replicas of one image.
fn build() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let age = file
        .as_ref()
        .ok()
        .and_then(|file| file.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    match (file, age) {
        (Ok(file), Some(age)) => format!("{version}-{:x}-{:x}", file.len(), age.as_secs()),
        _ => version.to_owned(),
    }
}

/// Ends when the server does although nobody asked for it; never if there is none.
pub(super) async fn died(running: &mut Option<Running>) -> Error {
    match running {
        Some(running) => {
            let source = match (&mut running.task).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error),
                Err(error) => Some(std::io::Error::other(error)),
            };
            Error::PartDied {
                part: "HTTP server",
                source,
            }
        }
        None => std::future::pending().await,
    }
}

impl Running {
    /// Closes the port at once, ends event streams and lets requests in flight finish.
    pub(super) async fn stop(self, until: Instant) {
        self.closing.cancel();
        if timeout_at(until, self.handle.stop(true)).await.is_err() {
            tracing::warn!("some requests did not finish in time");
            self.handle.stop(false).await;
        }
    }
}
