//! One connection that stays open.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Prepared;
use crate::outcome::Outcome;

pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Connection {
    pub(super) async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Ends with the sender; what goes wrong is told to it.
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: HeaderValue::from_str(address)?,
        })
    }

    /// Sends, reads the answer to its end, and gives its status.
    pub(super) async fn send(&mut self, prepared: &Prepared) -> Outcome<u16> {
        let mut request = Request::new(Full::new(prepared.body.clone()));
        *request.method_mut() = prepared.method.clone();
        *request.uri_mut() = prepared.target.clone();
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        for (name, value) in &prepared.headers {
            headers.insert(name, value.clone());
        }
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let mut body = answer.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        Ok(status)
    }
}
