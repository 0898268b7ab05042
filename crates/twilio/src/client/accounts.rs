//! `Accounts/{AC}.json`: is the account usable?

use reqwest::Method;
use serde::Deserialize;

use super::{CallError, Client, Credentials, lenient};

/// What Twilio says of an account. Its `auth_token` is deliberately not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// `AC…`.
    pub sid: String,
    /// `active`, `suspended` or `closed`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// `Trial` or `Full`.
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    /// The name that its owner gave it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub friendly_name: Option<String>,
    /// The parent account of a subaccount; its own SID otherwise.
    #[serde(default, deserialize_with = "lenient::text")]
    pub owner_account_sid: Option<String>,
}

impl Client {
    /// Asks for the account of the credentials.
    ///
    /// # Errors
    /// [`CallError`]; wrong credentials are a refusal with code 20003.
    pub async fn fetch_account(&self, credentials: &Credentials) -> Result<Account, CallError> {
        let request = self.request(Method::GET, credentials, &[])?;
        self.json(request, credentials).await
    }
}
