//! What all handlers and tasks share: the memory, the HTTP client, the runtime they run on.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{runtime::Handle, sync::Notify, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{error::Error, state::State, webhook::Clients};

/// How long changes are gathered before the file is written.
const SAVE_AFTER: Duration = Duration::from_millis(300);

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Notify,
    file: Option<PathBuf>,
    clients: Clients,
    runtime: Handle,
    tasks: TaskTracker,
    stop: CancellationToken,
    url: String,
    cdn_url: String,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("url", &self.0.url)
            .finish_non_exhaustive()
    }
}

impl App {
    pub(crate) fn new(
        state: State,
        file: Option<PathBuf>,
        url: String,
        cdn_url: String,
    ) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            state: Mutex::new(state),
            changed: Notify::new(),
            file,
            clients: Clients::new()?,
            runtime: Handle::current(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            url,
            cdn_url,
        })))
    }

    /// Where the simulator is reached, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    pub(crate) fn cdn_url(&self) -> &str {
        &self.0.cdn_url
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.0.clients
    }

    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// Reads the memory. Never hold the guard across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the memory, which will be saved soon.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.0.changed.notify_one();
        result
    }

    /// Runs on the runtime that started the simulator, until done or until the simulator stops:
    /// a server worker's own runtime would drop it on shutdown at a random place.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let stop = self.0.stop.clone();
        self.0.tasks.spawn_on(
            async move { stop.run_until_cancelled(future).await },
            &self.0.runtime,
        )
    }

    /// Ends the tasks and writes the file a last time.
    pub(crate) async fn finish(&self) -> Result<(), Error> {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.save().await
    }

    /// Writes the file after each burst of changes, for ever.
    pub(crate) async fn keep_saved(self) {
        loop {
            self.0.changed.notified().await;
            tokio::time::sleep(SAVE_AFTER).await;
            if let Err(error) = self.save().await {
                tracing::error!(%error, "the simulator's state could not be saved");
            }
        }
    }

    async fn save(&self) -> Result<(), Error> {
        let Some(file) = self.0.file.clone() else {
            return Ok(());
        };
        let json = serde_json::to_vec(&*self.state()).map_err(Error::StateFormat)?;
        tokio::task::spawn_blocking(move || write_atomically(&file, &json))
            .await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(Error::StateFile)
    }
}

/// A reader sees the old file or the new one, never half of one.
fn write_atomically(file: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = file.with_extension("tmp");
    std::fs::write(&fresh, content)?;
    std::fs::rename(&fresh, file)
}

/// The saved memory; an empty one if there is no file yet.
pub(crate) async fn load(file: Option<&Path>) -> Result<State, Error> {
    let Some(file) = file else {
        return Ok(State::default());
    };
    match tokio::fs::read(file).await {
        Ok(json) => serde_json::from_slice(&json)
            .map(State::restored)
            .map_err(Error::StateFormat),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(State::default()),
        Err(error) => Err(Error::StateFile(error)),
    }
}
