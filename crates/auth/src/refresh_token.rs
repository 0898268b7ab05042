//! Refresh tokens: proof of which rotation of which login somebody holds.
//!
//! `tlr_` and then, in base64url without padding, 52 bytes:
//!
//! | bytes | |
//! |---|---|
//! | 16 | id of the login |
//! | 4 | generation: how often it had been rotated, big-endian |
//! | 32 | HMAC-SHA256 over the 20 bytes before, under a key that serves nothing else |
//!
//! Genuine old tokens are told from made-up ones without keeping any: only somebody who was given
//! a token of this login can end it by showing an old one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::SessionId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::SecretString;
use sha2::Sha256;
use uuid::Uuid;

const PREFIX: &str = "tlr_";
const CONTENT: usize = 20;
const WHOLE: usize = CONTENT + 32;

/// What a genuine refresh token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) session_id: SessionId,
    pub(crate) generation: i32,
}

/// Seals and opens refresh tokens.
#[derive(Clone)]
pub(crate) struct RefreshKey(Hmac<Sha256>);

impl RefreshKey {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        // HMAC pads a key with zeros to the hash's block of 64 bytes (RFC 2104).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&key);
        Self(Hmac::new(&block.into()))
    }

    pub(crate) fn seal(&self, token: RefreshToken) -> SecretString {
        let mut bytes = [0; WHOLE];
        bytes[..16].copy_from_slice(token.session_id.0.as_bytes());
        bytes[16..CONTENT].copy_from_slice(&token.generation.to_be_bytes());
        let mac = self
            .0
            .clone()
            .chain_update(&bytes[..CONTENT])
            .finalize()
            .into_bytes();
        bytes[CONTENT..].copy_from_slice(&mac);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into()
    }

    /// `None` for whatever this key did not seal.
    pub(crate) fn open(&self, text: &str) -> Option<RefreshToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let bytes: [u8; WHOLE] = bytes.try_into().ok()?;
        let (content, mac) = bytes.split_at(CONTENT);
        // Compares in constant time.
        self.0
            .clone()
            .chain_update(content)
            .verify_slice(mac)
            .ok()?;
        let (session_id, generation) = content.split_first_chunk::<16>()?;
        Some(RefreshToken {
            session_id: SessionId(Uuid::from_bytes(*session_id)),
            generation: i32::from_be_bytes(generation.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests;
