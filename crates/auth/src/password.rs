//! Passwords: rules, hashing, and one-time passwords.
//!
//! Argon2id with the parameters that OWASP recommends (19 MiB, two passes), kept as PHC strings.
//! A hash takes tens of milliseconds of pure computing, so it runs on the threads for blocking
//! work and only a few at a time: a burst of logins waits for each other, and everything else
//! goes on.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash};
use entity::random;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{AcquireError, Semaphore};
use tokio::task::{JoinError, spawn_blocking};

use crate::Email;
use crate::field::Problem;

/// The shortest password, in characters.
pub const MIN_CHARACTERS: usize = 8;

/// The longest password, in bytes: far beyond any passphrase.
pub const MAX_BYTES: usize = 1024;

/// Hashes that run at once unless told otherwise.
const AT_ONCE: usize = 2;

/// Digits and letters that nobody mistakes for one another, on paper or by telephone.
const READABLE: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A hashed password. Only a [`Hasher`] makes one, so a plain password can't be stored by mistake.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash as it stands in the database.
    pub(crate) fn stored(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string for the database.
    pub(crate) fn into_stored(self) -> String {
        self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([REDACTED])")
    }
}

/// Why a password could not be hashed or compared; never that it was wrong.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Out of memory, or a stored hash that is none.
    #[error("the hash function failed")]
    Function(#[from] password_hash::Error),
    /// The thread that hashed died.
    #[error("the thread that hashed died")]
    Thread(#[from] JoinError),
    /// The program is shutting down.
    #[error("no more passwords are hashed")]
    Closed(#[from] AcquireError),
}

/// Hashes passwords, a few at a time. Clones share the limit.
#[derive(Clone, Debug)]
pub struct Hasher {
    slots: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new(AT_ONCE)
    }
}

impl Hasher {
    /// At most `at_once` hashes at a time, and one at least. Each takes a core and 19 MiB.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS))),
        }
    }

    /// Hashes a password with a salt of its own. Has to run within a tokio runtime.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub async fn hash(&self, password: SecretString) -> Result<PasswordHash, HashError> {
        let salt: [u8; 16] = random::bytes();
        self.run(move || hash_with_salt(&password, &salt)).await
    }

    /// Whether the password is the one that was hashed.
    ///
    /// Without a hash to compare with (an unknown user) it does the same work for nothing, so
    /// that the time taken doesn't tell who has an account.
    ///
    /// # Errors
    /// When there is no memory for it, or what was stored is no hash.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HashError> {
        // Nobody has such a password, and whoever sends one knows its length.
        if password.expose_secret().len() > MAX_BYTES {
            return Ok(false);
        }
        self.run(move || match hash {
            Some(hash) => matches_hash(&password, &hash),
            None => {
                black_box(hash_with_salt(&password, &[0; 16])?);
                Ok(false)
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HashError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await?;
        let work = move || {
            // The thread gives the slot back, not the waiting caller: a client that hangs up does
            // not stop the hash, and must not make room for the next one.
            let _slot = slot;
            work()
        };
        Ok(spawn_blocking(work).await??)
    }
}

fn hash_with_salt(
    password: &SecretString,
    salt: &[u8; 16],
) -> Result<PasswordHash, password_hash::Error> {
    let password = password.expose_secret().as_bytes();
    let hash: Phc = Argon2::default().hash_password_with_salt(password, salt)?;
    Ok(PasswordHash(hash.to_string()))
}

fn matches_hash(
    password: &SecretString,
    hash: &PasswordHash,
) -> Result<bool, password_hash::Error> {
    let password = password.expose_secret().as_bytes();
    match Argon2::default().verify_password(password, hash.0.as_str()) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a new password will do for the person with this e-mail address.
///
/// Length is what counts (NIST SP 800-63B): no rule about digits or signs.
///
/// # Errors
/// Which rule it breaks.
pub fn check(password: &SecretString, email: &Email) -> Result<(), Problem> {
    let password = password.expose_secret();
    if password.len() > MAX_BYTES {
        Err(Problem::TooManyBytes(MAX_BYTES))
    } else if password.chars().count() < MIN_CHARACTERS {
        Err(Problem::TooShort(MIN_CHARACTERS))
    } else if password.trim().to_lowercase() == email.as_str() {
        Err(Problem::SameAsEmail)
    } else {
        Ok(())
    }
}

/// A password to be read out or copied by hand and then changed: four groups of five, 100 bits.
#[must_use]
pub fn one_time() -> SecretString {
    let random: [u8; 20] = random::bytes();
    let mut password = String::with_capacity(23);
    for (position, byte) in random.into_iter().enumerate() {
        if position > 0 && position % 5 == 0 {
            password.push('-');
        }
        // 256 is a multiple of 32, so every character is as likely as any other.
        password.push(char::from(READABLE[usize::from(byte % 32)]));
    }
    password.into()
}

#[cfg(test)]
mod tests;
