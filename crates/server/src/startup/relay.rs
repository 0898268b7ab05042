//! Between this process and the others: what one writes is followed at all.

use events::{Bell, Relay};
use secrecy::SecretString;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::settings::Settings;

/// A relay that carries.
pub(super) struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// A bell that is heard by other processes, where there may be any.
pub(super) fn bell(settings: &Settings) -> Bell {
    match settings.database.url.sqlite_file() {
        Some(_) => Bell::default(),
        None => Bell::heard_afar(),
    }
}

/// Starts carrying.
pub(super) fn start(parts: &Parts) -> Running {
    let url = &parts.settings.database.url;
    let relay = Relay {
        db: parts.db.clone(),
        bell: parts.bell.clone(),
        url: match url.sqlite_file() {
            Some(_) => None,
            None => Some(SecretString::from(url.expose())),
        },
    };
    let stop = CancellationToken::new();
    let task = tokio::spawn(relay.run(stop.clone()));
    Running { stop, task }
}

impl Running {
    /// Ends it; what it has not carried yet, others find.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.task.await.ok();
    }
}
