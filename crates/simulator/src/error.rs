//! Why a simulator could not start or stop cleanly.

/// What went wrong outside any request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken or not ours: choose another.
    #[error("the simulator could not listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state file can't be read or written: check the path.
    #[error("the simulator's state file could not be read or written")]
    StateFile(#[source] std::io::Error),
    /// The state file is from another version or damaged: remove it.
    #[error("the simulator's state file is not readable by this version")]
    StateFormat(#[source] serde_json::Error),
    /// No HTTP client can be built here, for instance without any CA certificates.
    #[error("the simulator's HTTP client could not be built")]
    HttpClient(#[source] reqwest::Error),
}
