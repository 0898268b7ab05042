//! The master keys, under which all credentials are sealed.
//!
//! The first key seals, every key opens. A key is retired by putting a new one before it, running
//! a rotation, and only then taking it away. No key is ever shown but by
//! [`MasterKey::to_setting`], and all are wiped from memory when dropped.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{SecretSlice, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of an AES-256 key.
const KEY_BYTES: usize = 32;

/// Why a setting is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no colon between id and key.
    #[error("a master key is written as id:base64")]
    Form,
    /// The id is empty, longer than 64 characters, or has others than letters, digits, `-`, `_`.
    #[error("the id of a master key has 1 to 64 letters, digits, hyphens or underscores")]
    Id,
    /// What follows the colon is no base64 of 32 bytes.
    #[error("a master key has 32 bytes in base64 (44 characters) after the colon")]
    Bytes,
}

/// Why master keys make no key ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// Nothing could be sealed.
    #[error("at least one master key is needed")]
    Empty,
    /// Two keys have the same id, so a row would not tell which one sealed it.
    #[error("two master keys have the id {id}")]
    DuplicateId {
        /// The id.
        id: String,
    },
}

/// A key of 256 bits and the id by which rows name it.
pub struct MasterKey {
    id: String,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl MasterKey {
    /// A new key with a random id.
    #[must_use]
    pub fn generate() -> Self {
        let [a, b, c, d] = entity::random::bytes::<4>();
        Self {
            id: format!("key-{a:02x}{b:02x}{c:02x}{d:02x}"),
            bytes: Zeroizing::new(entity::random::bytes()),
        }
    }

    /// Reads `id:base64(32 bytes)`, blanks around it aside.
    ///
    /// # Errors
    /// [`KeyError`], which never repeats the text.
    pub fn parse(setting: &str) -> Result<Self, KeyError> {
        let (id, key) = setting.trim().split_once(':').ok_or(KeyError::Form)?;
        let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if id.is_empty() || id.len() > 64 || !id.bytes().all(word) {
            return Err(KeyError::Id);
        }
        let decoded = STANDARD
            .decode(key)
            .map(Zeroizing::new)
            .map_err(|_| KeyError::Bytes)?;
        let bytes = decoded.as_slice().try_into().map_err(|_| KeyError::Bytes)?;
        Ok(Self {
            id: id.to_owned(),
            bytes: Zeroizing::new(bytes),
        })
    }

    /// The text that [`MasterKey::parse`] reads, to be put into the configuration.
    #[must_use]
    pub fn to_setting(&self) -> SecretString {
        let key = Zeroizing::new(STANDARD.encode(self.bytes.as_slice()));
        format!("{}:{}", self.id, key.as_str()).into()
    }

    /// The id by which rows name the key; no secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, [REDACTED])", self.id)
    }
}

/// All keys that are in use; cheap to clone.
#[derive(Clone, Debug)]
pub struct KeyRing {
    // Never empty.
    keys: Arc<[MasterKey]>,
}

impl KeyRing {
    /// A ring whose first key seals and whose every key opens.
    ///
    /// # Errors
    /// [`KeyRingError`] when there is no key, or two have the same id.
    pub fn new(keys: Vec<MasterKey>) -> Result<Self, KeyRingError> {
        if keys.is_empty() {
            return Err(KeyRingError::Empty);
        }
        for (position, key) in keys.iter().enumerate() {
            if keys[..position].iter().any(|earlier| earlier.id == key.id) {
                return Err(KeyRingError::DuplicateId { id: key.id.clone() });
            }
        }
        Ok(Self { keys: keys.into() })
    }

    /// The key that seals.
    #[must_use]
    pub fn current(&self) -> &MasterKey {
        &self.keys[0]
    }

    /// A key for another purpose from each of these, in their order: `purpose` tells them apart.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Vec<SecretSlice<u8>> {
        let derive = |key: &MasterKey| {
            // HMAC takes keys of any length.
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes())
                .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
            mac.update(purpose.as_bytes());
            SecretSlice::from(mac.finalize().into_bytes().to_vec())
        };
        self.keys.iter().map(derive).collect()
    }

    /// The key with an id, if the ring has it.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&MasterKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn key(id: &str) -> MasterKey {
        MasterKey::parse(&format!("{id}:{}", STANDARD.encode([7; 32]))).unwrap()
    }

    #[test]
    fn a_generated_key_reads_back_from_its_setting() {
        let key = MasterKey::generate();
        let read = MasterKey::parse(key.to_setting().expose_secret()).unwrap();
        assert_eq!(read.id(), key.id());
        assert_eq!(read.bytes(), key.bytes());
        assert_ne!(MasterKey::generate().bytes(), key.bytes());
    }

    #[test]
    fn a_setting_that_is_no_key_says_what_is_wrong() {
        let good = STANDARD.encode([7; 32]);
        let refused = |text: &str| MasterKey::parse(text).unwrap_err();
        assert_eq!(refused(&good), KeyError::Form);
        assert_eq!(refused(&format!(":{good}")), KeyError::Id);
        assert_eq!(refused(&format!("a b:{good}")), KeyError::Id);
        assert_eq!(refused(&format!("{}:{good}", "a".repeat(65))), KeyError::Id);
        assert_eq!(refused("a:"), KeyError::Bytes);
        assert_eq!(
            refused(&format!("a:{}", STANDARD.encode([7; 31]))),
            KeyError::Bytes
        );
        assert_eq!(
            refused(&format!("a:{}", STANDARD.encode([7; 33]))),
            KeyError::Bytes
        );
        assert_eq!(
            refused(&format!("a:{}", good.trim_end_matches('='))),
            KeyError::Bytes
        );
    }

    #[test]
    fn the_first_key_seals_and_all_are_found_by_id() {
        let ring = KeyRing::new(vec![key("b"), key("a")]).unwrap();
        assert_eq!(ring.current().id(), "b");
        assert_eq!(ring.get("a").unwrap().id(), "a");
        assert!(ring.get("c").is_none());
    }

    #[test]
    fn keys_for_other_purposes_differ_from_each_other_and_from_the_master_key() {
        let ring = KeyRing::new(vec![key("a")]).unwrap();
        let bytes = |purpose| ring.derived(purpose)[0].expose_secret().to_vec();
        assert_eq!(bytes("one"), bytes("one"));
        assert_ne!(bytes("one"), bytes("two"));
        assert_ne!(bytes("one"), key("a").bytes());
    }

    #[test]
    fn a_ring_without_a_key_or_with_a_doubled_id_is_refused() {
        assert_eq!(KeyRing::new(Vec::new()).unwrap_err(), KeyRingError::Empty);
        let doubled = KeyRing::new(vec![key("a"), key("b"), key("a")]).unwrap_err();
        assert_eq!(doubled, KeyRingError::DuplicateId { id: "a".to_owned() });
    }

    #[test]
    fn debug_shows_the_id_and_no_key() {
        let ring = KeyRing::new(vec![key("a")]).unwrap();
        assert_eq!(
            format!("{ring:?}"),
            "KeyRing { keys: [MasterKey(a, [REDACTED])] }"
        );
    }
}
