//! Why there is no demo.

use std::io;
use std::path::PathBuf;

/// Why there is no demo. Every message stands alone.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// Somebody else's folder: neither used nor emptied.
    #[error(
        "{} holds something that is no demo (it has no demo.toml), so nothing in it is touched; \
         name another folder with --data", .0.display()
    )]
    NotOurs(PathBuf),
    /// Another demo runs there.
    #[error("another demo runs in {}; end it, or name another folder with --data", .0.display())]
    InUse(PathBuf),
    /// A file can't be read or written.
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    /// The marker isn't what we wrote.
    #[error("{} is damaged; start again with --reset", .0.display())]
    Damaged(PathBuf),
    /// Service or simulator can't be reached.
    #[error("the demo's own service can't be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// The service or the simulator refuses a step of the story.
    #[error("the demo could not be filled: {step} was answered with {status}: {detail}")]
    Step {
        step: String,
        status: u16,
        detail: String,
    },
}
