//! What every handler may reach for.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ::media::picture::Studio;
use ::media::{Links, Store, Variant};
use auth::{Hasher, Signer};
use channels::KeyRing;
use chrono::{DateTime, Utc};
use conversations::outbound::Terms;
use conversations::sending::RetryPolicy;
use db::Db;
use entity::clock::Clock;
use entity::media;
use events::{Bell, Feeds};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::extract::{CursorKey, TrustedProxies};
use crate::limiter::{Limiter, Limits};
use crate::v1::events::Streams;
use crate::webhooks::Door;

/// What the front door was set up with; shared by all its threads.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How the world reaches the service: told to Twilio and signed by it, so it never comes from
    /// a request, and is kept as it was written: a signature tells `A` from `a`.
    pub public_url: String,
    /// Whether this is the real thing: then nothing convenient for development is on.
    pub production: bool,
    /// Whether anybody may make a tenant of their own.
    pub allow_signup: bool,
    /// Whose word on a client's address is believed.
    pub trusted_proxies: TrustedProxies,
    /// What one caller may ask for in a minute.
    pub limits: Limits,
    /// How often a text is tried again that could not be delivered.
    pub retry_policy: RetryPolicy,
    /// What holds for all texts.
    pub terms: Terms,
    /// Names this build: answers of another one are never taken for unchanged.
    pub build: String,
}

/// What every handler may reach for. One per process, behind `web::Data`.
pub struct State {
    /// The database.
    pub db: Db,
    /// The time, and fresh ids.
    pub clock: Clock,
    /// What the operator has set.
    pub settings: Settings,
    /// Writes down what webhooks tell.
    pub door: Door,
    /// Makes and checks login tokens.
    pub signer: Signer,
    /// Hashes passwords away from the async threads.
    pub hasher: Hasher,
    /// Seals and opens credentials.
    pub keys: KeyRing,
    /// Speaks to Twilio.
    pub twilio: twilio::Client,
    /// Where files are kept.
    pub store: Store,
    /// Looks at pictures.
    pub studio: Studio,
    /// Rung for who follows what happens.
    pub bell: Bell,
    /// What is followed.
    pub feeds: Feeds,
    /// How many follow.
    pub streams: Streams,
    /// Cancelled when the service is to end: what would go on for ever ends then.
    pub closing: CancellationToken,
    /// Tells the worker of this process that something is to be done.
    pub wake: Arc<Notify>,
    /// Whether this process' worker is at work; true where it has none.
    pub worker_alive: Arc<AtomicBool>,
    /// Renders what was counted; nothing where nobody counts.
    pub metrics: Option<PrometheusHandle>,
    /// Counts what callers ask for.
    pub limiter: Limiter,
    /// Seals list cursors.
    pub cursor_key: CursorKey,
}

impl State {
    /// What it takes to show rows to a client now.
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        Shown {
            links: &self.settings.terms.links,
            now: self.clock.now(),
        }
    }
}

/// What it takes to show rows to a client.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    links: &'a Links,
    now: DateTime<Utc>,
}

impl Shown<'_> {
    /// Where a file can be had, for an hour at least.
    #[must_use]
    pub fn link(&self, file: &media::Model, variant: Variant) -> String {
        self.links.for_page(file.id.0, variant, self.now)
    }

    /// Where a small picture of a file can be had, if there is one.
    #[must_use]
    pub fn thumbnail(&self, file: &media::Model) -> Option<String> {
        file.thumbnail_digest.as_ref()?;
        Some(self.link(file, Variant::Thumbnail))
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
