//! Fetching media by address, from this machine only: a simulation sends nothing outside.

use std::net::IpAddr;

use reqwest::header;

use crate::app::App;

/// More than any media may have.
const LIMIT: usize = 25 * 1024 * 1024;

/// Whether an address is on this machine, by name or by number.
pub(crate) fn is_on_this_machine(address: &str) -> bool {
    let Ok(url) = url::Url::parse(address) else {
        return false;
    };
    url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}

/// What an address on this machine serves.
pub(crate) struct Fetched {
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// Fetches from an address on this machine; `None` if nothing can be had there.
pub(crate) async fn from_this_machine(app: &App, address: &str) -> Option<Fetched> {
    if !is_on_this_machine(address) {
        return None;
    }
    let client = app.clients().plain().ok()?;
    let response = client
        .get(address)
        .send()
        .await
        .ok()?
        .error_for_status()
        .ok()?;
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let bytes = response.bytes().await.ok()?.to_vec();
    (bytes.len() <= LIMIT).then_some(Fetched {
        content_type,
        bytes,
    })
}
