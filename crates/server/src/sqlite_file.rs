//! Locks beside the SQLite file, so that processes notice each other.
//!
//! They are advisory locks on files of their own: SQLite's locks must not be disturbed, and the
//! operating system takes ours away when a process dies, however it dies.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A lock that is held as long as this lives.
#[derive(Debug)]
#[must_use = "dropping it gives the lock back"]
pub(crate) struct Held {
    _file: File,
}

/// Says that this process serves from the file; `None` if another one does already.
pub(crate) fn hold(database: &Path) -> Result<Option<Held>, Error> {
    let path = beside(database, "lock");
    let file = open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(Error::LockFile { path, source }),
    }
}

/// Waits until nobody else changes the schema of the file. Blocks: not for an async thread.
pub(crate) fn wait_for_migrations(database: &Path) -> Result<Held, Error> {
    let path = beside(database, "migrate.lock");
    let file = open(&path)?;
    file.lock()
        .map_err(|source| Error::LockFile { path, source })?;
    Ok(Held { _file: file })
}

fn open(path: &Path) -> Result<File, Error> {
    let failed = |source| Error::LockFile {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        db::private_folder(folder).map_err(failed)?;
    }
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(failed)
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_by_one_until_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("new").join("trunkline.db");
        let first = hold(&database).unwrap();
        assert!(first.is_some());
        assert!(hold(&database).unwrap().is_none());
        drop(first);
        assert!(hold(&database).unwrap().is_some());
    }

    #[test]
    fn serving_does_not_keep_migrations_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("trunkline.db");
        let _serving = hold(&database).unwrap();
        let _migrating = wait_for_migrations(&database).unwrap();
    }
}
