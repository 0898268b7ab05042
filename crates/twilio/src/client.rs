//! Calls of Twilio's REST API (2010-04-01).
//!
//! A [`Client`] is one connection pool for all tenants; the credential is an
//! argument of each call and never kept. No call is repeated here: creating a
//! message has no idempotency key, so only the caller can decide what a
//! missing answer means. [`CallError`] tells it apart.

mod accounts;
mod credentials;
mod error;
mod lenient;
mod media;
mod messages;
mod numbers;
mod page;
#[cfg(test)]
mod tests;

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, Url};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;

pub use accounts::Account;
pub use credentials::{AuthSecret, Credentials};
pub use error::{BuildError, CallError, Refusal};
pub use media::{MediaAddress, MediaBytes};
pub use messages::{MediaResource, MessageFilter, MessageResource, NewMessage};
pub use numbers::{Capabilities, IncomingNumber, NumberUpdate};
pub use page::{NextPage, Page};

/// Twilio's API.
pub const DEFAULT_BASE_URL: &str = "https://api.twilio.com";

/// A page of 1,000 messages with escaped texts stays well below it.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect, TLS included.
    pub connect: Duration,
    /// For the whole call.
    pub request: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(15),
        }
    }
}

/// The REST client; cheap to clone, meant to be shared.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
}

impl Client {
    /// Prepares a client for an API at `base_url` ([`DEFAULT_BASE_URL`], or a stand-in).
    ///
    /// # Errors
    /// [`BuildError`] if the URL is no plain http(s) base or TLS can't be set up.
    pub fn new(base_url: Url, timeouts: Timeouts) -> Result<Self, BuildError> {
        let plain = matches!(base_url.scheme(), "http" | "https")
            && base_url.username().is_empty()
            && base_url.password().is_none()
            && base_url.query().is_none()
            && base_url.fragment().is_none();
        if !plain {
            return Err(BuildError::BaseUrl);
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("trunkline/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry the credentials elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.request)
            // A kept connection that the far end has closed meanwhile costs an unclear answer.
            .pool_idle_timeout(Duration::from_secs(20))
            .build()?;
        let base_url = base_url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { http, base_url })
    }

    /// A request for a resource below the account, such as `["Messages", "SM…"]`.
    fn request(
        &self,
        method: Method,
        credentials: &Credentials,
        path: &[&str],
    ) -> Result<RequestBuilder, CallError> {
        for segment in path.iter().chain([&credentials.account_sid.as_str()]) {
            // Also keeps `..` and `/` out, which would address another resource.
            if segment.is_empty() || !segment.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(CallError::Invalid("identifier"));
            }
        }
        let mut url = format!("{}{}", self.base_url, account_path(credentials));
        for segment in path {
            url.push('/');
            url.push_str(segment);
        }
        url.push_str(".json");
        Ok(self.authorized(method, &url, credentials))
    }

    fn authorized(&self, method: Method, url: &str, credentials: &Credentials) -> RequestBuilder {
        let (user, secret) = credentials.basic();
        self.http
            .request(method, url)
            .basic_auth(user, Some(secret.expose_secret()))
    }

    async fn json<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        credentials: &Credentials,
    ) -> Result<T, CallError> {
        let response = self.answer(request, credentials).await?;
        let body = read(response).await?;
        serde_json::from_slice(&body).map_err(CallError::unreadable)
    }

    /// The answer to a request that Twilio took (2xx), or why there is none.
    async fn answer(
        &self,
        request: RequestBuilder,
        credentials: &Credentials,
    ) -> Result<Response, CallError> {
        let response = request.send().await.map_err(CallError::from_transport)?;
        self.accepted(response, credentials).await
    }

    /// The answer, if it is a good one.
    async fn accepted(
        &self,
        response: Response,
        credentials: &Credentials,
    ) -> Result<Response, CallError> {
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        // The status is the answer; an explanation that can't be read doesn't change it.
        let body = read(response).await.unwrap_or_default();
        let (_, secret) = credentials.basic();
        Err(CallError::Refused(Refusal::read(
            status,
            &headers,
            &body,
            secret.expose_secret(),
        )))
    }
}

/// `/2010-04-01/Accounts/AC…`
fn account_path(credentials: &Credentials) -> String {
    format!("/2010-04-01/Accounts/{}", credentials.account_sid)
}

async fn read(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(CallError::no_answer)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(CallError::too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
