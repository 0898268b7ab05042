//! How much one caller may ask for in a minute.
//!
//! Each key has one number, the time at which all it has taken will be earned back (the generic
//! cell rate algorithm), so a minute's allowance may come in one burst and then trickles. What a
//! key has earned back is forgotten, so memory holds no more than a minute's callers. Counted per
//! process: behind N replicas a caller may get N times as much.
//!
//! Logins are counted before the password is looked at and given back when it was right: a
//! thousand guesses at once find no gap between look and count.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use entity::id::TenantId;
use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// What is allowed per minute; 0 allows any number.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests per API key or per person; requests with a made-up token per client address.
    pub requests_per_minute: u32,
    /// Failed logins per e-mail address; ten times that per client address. Also Twilio
    /// credentials that a tenant tries out.
    pub logins_per_minute: u32,
    /// Registrations per client address.
    pub signups_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: 1200,
            logins_per_minute: 10,
            signups_per_minute: 60,
        }
    }
}

/// All the counters of one process.
#[derive(Debug)]
pub struct Limiter {
    callers: Bucket<String>,
    strangers: Bucket<IpAddr>,
    logins: Bucket<Mailbox>,
    login_addresses: Bucket<IpAddr>,
    signups: Bucket<IpAddr>,
    credentials: Bucket<TenantId>,
}

impl Limiter {
    /// Counters that start empty.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            callers: Bucket::new(limits.requests_per_minute),
            strangers: Bucket::new(limits.requests_per_minute),
            logins: Bucket::new(limits.logins_per_minute),
            login_addresses: Bucket::new(limits.logins_per_minute.saturating_mul(10)),
            signups: Bucket::new(limits.signups_per_minute),
            credentials: Bucket::new(limits.logins_per_minute),
        }
    }

    /// Counts a request of a login or an API key.
    ///
    /// # Errors
    /// The caller's standing, when nothing is left.
    pub fn request(
        &self,
        caller: String,
        now: DateTime<Utc>,
    ) -> Result<Option<Standing>, Standing> {
        self.callers.take(caller, now)
    }

    /// Counts a token that was made up. Good ones are never asked about this: many callers may
    /// share an address, and one of them must not lock the others out.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] when the client has shown too many.
    pub fn made_up(&self, client: IpAddr, now: DateTime<Utc>) -> Result<(), ApiError> {
        refuse(self.strangers.take(network(client), now))
    }

    /// Counts a try at logging in; [`LoginTry::forgive`] it if it was good.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] when the e-mail or the client has failed too often.
    pub fn login(
        &self,
        email: &str,
        client: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<LoginTry<'_>, ApiError> {
        let attempt = LoginTry {
            limiter: self,
            email: mailbox(email),
            client: network(client),
        };
        refuse(self.login_addresses.take(attempt.client, now))?;
        if let Err(standing) = self.logins.take(attempt.email, now) {
            self.login_addresses.give_back(&attempt.client);
            return Err(standing.into());
        }
        Ok(attempt)
    }

    /// Counts a registration.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] when the client has made too many.
    pub fn signup(&self, client: IpAddr, now: DateTime<Utc>) -> Result<(), ApiError> {
        refuse(self.signups.take(network(client), now))
    }

    /// Counts Twilio credentials that a tenant tries out: nobody is to find a token by guessing it
    /// through us.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] when the tenant has tried too many.
    pub fn credentials(&self, tenant: TenantId, now: DateTime<Utc>) -> Result<(), ApiError> {
        refuse(self.credentials.take(tenant, now))
    }
}

fn refuse(taken: Result<Option<Standing>, Standing>) -> Result<(), ApiError> {
    taken.map(drop).map_err(ApiError::from)
}

/// A try at logging in that is counted as failed until it is known to be good.
#[derive(Debug)]
#[must_use]
pub struct LoginTry<'a> {
    limiter: &'a Limiter,
    email: Mailbox,
    client: IpAddr,
}

