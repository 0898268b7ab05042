//! Sealing one secret for one place.
//!
//! AES-256-GCM with a fresh random nonce for every sealing. The text that is kept is base64 (the
//! standard alphabet, padded) of
//!
//! ```text
//! version (1 byte, 0x01) | nonce (12 bytes) | ciphertext (as long as the secret) | tag (16 bytes)
//! ```
//!
//! and the associated data is
//!
//! ```text
//! "trunkline.channel" | version (1 byte) | tenant id (16 bytes) | channel id (16 bytes)
//!     | length of the field's name (4 bytes, big endian) | the field's name
//!     | length of the key's id (4 bytes, big endian) | the key's id
//! ```
//!
//! so that a secret copied to another tenant, channel or field, or passed off as sealed under
//! another key, does not open. Random nonces are safe for about 2³² sealings under one key; a
//! credential changes a few times a year.

use std::fmt;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entity::id::{ChannelId, TenantId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::MasterKey;

#[cfg(test)]
mod tests;

const DOMAIN: &[u8] = b"trunkline.channel";
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Why a secret does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// Not base64, too short, or a later version of the format.
    #[error("the sealed text has not the form that this version writes")]
    Form,
    /// Another key, another place, or tampered with.
    #[error("the sealed text was not sealed here, or was changed since")]
    Refused,
    /// Longer than the cipher takes (64 GiB).
    #[error("the secret is too long to be sealed")]
    TooLong,
}

/// Where a secret is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) channel: ChannelId,
    /// The field's name in the credentials, as it is written there.
    pub(crate) field: &'a str,
}

impl Place<'_> {
    fn associated_data(&self, key: &MasterKey) -> Vec<u8> {
        let mut data = DOMAIN.to_vec();
        data.push(VERSION);
        data.extend_from_slice(self.tenant.0.as_bytes());
        data.extend_from_slice(self.channel.0.as_bytes());
        for text in [self.field, key.id()] {
            // Both are far shorter; a cut-off length would only make the text not open.
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            data.extend_from_slice(&length.to_be_bytes());
            data.extend_from_slice(text.as_bytes());
        }
        data
    }
}

/// A sealed secret, as it stands in the database.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sealed(String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

/// Seals a secret for a place.
pub(crate) fn seal(
    key: &MasterKey,
    place: Place<'_>,
    secret: &SecretString,
) -> Result<Sealed, CipherError> {
    let nonce: [u8; NONCE_BYTES] = entity::random::bytes();
    let mut text = Zeroizing::new(secret.expose_secret().as_bytes().to_vec());
    Aes256Gcm::new(key.bytes().into())
        .encrypt_in_place(&Nonce::from(nonce), &place.associated_data(key), &mut *text)
        .map_err(|_| CipherError::TooLong)?;
    let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + text.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    Ok(Sealed(STANDARD.encode(sealed)))
}

/// Opens what was sealed for this place under this key.
pub(crate) fn open(
    key: &MasterKey,
    place: Place<'_>,
    sealed: &Sealed,
) -> Result<SecretString, CipherError> {
    let bytes = STANDARD.decode(&sealed.0).map_err(|_| CipherError::Form)?;
    let [VERSION, rest @ ..] = bytes.as_slice() else {
        return Err(CipherError::Form);
    };
    let (nonce, ciphertext) = rest
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(CipherError::Form)?;
    if ciphertext.len() < TAG_BYTES {
        return Err(CipherError::Form);
    }
    let mut text = Zeroizing::new(ciphertext.to_vec());
    Aes256Gcm::new(key.bytes().into())
        .decrypt_in_place(
            &Nonce::from(*nonce),
            &place.associated_data(key),
            &mut *text,
        )
        .map_err(|_| CipherError::Refused)?;
    std::str::from_utf8(&text)
        .map(SecretString::from)
        .map_err(|_| CipherError::Refused)
}
