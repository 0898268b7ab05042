use std::{error::Error as _, io};

/// Why a test has no database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No PostgreSQL server could be found or started.
    #[error("there is no PostgreSQL server")]
    Server(#[from] test_postgres::Error),
    /// `TEST_DATABASE_URL` is not a URL.
    #[error("TEST_DATABASE_URL is not a URL")]
    Url(#[from] url::ParseError),
    /// The folder of a SQLite file could not be made.
    #[error("the folder for the database can't be made")]
    Folder(#[source] io::Error),
    /// The new database let nobody in.
    #[error(transparent)]
    Connect(#[from] db::ConnectError),
    /// The database was not made or not migrated.
    #[error("the database can't be prepared")]
    Prepare(#[from] sea_orm::DbErr),
}

/// The error with all its causes, on one line.
pub(crate) fn chain(error: &Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}
