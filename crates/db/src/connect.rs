//! Pools and per-connection settings for each of the two databases.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DbErr, RuntimeErr, SqlxError};
use url::Url;

use crate::{ConnectError, Db};

/// How long PostgreSQL waits for the next statement of a transaction. A replica that is frozen in
/// the middle of one (a machine that is moved, a process that is held) keeps its locks, and with
/// them a whole tenant waits; nothing of ours pauses for longer than it takes to think.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(5);

/// How many statements a connection keeps planned: batches have one for each size, and planning them
/// costs more than running them.
const PLANNED: usize = 256;

/// For how long a connection counts as alive after it was used. The pool asks whenever one comes back; to
/// ask again when it is taken is another round trip for each statement, and a database that has gone takes
/// longer than this to come again.
const UNTESTED: Duration = Duration::from_secs(1);

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://path/to/file.db` (relative to the working folder) or `postgres://…`.
    pub url: String,
    /// Connections of the pool. Small pools beat large ones: about 8.
    pub max_connections: u32,
    /// How many threads will be at home ([`crate::home`]). They share half of the connections, if there is
    /// one for each; SQLite's have no runtime, and are shared by all.
    pub at_home: u32,
    /// How long a request waits for a connection before the database counts as away.
    pub acquire_timeout: Duration,
    /// How long PostgreSQL works at one statement at most; without it, as long as it takes. SQLite
    /// knows no such limit.
    pub statement_timeout: Option<Duration>,
}

impl Options {
    /// The defaults for a URL: 8 connections, 1.5 s to get one (a webhook is answered within 2 s),
    /// and 10 s for a statement: one that outlives the caller's patience only holds locks.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            at_home: 0,
            acquire_timeout: Duration::from_millis(1500),
            statement_timeout: Some(Duration::from_secs(10)),
        }
    }
}

impl Db {
    /// Connects; for SQLite the file and its folder are made if they are not there, and nobody else
    /// on the machine may look into them: they hold what customers write.
    ///
    /// # Errors
    /// When the URL is of neither kind, the file can't be made or the database can't be reached.
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

/// Makes a folder, and those above it, that only its owner may enter. One that is there stays as
/// it is.
///
/// # Errors
/// What the operating system says.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// SQLite takes an empty file for a new database, and gives the files beside it the same rights.
fn private_file(file: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn sqlite(options: &Options, path: PathBuf) -> Result<Db, ConnectError> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        private_folder(folder).map_err(|source| ConnectError::Folder {
            folder: folder.to_owned(),
            source,
        })?;
    }
    private_file(&path).map_err(|source| ConnectError::File {
        file: path.clone(),
        source,
    })?;
    let url = format!("sqlite://{}", path.display());
    // The writer comes first: it makes the file and switches it to WAL, which readers rely on.
    let writer = Database::connect(sqlite_pool(options, &url, 1)).await?;
    let reader = Database::connect(sqlite_pool(options, &url, options.max_connections)).await?;
    Ok(Db {
        writer,
        reader,
        at_home: Arc::default(),
        connections: options.max_connections,
    })
}

fn sqlite_pool(options: &Options, url: &str, connections: u32) -> ConnectOptions {
    let mut pool = base(options, url, connections);
    pool.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .statement_cache_capacity(PLANNED)
            .pragma("journal_mode", "WAL")
            // An answered text must outlive a power cut, which NORMAL does not promise in WAL mode.
            .pragma("synchronous", "FULL")
    });
    pool
}

async fn postgres(options: &Options) -> Result<Db, ConnectError> {
    let each = (options.max_connections / 2)
        .checked_div(options.at_home)
        .unwrap_or(0);
    let common = options.max_connections - each * options.at_home;
    let mut pool = base(options, &options.url, common);
    pool.set_application_name("trunkline");
    // One that has no limit may also pause: it is nobody's request.
    let idle = options.statement_timeout.map(|limit| {
        pool.statement_timeout(limit);
        IDLE_IN_TRANSACTION.as_millis().to_string()
    });
    pool.map_sqlx_postgres_opts(move |server| {
        let server = server.statement_cache_capacity(PLANNED);
        match &idle {
            Some(idle) => server.options([("idle_in_transaction_session_timeout", idle.as_str())]),
            None => server,
        }
    });
    let mut at_home = Vec::new();
    let threads = if each > 0 { options.at_home } else { 0 };
    for _ in 0..threads {
        let mut own = pool.clone();
        // Each is opened by the thread that asks for it.
        own.max_connections(each).connect_lazy(true);
        at_home.push(Database::connect(own).await?);
    }
    let pool = Database::connect(pool)
        .await
        .map_err(|error| no_answer(error, options.acquire_timeout))?;
    Ok(Db {
        writer: pool.clone(),
        reader: pool,
        at_home: at_home.into(),
        connections: options.max_connections,
    })
}

/// A pool keeps knocking at a closed door until its time is up, and then says only that.
fn no_answer(error: DbErr, waited: Duration) -> ConnectError {
    match &error {
        DbErr::ConnectionAcquire(_) => ConnectError::NoAnswer { waited },
        DbErr::Conn(RuntimeErr::SqlxError(source))
            if matches!(**source, SqlxError::PoolTimedOut) =>
        {
            ConnectError::NoAnswer { waited }
        }
        _ => ConnectError::Database(error),
    }
}

fn base(options: &Options, url: &str, connections: u32) -> ConnectOptions {
    let mut pool = ConnectOptions::new(url);
    pool.max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .connect_timeout(options.acquire_timeout)
        .test_before_acquire_if_idle_for(UNTESTED)
        .sqlx_logging(false);
    pool
}

#[cfg(test)]
mod tests;
