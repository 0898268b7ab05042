//! A server on a thread of its own, so that what it does is not waited for by those who measure.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::outcome::Outcome;

/// What was asked.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Bytes,
}

/// What is answered.
pub(crate) struct Answer {
    status: u16,
    json: Bytes,
}

impl Answer {
    pub(crate) fn empty(status: u16) -> Self {
        Self::json(status, "")
    }

    pub(crate) fn json(status: u16, json: impl Into<Bytes>) -> Self {
        Self {
            status,
            json: json.into(),
        }
    }
}

/// A server at work until this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: String,
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// `127.0.0.1:1234`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// Answers at a free port.
pub(crate) async fn serve<H, F>(handler: H) -> Outcome<Server>
where
    H: Fn(Asked) -> F + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?.to_string();
    let (stop, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = stopped => {}
                _ = accept(listener, Arc::new(handler)) => {}
            }
        });
    });
    Ok(Server {
        address,
        _stop: stop,
    })
}

async fn accept<H, F>(listener: std::net::TcpListener, handler: Arc<H>) -> Outcome
where
    H: Fn(Asked) -> F + Send + Sync + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let handler = Arc::clone(&handler);
        let service = service_fn(move |request| answer(Arc::clone(&handler), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer<H, F>(
    handler: Arc<H>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    H: Fn(Asked) -> F,
    F: Future<Output = Answer>,
{
    let (head, body) = request.into_parts();
    // A body that breaks off is the end of the connection anyway.
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let asked = Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        body: body.unwrap_or_default(),
    };
    let answer = handler(asked).await;
    let mut response = Response::new(Full::new(answer.json));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}
