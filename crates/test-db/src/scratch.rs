//! Databases that go away with the value that stands for them.

use db::Db;
use tempfile::TempDir;

use crate::{Backend, Error, options, postgres::Database};

/// A database of one test, to which nobody is connected yet; removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    url: String,
    place: Place,
}

/// What the drop removes.
#[derive(Debug)]
enum Place {
    Folder {
        _folder: TempDir,
    },
    Server {
        _database: Database,
    },
    /// It is somebody else's to remove.
    Elsewhere(Backend),
}

impl Scratch {
    /// A database without any table, for tests of the migrations or of a program's first start.
    ///
    /// # Errors
    /// When it can't be made.
    pub async fn blank(backend: Backend) -> Result<Self, Error> {
        match backend {
            Backend::Sqlite => Self::folder(),
            Backend::Postgres => Database::blank().await.map(Self::server),
        }
    }

    /// A database with every table and no rows.
    ///
    /// # Errors
    /// When it can't be made or the migrations fail.
    pub async fn migrated(backend: Backend) -> Result<Self, Error> {
        match backend {
            Backend::Sqlite => {
                let scratch = Self::folder()?;
                migrate(&scratch.url).await?;
                Ok(scratch)
            }
            Backend::Postgres => Database::migrated().await.map(Self::server),
        }
    }

    /// A database that the caller has made and will remove: on a server of its own, say.
    #[must_use]
    pub fn elsewhere(backend: Backend, url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            place: Place::Elsewhere(backend),
        }
    }

    /// `sqlite://…` or `postgres://…`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Which of the two this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.place {
            Place::Folder { .. } => Backend::Sqlite,
            Place::Server { .. } => Backend::Postgres,
            Place::Elsewhere(backend) => backend,
        }
    }

    fn folder() -> Result<Self, Error> {
        let folder = TempDir::with_prefix("test-db-").map_err(Error::Folder)?;
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Ok(Self {
            url,
            place: Place::Folder { _folder: folder },
        })
    }

    fn server(database: Database) -> Self {
        Self {
            url: database.url(),
            place: Place::Server {
                _database: database,
            },
        }
    }
}

/// Brings a database up to the schema of today, and leaves no connection to it.
pub(crate) async fn migrate(url: &str) -> Result<(), Error> {
    let db = Db::connect(&options(url)).await?;
    let migrated = migrations::up(db.writer()).await;
    db.close().await?;
    Ok(migrated?)
}