impl LoginTry<'_> {
    /// The password was right, or was never looked at: nothing is held against anybody.
    pub fn forgive(self) {
        self.limiter.logins.give_back(&self.email);
        self.limiter.login_addresses.give_back(&self.client);
    }
}

/// How a caller stands: what the `RateLimit-*` headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests per minute.
    pub limit: u32,
    /// Requests left right now.
    pub remaining: u32,
    /// Until all of them are back.
    pub reset: Duration,
    /// Until one more is possible; zero while some are left.
    pub retry_after: Duration,
}

impl Standing {
    /// Puts the `RateLimit-*` headers on an answer.
    pub(crate) fn put(self, headers: &mut HeaderMap) {
        let reset = self.reset.as_millis().div_ceil(1000);
        let fields = [
            ("ratelimit-limit", u128::from(self.limit)),
            ("ratelimit-remaining", u128::from(self.remaining)),
            ("ratelimit-reset", reset),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

impl From<Standing> for ApiError {
    fn from(standing: Standing) -> Self {
        Self::TooManyRequests {
            retry_after: standing.retry_after,
        }
    }
}

/// SHA-256 of an e-mail address: what is typed there may be as long as a body, and is kept for a
/// minute.
type Mailbox = [u8; 32];

fn mailbox(email: &str) -> Mailbox {
    Sha256::digest(email.trim().to_lowercase()).into()
}

/// One network counts as one client: whoever has an IPv6 address has 2^64 of them.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(v6) => {
            let prefix = v6.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(prefix))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

const MINUTE: i64 = 60_000_000;
/// Keys below which nobody bothers to look for forgotten ones.
const FEW: usize = 1024;

/// One allowance for each key. Times are microseconds since 1970.
#[derive(Debug)]
struct Bucket<K> {
    limit: u32,
    keys: Mutex<Keys<K>>,
}

#[derive(Debug)]
struct Keys<K> {
    /// When all that the key has taken is earned back.
    due: HashMap<K, i64>,
    sweep_at: usize,
}

impl<K: Eq + Hash> Bucket<K> {
    fn new(limit: u32) -> Self {
        let keys = Keys {
            due: HashMap::new(),
            sweep_at: FEW,
        };
        Self {
            limit,
            keys: Mutex::new(keys),
        }
    }

    /// What one request costs in time: a microsecond at least, or a high limit would cost nothing and
    /// divide by it.
    fn cost(&self) -> i64 {
        Ord::max(MINUTE / i64::from(self.limit.max(1)), 1)
    }

    fn take(&self, key: K, now: DateTime<Utc>) -> Result<Option<Standing>, Standing> {
        if self.limit == 0 {
            return Ok(None);
        }
        let now = now.timestamp_micros();
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.sweep(now);
        let owed = keys.due.get(&key).map_or(0, |due| Ord::max(due - now, 0));
        let next = owed + self.cost();
        if next > MINUTE {
            return Err(self.standing(owed, next - MINUTE));
        }
        keys.due.insert(key, now + next);
        Ok(Some(self.standing(next, 0)))
    }

    fn give_back(&self, key: &K) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let cost = self.cost();
        if let Some(due) = keys.due.get_mut(key) {
            *due -= cost;
        }
    }

    fn standing(&self, owed: i64, wait: i64) -> Standing {
        let micros = |span: i64| Duration::from_micros(u64::try_from(span).unwrap_or(0));
        Standing {
            limit: self.limit,
            remaining: u32::try_from((MINUTE - owed) / self.cost())
                .unwrap_or(0)
                .min(self.limit),
            reset: micros(owed),
            retry_after: micros(wait),
        }
    }
}

impl<K> Keys<K> {
    fn sweep(&mut self, now: i64) {
        if self.due.len() >= self.sweep_at {
            self.due.retain(|_, due| *due > now);
            self.sweep_at = FEW.max(self.due.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests;
