//! Following a stream of server-sent events, as a browser reads it.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::Client;

/// Longer than anything takes, shorter than the comments come.
const PATIENCE: Duration = Duration::from_secs(10);

/// One that reads a stream.
pub(crate) struct Follower {
    answer: reqwest::Response,
    text: String,
    events: VecDeque<Event>,
    /// The id to resume from.
    pub(crate) last_id: String,
}

/// An event.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

impl Follower {
    /// Follows from now on.
    pub(crate) async fn now(client: &Client) -> Self {
        Self::of(client, None).await
    }

    /// Follows from after an event.
    pub(crate) async fn after(client: &Client, id: &str) -> Self {
        Self::of(client, Some(id)).await
    }

    async fn of(client: &Client, after: Option<&str>) -> Self {
        let mut request = client.request("GET", "/api/v1/events");
        if let Some(id) = after {
            request = request.header("last-event-id", id);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        let mut follower = Self {
            answer,
            text: String::new(),
            events: VecDeque::new(),
            last_id: String::new(),
        };
        // What comes first says from where it goes on.
        while follower.last_id.is_empty() {
            assert!(follower.read().await, "the stream ended before it began");
        }
        follower
    }

    /// The next event; nothing when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if !self.read().await {
                return None;
            }
        }
    }

    /// The next event of this type.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.kind == kind {
                return event;
            }
        }
    }

    /// Reads to the end, which has to come by itself.
    pub(crate) async fn end(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }

    /// Reads some; false at the end.
    async fn read(&mut self) -> bool {
        let chunk = timeout(PATIENCE, self.answer.chunk()).await;
        let Ok(Some(chunk)) = chunk.expect("something comes") else {
            return false;
        };
        self.text.push_str(str::from_utf8(&chunk).unwrap());
        while let Some((block, rest)) = self.text.split_once("\n\n") {
            let rest = rest.to_owned();
            let field = |name: &str| {
                let mut lines = block.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            if let Some(id) = field("id") {
                self.last_id = id.to_owned();
            }
            if let (Some(kind), Some(data)) = (field("event"), field("data")) {
                self.events.push_back(Event {
                    id: self.last_id.parse().unwrap(),
                    kind: kind.to_owned(),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
            self.text = rest;
        }
        true
    }
}
