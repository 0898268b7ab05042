//! Who is calling.

use secrecy::SecretString;

/// An account and what proves that we may act for it. Debug shows no secret.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account that the call is about, `AC…`.
    pub account_sid: String,
    /// What is sent as Basic auth.
    pub secret: AuthSecret,
}

/// How a call authenticates.
#[derive(Debug, Clone)]
pub enum AuthSecret {
    /// The account's auth token.
    Token(SecretString),
    /// An API key of the account.
    ApiKey {
        /// `SK…`, the Basic user name.
        sid: String,
        /// The key's secret.
        secret: SecretString,
    },
}

impl Credentials {
    /// Credentials of an account by its auth token.
    pub fn token(account_sid: impl Into<String>, token: SecretString) -> Self {
        Self {
            account_sid: account_sid.into(),
            secret: AuthSecret::Token(token),
        }
    }

    /// User name and password for Basic auth.
    pub(super) fn basic(&self) -> (&str, &SecretString) {
        match &self.secret {
            AuthSecret::Token(token) => (&self.account_sid, token),
            AuthSecret::ApiKey { sid, secret } => (sid, secret),
        }
    }
}
