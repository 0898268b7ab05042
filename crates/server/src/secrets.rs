//! Secrets that nobody configured: made on first start and kept beside the database.
//!
//! Replicas that start at once in one folder end up with the same secrets: each writes a file of
//! its own and links it to the common name, which succeeds for exactly one; the others read what
//! that one wrote. A reader therefore never sees half a file.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use channels::{KeyRing, MasterKey};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::settings::{JwtSecret, MasterKeyError, MasterKeys, Settings, own_variable};

/// Its name, in the folder of the SQLite file.
const FILE: &str = "secrets.toml";
/// Where it is kept when the database is no file.
const FOLDER: &str = "data";
/// Owner only.
const MODE: u32 = 0o600;

/// Why there are no secrets to start with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    /// Nothing is made up in front of customers.
    #[error(
        "{key} isn't set, and with TRUNKLINE_ENV=production none is made up: set {variable}; \
         `trunkline keys generate` prints a master key, `openssl rand -base64 48` a token secret"
    )]
    Missing {
        /// The setting.
        key: &'static str,
        /// Its environment variable.
        variable: String,
    },
    /// The file can't be read or made.
    #[error("the secrets file {path} can't be {what}: {source}; fix it, or set {KEYS}")]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `made`.
        what: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// The master keys make no key ring.
    #[error("security.master_keys: {0}")]
    Keys(#[from] MasterKeyError),
    /// The file isn't what this program wrote.
    #[error(
        "the secrets file {path} is damaged: {problem}; restore it from a copy: without its \
             master key the credentials in the database can't be opened"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, without quoting it.
        problem: String,
    },
}

const KEYS: &str = "security.master_keys and security.jwt_secret";

/// The secrets that the service runs with.
#[derive(Clone, Debug)]
pub(crate) struct Secrets {
    /// Seals and opens credentials.
    pub(crate) key_ring: KeyRing,
    /// Signs login tokens.
    pub(crate) jwt_secret: SecretString,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    master_keys: MasterKeys,
    jwt_secret: JwtSecret,
}

impl Secrets {
    /// What is configured, and for the rest what the secrets file holds, which is made if need be.
    ///
    /// # Errors
    /// In production, when something isn't configured; else when the file can't be used.
    pub(crate) fn load(settings: &Settings) -> Result<Self, SecretsError> {
        let configured = &settings.security;
        let keys = (!configured.master_keys.is_empty()).then_some(&configured.master_keys);
        if let (Some(keys), Some(jwt)) = (keys, &configured.jwt_secret) {
            return Self::new(keys, jwt);
        }
        check_configured(settings)?;
        let path = path_for(settings);
        let kept = keep(&path)?;
        let jwt = configured.jwt_secret.as_ref().unwrap_or(&kept.jwt_secret);
        Self::new(keys.unwrap_or(&kept.master_keys), jwt)
    }

    fn new(keys: &MasterKeys, jwt: &JwtSecret) -> Result<Self, SecretsError> {
        Ok(Self {
            key_ring: keys.ring()?,
            jwt_secret: jwt.secret().clone(),
        })
    }
}

/// Where the secrets file of this configuration is.
pub(crate) fn path_for(settings: &Settings) -> PathBuf {
    let beside = settings
        .database
        .url
        .sqlite_file()
        .and_then(|file| file.parent().map(Path::to_owned));
    beside.unwrap_or_else(|| PathBuf::from(FOLDER)).join(FILE)
}

/// Refuses to go on in production with a secret that would have to be made up.
///
/// # Errors
/// [`SecretsError::Missing`], which names the setting.
pub(crate) fn check_configured(settings: &Settings) -> Result<(), SecretsError> {
    if !settings.environment.is_production() {
        return Ok(());
    }
    let security = &settings.security;
    let missing = [
        ("security.master_keys", security.master_keys.is_empty()),
        ("security.jwt_secret", security.jwt_secret.is_none()),
    ];
    match missing.into_iter().find(|(_, missing)| *missing) {
        Some((key, _)) => Err(SecretsError::Missing {
            key,
            variable: own_variable(key),
        }),
        None => Ok(()),
    }
}

/// Reads the file, after making it if it isn't there.
fn keep(path: &Path) -> Result<Kept, SecretsError> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path).map_err(|source| failed(path, "made", source))?;
        }
        _ => {}
    }
    let text = fs::read_to_string(path).map_err(|source| failed(path, "read", source))?;
    tighten(path);
    let kept: Kept = toml::from_str(&text).map_err(|error| SecretsError::Damaged {
        path: path.to_owned(),
        problem: error.message().to_owned(),
    })?;
    if kept.master_keys.is_empty() {
        let problem = "it holds no master key".to_owned();
        return Err(SecretsError::Damaged {
            path: path.to_owned(),
            problem,
        });
    }
    Ok(kept)
}

fn failed(path: &Path, what: &'static str, source: io::Error) -> SecretsError {
    SecretsError::Io {
        path: path.to_owned(),
        what,
        source,
    }
}

fn make(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_file_name(format!(".{FILE}.{}", hex(&entity::random::bytes::<8>())));
    let linked = write_draft(&draft).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft).ok();
    match linked {
        Ok(()) => {
            sync_folder(folder)?;
            tracing::info!(
                file = %path.display(),
                "secrets were made and kept in a file: back it up, without it no credential opens"
            );
            Ok(())
        }
        // Another replica was faster: its file counts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn write_draft(path: &Path) -> io::Result<()> {
    let key = MasterKey::generate().to_setting();
    let jwt = URL_SAFE_NO_PAD.encode(entity::random::bytes::<48>());
    let text = format!(
        "# Made by Trunkline on its first start. Keep a copy in a safe place: without the master\n\
         # key the Twilio credentials in the database can't be opened.\n\
         master_keys = [\"{}\"]\n\
         jwt_secret = \"{jwt}\"\n",
        key.expose_secret()
    );
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the new name outlive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    File::open(folder)?.sync_all()
}

/// Takes the file away from everybody but its owner.
fn tighten(path: &Path) {
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return;
    }
    let file = path.display();
    match fs::set_permissions(path, Permissions::from_mode(MODE)) {
        Ok(()) => {
            tracing::warn!(%file, "the secrets file was open to others; now its mode is 0600");
        }
        Err(error) => {
            tracing::warn!(%file, %error, "the secrets file is open to others: set its mode to 0600");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
