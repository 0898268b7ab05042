//! A client of the API, as anybody could write one.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::DemoError;

/// Speaks JSON to one server, logged in or not.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<SecretString>,
}

impl Client {
    /// A client without a login.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub(crate) fn new(base: &str) -> Result<Self, DemoError> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            base: base.to_owned(),
            token: None,
        })
    }

    /// The same client with a login; `None` if e-mail or password is wrong.
    pub(crate) async fn log_in(
        &self,
        email: &str,
        password: &SecretString,
    ) -> Result<Option<Self>, DemoError> {
        let login = json!({ "email": email, "password": password.expose_secret() });
        match self.post("/api/v1/auth/login", login).await {
            Ok(answer) => Ok(Some(self.with_token(&answer))),
            Err(DemoError::Step { status: 401, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The same client with the login that an answer holds.
    pub(crate) fn with_token(&self, answer: &Value) -> Self {
        let token = answer["token"].as_str().map(SecretString::from);
        Self {
            token,
            ..self.clone()
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, DemoError> {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value, DemoError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// A POST without a body.
    pub(crate) async fn tell(&self, path: &str) -> Result<Value, DemoError> {
        self.call(Method::POST, path, None).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Result<Value, DemoError> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, DemoError> {
        let step = format!("{method} {path}");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose_secret());
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        if status.is_success() {
            return Ok(serde_json::from_str(&body).unwrap_or_default());
        }
        Err(refused(step, status, &body))
    }
}

/// Problem details have a `detail`; whatever else there is may be shown as it is.
fn refused(step: String, status: StatusCode, body: &str) -> DemoError {
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or(body).to_owned();
    DemoError::Step {
        step,
        status: status.as_u16(),
        detail,
    }
}
