//! Passwords: rules, hashing, and one-time passwords.
//!
//! Argon2id with the parameters that OWASP recommends (19 MiB, two passes), kept as PHC strings.
//! A hash takes tens of milliseconds of pure computing, so it runs on threads of its own and only a few
//! at a time: a burst of logins waits for each other, and everything else goes on.

use std::fmt;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash};
use entity::random;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

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
    /// The thread that hashed died, or there never was one.
    #[error("the thread that hashes has ended")]
    Ended,
}

/// Hashes passwords, a few at a time. Clones share the threads, which end with the last one.
///
/// Each thread keeps the memory that it hashes in: allocators find no use for such large blocks when
/// they are given back, and 19 MiB would be gone with every login.
#[derive(Clone, Debug)]
pub struct Hasher {
    orders: mpsc::Sender<Order>,
}

/// What a hash is computed in.
type Memory = Vec<Block>;

/// Hashes, and tells who waits for it.
type Order = Box<dyn FnOnce(&mut Memory) + Send>;

impl Default for Hasher {
    fn default() -> Self {
        Self::new(AT_ONCE)
    }
}

fn work(orders: &Mutex<mpsc::Receiver<Order>>) {
    let next = || orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let mut memory = Memory::new();
    while let Ok(order) = next() {
        // Who waits is told by what the order drops.
        let _ = catch_unwind(AssertUnwindSafe(|| order(&mut memory)));
    }
}

impl Hasher {
    /// At most `at_once` hashes at a time, and one at least. Each takes a core and 19 MiB.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        let (orders, taken) = mpsc::channel();
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..at_once.max(1) {
            let taken = Arc::clone(&taken);
            let thread = thread::Builder::new().name("passwords".to_owned());
            if let Err(error) = thread.spawn(move || work(&taken)) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "There is no thread for passwords"
                );
            }
        }
        Self { orders }
    }

    /// Hashes a password with a salt of its own.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub async fn hash(&self, password: SecretString) -> Result<PasswordHash, HashError> {
        let salt: [u8; 16] = random::bytes();
        self.run(move |memory| hash_with_salt(memory, &password, &salt))
            .await
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
        self.run(move |memory| match hash {
            Some(hash) => matches_hash(memory, &password, &hash),
            None => {
                black_box(hash_with_salt(memory, &password, &[0; 16])?);
                Ok(false)
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, password_hash::Error> + Send + 'static,
    ) -> Result<T, HashError> {
        let (tell, told) = oneshot::channel();
        // Whoever leaves while waiting costs nothing more. What has begun is done to its end: a client
        // that hangs up must not make room for the next.
        let order = Box::new(move |memory: &mut Memory| {
            if !tell.is_closed() {
                drop(tell.send(work(memory)));
            }
        });
        self.orders.send(order).map_err(|_| HashError::Ended)?;
        Ok(told.await.map_err(|_| HashError::Ended)??)
    }
}

fn hash_with_salt(
    memory: &mut Memory,
    password: &SecretString,
    salt: &[u8; 16],
) -> Result<PasswordHash, password_hash::Error> {
    let params = Params::default();
    let algorithm = Algorithm::default();
    let version = Version::default();
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    let phc = Phc {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(salt)?),
        hash: None,
    };
    compute(
        memory,
        Argon2::new(algorithm, version, params),
        password,
        salt,
        &mut out,
    )?;
    let hash = Some(Output::new(&out)?);
    Ok(PasswordHash(Phc { hash, ..phc }.to_string()))
}

fn matches_hash(
    memory: &mut Memory,
    password: &SecretString,
    hash: &PasswordHash,
) -> Result<bool, password_hash::Error> {
    let phc = Phc::new(&hash.0)?;
    let (Some(salt), Some(expected)) = (&phc.salt, &phc.hash) else {
        return Err(password_hash::Error::EncodingInvalid);
    };
    let algorithm = Algorithm::try_from(phc.algorithm.as_str())?;
    let version = phc.version.map(Version::try_from).transpose()?;
    let argon = Argon2::new(
        algorithm,
        version.unwrap_or_default(),
        Params::try_from(&phc)?,
    );
    let mut out = vec![0; expected.len()];
    compute(memory, argon, password, salt, &mut out)?;
    // Compared in a time that tells nothing.
    Ok(Output::new(&out)? == *expected)
}

fn compute(
    memory: &mut Memory,
    argon: Argon2<'_>,
    password: &SecretString,
    salt: &[u8],
    out: &mut [u8],
) -> Result<(), password_hash::Error> {
    memory.resize(argon.params().block_count(), Block::default());
    let password = password.expose_secret().as_bytes();
    argon.hash_password_into_with_memory(password, salt, out, memory)?;
    Ok(())
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
