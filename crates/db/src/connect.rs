//! Pools and per-connection settings for each of the two databases.

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database};
use url::Url;

use crate::{ConnectError, Db};

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://path/to/file.db` (relative to the working folder) or `postgres://…`.
    pub url: String,
    /// Connections of the pool. Small pools beat large ones: about 8.
    pub max_connections: u32,
    /// How long a request waits for a connection before the database counts as away.
    pub acquire_timeout: Duration,
}

impl Options {
    /// The defaults for a URL: 8 connections, 1.5 s to get one (a webhook is answered within 2 s).
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            acquire_timeout: Duration::from_millis(1500),
        }
    }
}

impl Db {
    /// Connects; for SQLite the file and its folder are made if they are not there.
    ///
    /// # Errors
    /// When the URL is of neither kind, the folder can't be made or the database can't be reached.
    pub async fn connect(options: &Options) -> Result<Self, ConnectError> {
        if let Some(path) = sqlite_path(&options.url) {
            return sqlite(options, path).await;
        }
        match Url::parse(&options.url) {
            Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") => postgres(options).await,
            _ => Err(ConnectError::UnknownScheme),
        }
    }
}

/// The file behind a `sqlite://` URL; `None` for any other URL.
#[must_use]
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    (!path.is_empty()).then(|| PathBuf::from(path))
}

async fn sqlite(options: &Options, path: PathBuf) -> Result<Db, ConnectError> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|source| ConnectError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
    }
    let url = format!("sqlite://{}", path.display());
    // The writer comes first: it makes the file and switches it to WAL, which readers rely on.
    let writer = Database::connect(sqlite_pool(options, &url, 1)).await?;
    let reader = Database::connect(sqlite_pool(options, &url, options.max_connections)).await?;
    Ok(Db { writer, reader })
}

fn sqlite_pool(options: &Options, url: &str, connections: u32) -> ConnectOptions {
    let mut pool = base(options, url, connections);
    pool.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_mode", "WAL")
            // An answered text must outlive a power cut, which NORMAL does not promise in WAL mode.
            .pragma("synchronous", "FULL")
    });
    pool
}

async fn postgres(options: &Options) -> Result<Db, ConnectError> {
    let mut pool = base(options, &options.url, options.max_connections);
    pool.set_application_name("trunkline")
        // A statement that outlives the caller's patience only holds locks.
        .statement_timeout(Duration::from_secs(10));
    let pool = Database::connect(pool).await?;
    Ok(Db {
        writer: pool.clone(),
        reader: pool,
    })
}

fn base(options: &Options, url: &str, connections: u32) -> ConnectOptions {
    let mut pool = ConnectOptions::new(url);
    pool.max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .connect_timeout(options.acquire_timeout)
        .sqlx_logging(false);
    pool
}
