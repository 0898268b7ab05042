//! A Twilio that takes every text and remembers it.
//!
//! It answers as the real one does to `POST …/Messages.json`, at once or after a while, and says
//! that it knows of no texts when it is asked for its list.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::Method;
use serde_json::json;

use crate::http::{Answer, Asked, Server, serve};
use crate::outcome::Outcome;

/// The fake and what it has seen.
pub(crate) struct Twilio {
    server: Server,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    latency_ms: AtomicU64,
    sids: AtomicU64,
}

/// What has come since it was last told to forget.
#[derive(Debug, Default)]
struct Seen {
    /// How often each text came, by what it says: every text of a run says something else.
    texts: HashMap<String, u32>,
    /// How many are under way, and the most that were.
    under_way: u64,
    most_under_way: u64,
    /// When each came.
    times: Vec<Instant>,
    /// When it was last asked for anything else.
    other: Option<Instant>,
}

/// What has come so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrivals {
    pub(crate) posts: u64,
    pub(crate) different: u64,
    /// The most that were under way at once.
    pub(crate) most_under_way: u64,
    pub(crate) first: Instant,
}

impl Twilio {
    pub(crate) async fn start() -> Outcome<Self> {
        let shared = Arc::new(Shared::default());
        let state = Arc::clone(&shared);
        let server = serve(move |asked| answer(Arc::clone(&state), asked)).await?;
        Ok(Self { server, shared })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Forgets what it has seen; from now on it takes so long for each text.
    pub(crate) fn begin(&self, latency: Duration) {
        let ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.shared.latency_ms.store(ms, Ordering::Relaxed);
        *self.shared.seen() = Seen::default();
    }

    /// `None` as long as no text has come.
    pub(crate) fn arrivals(&self) -> Option<Arrivals> {
        let seen = self.shared.seen();
        Some(Arrivals {
            posts: seen.times.len() as u64,
            different: seen.texts.len() as u64,
            most_under_way: seen.most_under_way,
            first: *seen.times.first()?,
        })
    }

    /// When each text came.
    pub(crate) fn times(&self) -> Vec<Instant> {
        self.shared.seen().times.clone()
    }

    /// Waits until nobody has asked it for its lists for a while, as they do on start.
    pub(crate) async fn quiet(&self) {
        let began = Instant::now();
        loop {
            let latest = self.shared.seen().other.unwrap_or(began);
            let since = latest.max(began).elapsed();
            if since > QUIET || began.elapsed() > PATIENCE {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Longer than the pause between two rounds of the service's looking at lists.
const QUIET: Duration = Duration::from_millis(2500);
const PATIENCE: Duration = Duration::from_secs(60);

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(shared: Arc<Shared>, asked: Asked) -> Answer {
    if asked.method != Method::POST {
        shared.seen().other = Some(Instant::now());
        return Answer::json(200, r#"{"messages":[],"next_page_uri":null}"#);
    }
    let fields: HashMap<_, _> = form_urlencoded::parse(&asked.body).into_owned().collect();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    note(&mut shared.seen(), field("Body"));
    let latency = shared.latency_ms.load(Ordering::Relaxed);
    if latency > 0 {
        tokio::time::sleep(Duration::from_millis(latency)).await;
    }
    shared.seen().under_way -= 1;
    let account = asked.path.split('/').nth(3).unwrap_or_default();
    let sid = format!("SMf{:031x}", shared.sids.fetch_add(1, Ordering::Relaxed));
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{sid}");
    let message = json!({
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": field("Body"),
        "date_created": "Mon, 30 Nov 2026 12:00:00 +0000",
        "date_sent": null,
        "date_updated": "Mon, 30 Nov 2026 12:00:00 +0000",
        "direction": "outbound-api",
        "error_code": null,
        "error_message": null,
        "from": field("From"),
        "messaging_service_sid": null,
        "num_media": "0",
        "num_segments": "1",
        "price": null,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": format!("{uri}/Media.json")},
        "to": field("To"),
        "uri": format!("{uri}.json"),
    });
    Answer::json(201, message.to_string())
}

fn note(seen: &mut Seen, text: String) {
    let now = Instant::now();
    seen.times.push(now);
    seen.under_way += 1;
    seen.most_under_way = seen.most_under_way.max(seen.under_way);
    *seen.texts.entry(text).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_comes_twice_is_seen() {
        let mut seen = Seen::default();
        for text in ["one", "two", "one"] {
            note(&mut seen, text.to_owned());
        }
        assert_eq!((seen.times.len(), seen.texts.len()), (3, 2));
    }
}
