//! What is measured: the program on either database, and the peer.

mod ours;
mod peer;

use std::fmt;
use std::path::Path;

pub(crate) use ours::{Ours, PASSWORD};
pub(crate) use peer::Peer;

use crate::data::{Size, Tenant};
use crate::load::Prepared;
use crate::outcome::Outcome;
use crate::server::Server;
use crate::sql::Sql;

/// What Twilio is told as the address of both, and signs over.
pub(crate) const PUBLIC_URL: &str = "https://bench.example.com";

/// Who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Peer,
    OursOnSqlite,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "trunkline",
            Self::Peer => "peer",
            Self::OursOnSqlite => "trunkline, SQLite",
        })
    }
}

/// The same questions for each, so that one piece of code measures all.
pub(crate) trait Subject {
    fn side(&self) -> Side;

    fn size(&self) -> Size;

    /// A look into its database.
    fn sql(&self) -> &Sql;

    /// Starts it; it only sends where `twilio` is given.
    async fn start(&self, twilio: &str, sends: bool) -> Outcome<Server>;

    /// Where texts that come in are posted.
    fn sms_path(&self) -> &'static str;

    /// Where statuses are posted.
    fn status_path(&self) -> &'static str;

    /// How many texts that came in by a run are in the database.
    async fn received(&self, run: u32) -> Outcome<u64>;

    /// How many texts it knows to have been delivered.
    async fn delivered(&self) -> Outcome<u64> {
        let count = "SELECT COUNT(*) FROM messages WHERE status = 'delivered'";
        self.sql().count(count).await
    }

    /// Requests for the newest 50 conversations, of several tenants.
    async fn conversations(&self, server: &Server) -> Outcome<Vec<Prepared>>;

    /// Requests for the newest 50 messages of busy conversations.
    async fn messages(&self, server: &Server) -> Outcome<Vec<Prepared>>;

    /// The same, by somebody who has the answer already; whoever knows no better answers in full.
    async fn polls(&self, server: &Server) -> Outcome<Vec<Prepared>>;

    /// Puts so many texts into the queue, due at once, in one transaction.
    async fn queue(&self, run: u32, texts: u64) -> Outcome;

    /// How many of a run's texts have the SID that Twilio gave.
    async fn sent(&self, run: u32) -> Outcome<u64>;

    /// How many texts are still in the queue.
    async fn waiting(&self) -> Outcome<u64>;

    /// How many requests to Twilio it has under way at most.
    fn at_once(&self) -> u64;

    /// Waits until it has done in the background what the requests have left to be done.
    async fn settle(&self) -> Outcome;
}

/// Whose inbox is read: a hundred tenants, or all where there are fewer; large ones.
fn readers(size: Size) -> impl Iterator<Item = Tenant> {
    (0..size.large.min(100)).map(Tenant::nth)
}

/// Some busy conversations of a tenant.
fn busy_of(size: Size, tenant: &Tenant) -> impl Iterator<Item = u64> + use<> {
    let (large, n) = (size.large, tenant.n);
    (0..(size.busy() / large).min(5)).map(move |k| n + k * large)
}

/// A path of the machine that the program may be given from another folder.
fn absolute(path: &Path) -> Outcome<std::path::PathBuf> {
    std::fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A GET with a login.
fn get(target: &str, token: &str, etag: Option<&str>) -> Outcome<Prepared> {
    use hyper::header::{AUTHORIZATION, HeaderValue, IF_NONE_MATCH};
    let bearer = HeaderValue::from_str(&format!("Bearer {token}"))?;
    let mut headers = vec![(AUTHORIZATION, bearer)];
    if let Some(etag) = etag {
        headers.push((IF_NONE_MATCH, HeaderValue::from_str(etag)?));
    }
    Ok(Prepared {
        method: hyper::Method::GET,
        target: target.parse()?,
        headers,
        body: bytes::Bytes::new(),
        expected: if etag.is_some() { 304 } else { 200 },
    })
}

/// A POST of JSON with a login or an API key.
pub(crate) fn post(
    target: &str,
    token: &str,
    body: &serde_json::Value,
    expected: u16,
) -> Outcome<Prepared> {
    use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
    let bearer = HeaderValue::from_str(&format!("Bearer {token}"))?;
    Ok(Prepared {
        method: hyper::Method::POST,
        target: target.parse()?,
        headers: vec![
            (AUTHORIZATION, bearer),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ],
        body: body.to_string().into(),
        expected,
    })
}

/// Fails where a list is no full page: then one side would have less to do.
fn expect_a_page(body: &[u8]) -> Outcome {
    let body: serde_json::Value = serde_json::from_slice(body)?;
    let rows = body["data"].as_array().map_or(0, Vec::len);
    if rows == 50 {
        return Ok(());
    }
    Err(format!("a list has {rows} rows instead of 50: there is too little data").into())
}
