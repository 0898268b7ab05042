//! Asking the service.

use std::sync::{Arc, Mutex};

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// All that the service has ever answered in a world, headers too.
#[derive(Clone, Default)]
pub(crate) struct Transcript(Arc<Mutex<String>>);

impl Transcript {
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, request: &str, reply: &Reply) {
        let mut text = self.0.lock().unwrap();
        text.push_str(&format!(
            "{request} -> {} {:?}\n{}\n",
            reply.status, reply.headers, reply.raw
        ));
    }
}

/// Somebody who asks, with or without a login.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    transcript: Transcript,
}

impl Client {
    pub(crate) fn new(base: &str, transcript: Transcript) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            http,
            base: base.to_owned(),
            token: None,
            transcript,
        }
    }

    /// The same with another login, or an API key.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The login that it asks with.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// A request to be completed; [`Client::send`] sends it.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Reply {
        self.try_send(request).await.unwrap()
    }

    /// The same where nobody may be there to answer.
    pub(crate) async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Reply> {
        let request = request.build()?;
        let line = format!("{} {}", request.method(), request.url().path());
        let answer = self.http.execute(request).await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let raw = answer.text().await?;
        let body = serde_json::from_str(&raw).unwrap_or(Value::Null);
        let reply = Reply {
            request: line,
            status,
            headers,
            body,
            raw,
        };
        self.transcript.note(&reply.request, &reply);
        Ok(reply)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path)).await
    }

    /// Asks only for what has changed since an earlier answer.
    pub(crate) async fn get_if_changed(&self, path: &str, earlier: &Reply) -> Reply {
        let request = self.request("GET", path);
        self.send(request.header("if-none-match", earlier.header("etag")))
            .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(self.request("DELETE", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request("POST", path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.request("PATCH", path).json(&body)).await
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    request: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub(crate) body: Value,
    /// The body as text.
    pub(crate) raw: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.request, self.raw);
        self
    }

    /// A problem document as every error is: with a code, and the request's id.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(
            reply.header("content-type"),
            "application/problem+json",
            "{}",
            reply.request
        );
        assert_eq!(reply.body["code"], code, "{}: {}", reply.request, reply.raw);
        assert_eq!(reply.body["status"], status);
        assert_eq!(reply.text("/request_id"), reply.header("x-request-id"));
        reply
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// A text in the body; `""` if there is none.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// The rows of a list.
    #[track_caller]
    pub(crate) fn rows(&self) -> &[Value] {
        self.body["data"]
            .as_array()
            .unwrap_or_else(|| panic!("no list: {}", self.raw))
    }

    /// The pointers of the fields that are wrong.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        errors
            .iter()
            .filter_map(|error| error["pointer"].as_str())
            .collect()
    }
}
