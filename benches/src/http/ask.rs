//! Asking once: setting up, and what has to be known before a measurement.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::handshake;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::outcome::Outcome;

/// Somebody who asks a server, with or without a login.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: String,
    token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            token: None,
        }
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Outcome<Reply> {
        self.send("GET", path, None).await?.expect(path, 200)
    }

    pub(crate) async fn post(&self, path: &str, body: Value, status: u16) -> Outcome<Value> {
        let reply = self.send("POST", path, Some(body)).await?;
        Ok(serde_json::from_slice(&reply.expect(path, status)?.raw)?)
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Outcome<Reply> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.address);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let answer = sender.send_request(request.body(Full::new(body))?).await?;
        Ok(Reply {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            raw: answer.into_body().collect().await?.to_bytes(),
        })
    }
}

impl Reply {
    fn expect(self, path: &str, status: u16) -> Outcome<Self> {
        if self.status == status {
            return Ok(self);
        }
        let said = String::from_utf8_lossy(&self.raw);
        Err(format!("{path}: {} instead of {status}: {said}", self.status).into())
    }

    pub(crate) fn header(&self, name: &str) -> Outcome<&str> {
        let value = self
            .headers
            .get(name)
            .ok_or_else(|| format!("no header {name}"))?;
        Ok(value.to_str()?)
    }
}
