//! Access tokens: short-lived proof of a login.
//!
//! A JSON Web Token (RFC 7519), signed with HMAC-SHA256 and no other algorithm, whatever its
//! header says. It lives a quarter of an hour. It names the login, and the login is looked up with
//! every call, so the `role` in it only informs the client and grants nothing.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use entity::id::{SessionId, TenantId, UserId};
use entity::value::Role;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::errors::Error as JwtError;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::refresh_token::RefreshKey;

/// How long an access token is good for.
pub const ACCESS_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// The shortest secret to sign with: as long as what HMAC-SHA256 gives.
pub const MIN_SECRET_BYTES: usize = 32;

const ISSUER: &str = "trunkline";

/// The secret is too short to sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("security.jwt_secret must have at least 32 bytes")]
pub struct WeakSecret;

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed")]
pub struct SignError(#[from] JwtError);

/// Why an access token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not one of ours, or changed.
    #[error("the token is not valid")]
    Invalid,
    /// It was good once.
    #[error("the token has expired")]
    Expired,
}

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The login.
    pub session_id: SessionId,
    /// Who logged in.
    pub user_id: UserId,
    /// The tenant logged in to.
    pub tenant_id: TenantId,
    /// Their role when the token was made; not to be relied on.
    pub role: Role,
    /// When it ends, to the second.
    pub expires_at: DateTime<Utc>,
}

/// The claims as they are written.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    tid: TenantId,
    sid: SessionId,
    role: Role,
    iat: i64,
    exp: i64,
}

/// Signs and checks the tokens of logins. Holds keys: `Debug` shows none.
#[derive(Clone)]
pub struct Signer {
    signing: EncodingKey,
    checking: DecodingKey,
    header: Header,
    validation: Validation,
    refresh: RefreshKey,
}

impl Signer {
    /// A signer; all replicas need the same secret.
    ///
    /// # Errors
    /// When the secret has fewer than 32 bytes.
    pub fn new(secret: &SecretString) -> Result<Self, WeakSecret> {
        let secret = secret.expose_secret().as_bytes();
        if secret.len() < MIN_SECRET_BYTES {
            return Err(WeakSecret);
        }
        let header = Header {
            // Tells which secret signed, without giving it away, once there can be two.
            kid: Some(hex::encode(&derive(secret, "trunkline key id")?[..8])),
            ..Header::new(Algorithm::HS256)
        };
        Ok(Self {
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
            header,
            validation: validation(),
            refresh: RefreshKey::new(derive(secret, "trunkline refresh token")?),
        })
    }

    /// An access token for a login, good for [`ACCESS_LIFETIME`].
    pub(crate) fn sign(
        &self,
        session_id: SessionId,
        (tenant_id, user_id, role): (TenantId, UserId, Role),
        now: DateTime<Utc>,
    ) -> Result<SecretString, SignError> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: user_id,
            tid: tenant_id,
            sid: session_id,
            role,
            iat: now.timestamp(),
            exp: (now + ACCESS_LIFETIME).timestamp(),
        };
        Ok(encode(&self.header, &claims, &self.signing)?.into())
    }

    /// Reads an access token. That it is genuine doesn't mean that its login still stands.
    ///
    /// # Errors
    /// When it isn't ours, was changed, or has expired.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Access, TokenError> {
        let claims = decode::<Claims>(token, &self.checking, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(TokenError::Invalid)?;
        if expires_at <= now {
            return Err(TokenError::Expired);
        }
        Ok(Access {
            session_id: claims.sid,
            user_id: claims.sub,
            tenant_id: claims.tid,
            role: claims.role,
            expires_at,
        })
    }

    pub(crate) fn refresh_key(&self) -> &RefreshKey {
        &self.refresh
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.header.kid)
            .finish_non_exhaustive()
    }
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["iss", "sub", "exp"]);
    validation.set_issuer(&[ISSUER]);
    // The library asks the machine's clock; ours is handed in and asked by `read`.
    validation.validate_exp = false;
    validation
}

/// A key of its own for each purpose, so that what is signed for one means nothing to another.
fn derive(secret: &[u8], purpose: &str) -> Result<[u8; 32], WeakSecret> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| WeakSecret)?;
    mac.update(purpose.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests;
