//! Faults on demand: what a real Twilio does on a bad day, when a test asks for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::state::State;

/// A fault that waits for matching requests.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Given by the simulator.
    #[serde(default, skip_deserializing)]
    pub(crate) id: String,
    pub(crate) kind: FaultKind,
    /// `None`: every account.
    #[serde(default)]
    pub(crate) account_sid: Option<String>,
    /// Only messages to this recipient.
    #[serde(default)]
    pub(crate) to: Option<String>,
    #[serde(default)]
    pub(crate) on: Operation,
    /// Seconds, for the header of that name.
    #[serde(default)]
    pub(crate) retry_after: Option<u64>,
    #[serde(default)]
    pub(crate) latency_ms: u64,
    /// How many requests it hits; `None`: until it is removed.
    #[serde(default)]
    pub(crate) count: Option<u32>,
    /// How likely it hits a request.
    #[serde(default = "certain")]
    pub(crate) probability: f64,
}

fn certain() -> f64 {
    1.0
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// 429 with code 20429: not processed.
    RateLimited,
    /// 429 with code 21611: the sender's queue is full.
    QueueFull,
    /// 500 with a JSON body.
    ServerError,
    /// 500 with an HTML page.
    HtmlError,
    /// 503 with code 20503.
    Unavailable,
    /// The connection closes and nothing happened.
    DropBeforeAccept,
    /// The message is accepted, then the connection closes without an answer.
    DropAfterAccept,
    /// The message is accepted, then nothing is ever answered.
    HangAfterAccept,
    /// Everything works, later.
    Latency,
}

/// Which requests a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    /// Creating a message.
    #[default]
    Create,
    /// Fetching one message.
    Fetch,
    /// Listing messages.
    List,
    /// Changing or deleting a message.
    Update,
    /// Media and their bytes.
    Media,
    /// Accounts.
    Account,
    /// Phone numbers.
    Number,
    /// Any of them.
    Any,
}

/// What hits one request.
#[derive(Debug, Default)]
pub(crate) struct Strike {
    pub(crate) latency: Duration,
    pub(crate) fault: Option<Fault>,
}

impl Strike {
    pub(crate) fn kind(&self) -> Option<FaultKind> {
        self.fault.as_ref().map(|fault| fault.kind)
    }
}

/// Draws what hits a request: any latencies, and the first other fault that matches.
pub(crate) fn draw(
    state: &mut State,
    account_sid: &str,
    operation: Operation,
    to: Option<&str>,
) -> Strike {
    let mut strike = Strike::default();
    *state.requests.entry(operation).or_default() += 1;
    let (dice, struck) = (&mut state.dice, &mut state.struck);
    state.faults.retain_mut(|fault| {
        let is_latency = fault.kind == FaultKind::Latency;
        let hits = fault.matches(account_sid, operation, to)
            && (is_latency || strike.fault.is_none())
            && dice.chance(fault.probability);
        if !hits {
            return true;
        }
        *struck.entry(fault.kind).or_default() += 1;
        if is_latency {
            strike.latency += Duration::from_millis(fault.latency_ms);
        } else {
            strike.fault = Some(fault.clone());
        }
        fault.count = fault.count.map(|count| count.saturating_sub(1));
        fault.count != Some(0)
    });
    strike
}

impl Fault {
    fn matches(&self, account_sid: &str, operation: Operation, to: Option<&str>) -> bool {
        (self.on == Operation::Any || self.on == operation)
            && self
                .account_sid
                .as_deref()
                .is_none_or(|sid| sid == account_sid)
            && (self.to.is_none() || self.to.as_deref() == to)
    }
}
