//! Lists, page by page.

use reqwest::{Method, RequestBuilder, Url};
use serde::de::DeserializeOwned;

use super::{CallError, Client, Credentials, account_path};

/// The most items that Twilio puts on a page.
pub(super) const MAX_PAGE_SIZE: u16 = 1_000;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What stands on it, in Twilio's order.
    pub items: Vec<T>,
    /// Where the list goes on.
    pub next: Option<NextPage>,
}

/// The address of a next page, as Twilio gave it; not to be built by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPage(String);

impl Client {
    /// Reads a list whose items stand under `key`.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        credentials: &Credentials,
        key: &str,
    ) -> Result<Page<T>, CallError> {
        let mut answer: serde_json::Value = self.json(request, credentials).await?;
        let items = serde_json::from_value(answer[key].take()).map_err(CallError::unreadable)?;
        let next = answer["next_page_uri"]
            .as_str()
            .filter(|uri| !uri.is_empty())
            .map(|uri| NextPage(uri.to_owned()));
        Ok(Page { items, next })
    }

    /// A request for a next page; only ever below the account at our base URL.
    pub(super) fn next_request(
        &self,
        credentials: &Credentials,
        page: &NextPage,
    ) -> Result<RequestBuilder, CallError> {
        let invalid = CallError::Invalid("address of the next page");
        let Ok(url) = Url::parse(&format!("{}{}", self.base_url, page.0)) else {
            return Err(invalid);
        };
        let account = format!("{}{}/", self.base_url, account_path(credentials));
        // Checked after parsing, which resolves `..`; else the credentials could go astray.
        if !page.0.starts_with('/') || !url.as_str().starts_with(&account) {
            return Err(invalid);
        }
        Ok(self.authorized(Method::GET, url.as_str(), credentials))
    }
}
