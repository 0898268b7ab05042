//! One reader's stream, from its first chunk to its end.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use auth::Principal;
use auth::permission::ReadConversations;
use chrono::{DateTime, Utc};
use entity::event;
use entity::id::TenantId;
use events::{Follower, Kind};
use futures_util::stream;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::sleep;

use crate::error::ApiError;
use crate::state::State;

/// How often something is sent, be it a comment: proxies close connections that are silent for a
/// minute, and a reader that has left is noticed by it.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// After how many of those the login is looked at, if nothing has said that it ended.
const LOOK_EVERY: u32 = 20;

/// How long a reader is to wait before it connects again.
const RETRY: Duration = Duration::from_secs(2);

/// How many streams one login or key may have open at once in this process.
const OF_ONE: usize = 100;

/// Events are sent together up to this many bytes.
const CHUNK: usize = 32 * 1024;

/// How many streams are open, here and by each login.
#[derive(Clone, Debug, Default)]
pub struct Streams(Arc<Mutex<HashMap<String, usize>>>);

impl Streams {
    /// A place for one more, until it is dropped.
    pub(super) fn take(&self, caller: &Principal) -> Result<Place, ApiError> {
        let who = caller.limiter_key();
        let mut open = self.open();
        let count = open.entry(who.clone()).or_default();
        if *count >= OF_ONE {
            return Err(ApiError::TooManyStreams { most: OF_ONE });
        }
        *count += 1;
        drop(open);
        metrics::gauge!("trunkline_event_streams").increment(1);
        Ok(Place {
            streams: self.clone(),
            who,
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that is counted.
pub(super) struct Place {
    streams: Streams,
    who: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("trunkline_event_streams").decrement(1);
        let mut open = self.streams.open();
        if let Some(count) = open.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.who);
            }
        }
    }
}

/// One reader's stream.
pub(super) struct Stream {
    state: Data<State>,
    tenant: TenantId,
    bearer: SecretString,
    /// When the token or key ends.
    expires_at: Option<DateTime<Utc>>,
    follower: Follower,
    /// What comes before the first event.
    opening: Option<Bytes>,
    /// How many comments were sent since the login was looked at.
    unseen: u32,
    _place: Place,
}

impl Stream {
    pub(super) fn new(
        state: Data<State>,
        caller: &Principal,
        bearer: SecretString,
        follower: Follower,
        place: Place,
    ) -> Self {
        let now = state.clock.now();
        Self {
            tenant: caller.tenant_id,
            expires_at: caller.expires_at,
            opening: Some(opening(&follower, caller.tenant_id, now)),
            state,
            bearer,
            follower,
            unseen: 0,
            _place: place,
        }
    }

    /// The body of the answer.
    pub(super) fn into_chunks(self) -> impl stream::Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, async |mut stream| {
            let chunk = stream.next().await?;
            Some((Ok(chunk), stream))
        })
    }

    /// The next chunk; nothing at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(opening) = self.opening.take() {
            return Some(opening);
        }
        let closing = self.state.closing.clone();
        loop {
            let left = self.time_left();
            let event = tokio::select! {
                biased;
                () = closing.cancelled() => return None,
                event = self.follower.next() => match event {
                    Ok(event) => event,
                    // The reader resumes from what it has, when the database is back.
                    Err(_) => return None,
                },
                () = sleep(left.map_or(KEEP_ALIVE, |left| left.min(KEEP_ALIVE))) => {
                    return self.silence().await;
                }
            };
            let mut chunk = String::new();
            let mut next = Some(event);
            while let Some(event) = next {
                if event.kind == Kind::AccessChanged.as_str() {
                    if !self.is_still_allowed().await {
                        return None;
                    }
                } else {
                    write_event(&mut chunk, &event);
                }
                next = (chunk.len() < CHUNK)
                    .then(|| self.follower.at_hand())
                    .flatten();
            }
            if !chunk.is_empty() {
                return Some(chunk.into());
            }
        }
    }

    /// What is sent when nothing happens.
    async fn silence(&mut self) -> Option<Bytes> {
        if self.time_left().is_some_and(|left| left.is_zero()) {
            return None;
        }
        self.unseen += 1;
        if self.unseen >= LOOK_EVERY && !self.is_still_allowed().await {
            return None;
        }
        Some(Bytes::from_static(b":\n\n"))
    }

    fn time_left(&self) -> Option<Duration> {
        let left = self.expires_at? - self.state.clock.now();
        Some(left.to_std().unwrap_or_default())
    }

    async fn is_still_allowed(&mut self) -> bool {
        self.unseen = 0;
        let state = &self.state;
        let now = state.clock.now();
        let bearer = self.bearer.expose_secret();
        let known = auth::authenticate(state.db.read(), &state.signer, now, bearer).await;
        known.is_ok_and(|caller| {
            caller.tenant_id == self.tenant && caller.allows::<ReadConversations>().is_ok()
        })
    }
}

/// An `id` by itself is no event, but what a reader resumes from.
fn opening(follower: &Follower, tenant: TenantId, now: DateTime<Utc>) -> Bytes {
    let cursor = follower.cursor();
    let mut text = format!("retry: {}\nid: {cursor}\n\n", RETRY.as_millis());
    if follower.has_missed() {
        let data = json!({ "tenant_id": tenant, "occurred_at": now });
        write_event(
            &mut text,
            &event::Model {
                tenant_id: tenant,
                seq: cursor,
                kind: "resync".to_owned(),
                data,
                occurred_at: now,
            },
        );
    }
    text.into()
}

/// JSON has no line breaks of its own, so one `data` line holds it.
fn write_event(text: &mut String, event: &event::Model) {
    let event::Model {
        seq, kind, data, ..
    } = event;
    // Writing to a string can't fail.
    let _ = write!(text, "id: {seq}\nevent: {kind}\ndata: {data}\n\n");
}
