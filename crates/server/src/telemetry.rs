//! Logs and figures: what the service tells about itself.
//!
//! Log lines go to stderr, so that what a command prints can be piped. Nothing that opens a door
//! is ever logged: no token, no key, no password, and of a customer's texts only ids and lengths.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{MissedTickBehavior, interval};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use crate::settings::{Log, LogFormat};

/// Seconds: from a cached answer to a request that is given up.
const SECONDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// How often counted values are folded together: without it, memory grows.
const UPKEEP: Duration = Duration::from_secs(5);

/// Reads log directives as in `RUST_LOG`.
pub(crate) fn parse_filter(directives: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(directives)
}

/// Starts logging as configured; `RUST_LOG`, where it is set and makes sense, wins over `log.filter`.
///
/// # Errors
/// When logging was started before.
pub(crate) fn init_logs(log: &Log, rust_log: Option<&str>) -> Result<(), TryInitError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let wanted = rust_log.filter(|directives| !directives.trim().is_empty());
    let refused = wanted.and_then(|directives| parse_filter(directives).err());
    let filter = wanted
        .and_then(|directives| parse_filter(directives).ok())
        .or_else(|| parse_filter(&log.filter).ok())
        .unwrap_or_default();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .finish()
            .try_init(),
        LogFormat::Text => lines
            .with_ansi(std::io::stderr().is_terminal())
            .finish()
            .try_init(),
    }?;
    if let Some(error) = refused {
        tracing::warn!(%error, "RUST_LOG can't be read, so log.filter counts");
    }
    Ok(())
}

/// Gathers figures for the whole process, from the first call on; the handle renders them for
/// `GET /metrics`.
///
/// # Errors
/// When something else gathers them already.
pub(crate) fn metrics() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*handle {
        return Ok(handle.clone());
    }
    let installed = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_duration".to_owned()), &SECONDS)?
        .install_recorder()?;
    Ok(handle.insert(installed).clone())
}

/// Folds counted values together, for ever.
pub(crate) async fn upkeep(metrics: PrometheusHandle) {
    let mut ticks = interval(UPKEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}
