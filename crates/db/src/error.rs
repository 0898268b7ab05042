//! What a database error means for the caller.

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxError};

/// Why no connection could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is neither `sqlite://…` nor `postgres://…`.
    #[error("database.url must begin with sqlite:// or postgres://")]
    UnknownScheme,
    /// The folder of the SQLite file can't be made.
    #[error("the folder {folder} for the database can't be made: {source}")]
    Folder {
        /// The folder that was to be made.
        folder: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The SQLite file can't be made.
    #[error("the database file {file} can't be made: {source}")]
    File {
        /// The file that was to be made.
        file: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Nothing listens there, or nobody lets us in.
    #[error(
        "no answer came within {} s from the server that database.url names; is it running, and \
         are host and port right?",
        .waited.as_secs_f64()
    )]
    NoAnswer {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The database did not let us in.
    #[error("the database can't be reached: {0}")]
    Database(#[from] DbErr),
}

/// Whether the database is away or too busy to answer, so that trying again later may work.
///
/// Everything else is a mistake of ours or a broken constraint.
#[must_use]
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => driver_is_unavailable(source),
        _ => false,
    }
}

fn driver_is_unavailable(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed
        | SqlxError::Protocol(_) => true,
        SqlxError::Database(database) => database.code().is_some_and(|code| {
            // PostgreSQL: 08 connection, 53 resources, 55P03 lock, 57 operator intervention,
            // 40 serialization and deadlock, 25P02 aborted, 25006 read-only (a standby).
            // SQLite: 5 busy and 6 locked with their extended codes, 10 disk I/O, 13 disk full.
            ["08", "53", "57", "40"]
                .iter()
                .any(|class| code.len() == 5 && code.starts_with(class))
                || matches!(&*code, "55P03" | "25006" | "25P02")
                || code.parse::<u32>().is_ok_and(|code| {
                    code.to_string().len() < 5 && matches!(code & 0xff, 5 | 6 | 10 | 13)
                })
        }),
        _ => false,
    }
}

/// Whether others were in the way: a deadlock, a lock that was not to be had in time. The same may
/// work at once.
#[must_use]
pub fn is_contention(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) =
        error
    else {
        return false;
    };
    let SqlxError::Database(database) = &**source else {
        return false;
    };
    // Of PostgreSQL: SQLite's one writer is in nobody's way.
    database
        .code()
        .is_some_and(|code| code.len() == 5 && (code.starts_with("40") || &*code == "55P03"))
}

/// Whether the error is a broken unique or foreign-key constraint.
#[must_use]
pub fn is_constraint(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_))
    )
}
