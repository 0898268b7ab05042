//! The demo's folder: marked as such, so that `--reset` never empties another one.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::DemoError;
use crate::error::Error;
use crate::sqlite_file::{self, Held};

/// Marks the folder and holds the logins.
const MARKER: &str = "demo.toml";
const DATABASE: &str = "trunkline.db";

/// A folder that belongs to the demo, held by this process.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    pub(crate) logins: Logins,
    _held: Held,
}

/// Made up once per folder, so that a demo that others can reach has no well-known password.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logins {
    pub(crate) owner_password: SecretString,
    pub(crate) agent_password: SecretString,
    /// Of the simulated Twilio account.
    pub(crate) auth_token: SecretString,
}

impl Folder {
    /// Takes the folder, makes it if need be, and empties it first if asked to.
    ///
    /// # Errors
    /// When it is somebody else's, in use, or can't be written.
    pub(crate) fn open(path: &Path, reset: bool) -> Result<Self, Error> {
        if !is_ours_or_empty(path)? {
            return Err(DemoError::NotOurs(path.to_owned()).into());
        }
        let held = sqlite_file::hold(&path.join(DATABASE))?;
        let held = held.ok_or_else(|| DemoError::InUse(path.to_owned()))?;
        if reset {
            empty(path).map_err(|source| io_error(path, source))?;
        }
        let logins = Logins::keep(&path.join(MARKER))?;
        Ok(Self {
            path: path.to_owned(),
            logins,
            _held: held,
        })
    }

    /// As `database.url` takes it.
    pub(crate) fn database_url(&self) -> String {
        format!("sqlite://{}", self.path.join(DATABASE).display())
    }

    /// As `media.url` takes it.
    pub(crate) fn media_url(&self) -> String {
        format!("file://{}", self.path.join("media").display())
    }

    /// Where the simulator remembers what it was told.
    pub(crate) fn simulator_file(&self) -> PathBuf {
        self.path.join("simulator.json")
    }
}

impl Logins {
    fn keep(marker: &Path) -> Result<Self, DemoError> {
        match fs::read_to_string(marker) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = Self::make();
                made.write(marker)
                    .map_err(|source| io_error(marker, source))?;
                Ok(made)
            }
            Err(source) => Err(io_error(marker, source)),
            Ok(text) => toml::from_str(&text).map_err(|_| DemoError::Damaged(marker.to_owned())),
        }
    }

    fn make() -> Self {
        let token = entity::random::bytes::<16>()
            .map(|byte| format!("{byte:02x}"))
            .concat();
        Self {
            owner_password: auth::password::one_time(),
            agent_password: auth::password::one_time(),
            auth_token: token.into(),
        }
    }

    fn write(&self, marker: &Path) -> io::Result<()> {
        let text = format!(
            "# This folder belongs to `trunkline demo`, and `--reset` empties it.\n\
             owner_password = \"{}\"\nagent_password = \"{}\"\nauth_token = \"{}\"\n",
            self.owner_password.expose_secret(),
            self.agent_password.expose_secret(),
            self.auth_token.expose_secret(),
        );
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(marker)?;
        file.write_all(text.as_bytes())
    }
}

fn io_error(path: &Path, source: io::Error) -> DemoError {
    DemoError::Io {
        path: path.to_owned(),
        source,
    }
}

fn is_ours_or_empty(path: &Path) -> Result<bool, DemoError> {
    if path.join(MARKER).exists() {
        return Ok(true);
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(source) => return Err(io_error(path, source)),
    };
    // A lock file alone is what a demo leaves that was interrupted before it had begun.
    Ok(entries.flatten().all(|entry| is_lock(&entry.path())))
}

fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "lock")
}

/// Takes everything away but the locks, which this process holds. The marker goes last: a reset
/// that was interrupted can be done again.
fn empty(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let gone = entry.path();
        if is_lock(&gone) || entry.file_name() == MARKER {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(&gone)?;
        } else {
            fs::remove_file(&gone)?;
        }
    }
    match fs::remove_file(path.join(MARKER)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(folder: &Folder) -> String {
        folder.logins.auth_token.expose_secret().to_owned()
    }

    #[test]
    fn a_demo_keeps_its_logins_until_it_is_reset() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("demo");
        let first = token(&Folder::open(&path, false).unwrap());
        fs::create_dir(path.join("media")).unwrap();
        assert_eq!(token(&Folder::open(&path, false).unwrap()), first);
        let reset = Folder::open(&path, true).unwrap();
        assert_ne!(token(&reset), first);
        assert!(!path.join("media").exists());
    }

    #[test]
    fn a_folder_that_is_no_demo_is_left_alone() {
        let data = tempfile::tempdir().unwrap();
        let precious = data.path().join("trunkline.db");
        fs::write(&precious, "precious").unwrap();
        for reset in [false, true] {
            let error = Folder::open(data.path(), reset).unwrap_err().to_string();
            assert!(error.contains("--data"), "{error}");
        }
        assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_demo_that_runs_is_not_reset() {
        let data = tempfile::tempdir().unwrap();
        let _running = Folder::open(data.path(), false).unwrap();
        let error = Folder::open(data.path(), true).unwrap_err().to_string();
        assert!(error.contains("another demo runs"), "{error}");
    }
}
