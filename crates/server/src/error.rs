//! Why a command failed, as a sentence for whoever called it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use api::extract::BadProxy;
use auth::token::WeakSecret;
use metrics_exporter_prometheus::BuildError as RecorderError;
use sea_orm::DbErr;
use tracing_subscriber::util::TryInitError;
use twilio::client::BuildError;

use crate::demo::DemoError;
use crate::production::Refusal;
use crate::secrets::SecretsError;
use crate::settings::SettingsError;

/// Why a command failed. Every message stands alone: nothing else is printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}; `trunkline check-config` shows what is in effect")]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("{0}; media.url says where files are kept")]
    Media(#[from] media::OpenError),
    #[error("logging can't be started: {0}")]
    Logs(#[from] TryInitError),
    #[error("counting can't be started: {0}")]
    Metrics(#[from] RecorderError),
    #[error("no threads can be started: {0}")]
    Runtime(#[source] io::Error),
    #[error("a thread died")]
    Thread,
    #[error("database.url ({url}): {source}")]
    Connect {
        /// Masked.
        url: String,
        source: db::ConnectError,
    },
    #[error("the database schema can't be brought up: {0}")]
    Migration(#[source] DbErr),
    #[error("the database did not answer as it should: {0}")]
    Database(#[from] DbErr),
    #[error("the lock file {path} can't be used: {source}")]
    LockFile { path: PathBuf, source: io::Error },
    #[error("server.public_url must be set for a worker whose server.bind has port 0")]
    NoPublicUrl,
    #[error("twilio.api_base_url: {}", with_cause(.0))]
    TwilioClient(#[from] BuildError),
    #[error("server.trusted_proxies: {0}")]
    Proxies(#[from] BadProxy),
    #[error(transparent)]
    WeakSecret(#[from] WeakSecret),
    #[error("the {part} ended by itself{}", .source.as_ref().map(|e| format!(": {e}")).unwrap_or_default())]
    PartDied {
        part: &'static str,
        source: Option<io::Error>,
    },
    #[error("the OpenAPI document can't be printed: {0}")]
    Document(#[source] serde_json::Error),
    #[error("{}", account(.0))]
    Account(#[from] auth::Error),
    #[error("nobody has the e-mail address {0}")]
    UnknownUser(String),
    #[error(
        "{remaining} channels are still sealed under another key: {failed} could not be opened \
         (the log names them), the others were changed meanwhile; run it again"
    )]
    Unsealed { remaining: u64, failed: u64 },
    #[error("the configuration can't be printed: {0}")]
    Print(#[from] toml::ser::Error),
    #[error("no service is alive at {address}: {answer}")]
    Unhealthy { address: SocketAddr, answer: String },
    #[error("{}", with_cause(.0))]
    Simulator(#[from] simulator::Error),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error("server.bind: {address} can't be listened on: {source}; port 0 takes any free one")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
}

/// The mistakes in what was typed, or what else is wrong.
fn account(error: &auth::Error) -> String {
    match error {
        auth::Error::Invalid(fields) => {
            let mistakes = fields
                .iter()
                .map(|mistake| format!("{} {}", mistake.field, mistake.problem));
            mistakes.collect::<Vec<_>>().join("; ")
        }
        error => with_cause(error),
    }
}

/// For errors whose own words don't say what they come from.
fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
