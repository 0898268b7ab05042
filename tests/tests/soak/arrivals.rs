//! When texts came to Twilio, by the microsecond.

use std::time::Duration;

use serde_json::Value;

use crate::harness::Twilio;

use super::numbers::Sender;

/// A text at Twilio.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) at_us: i64,
    pub(crate) segments: i64,
    pub(crate) to: String,
}

/// The machine's time, which is the simulator's too.
#[expect(
    clippy::disallowed_methods,
    reason = "what another process does is timed by the clock that both have"
)]
pub(crate) fn now_us() -> i64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_micros() as i64
}

/// What came by an account, in order.
pub(crate) async fn of(twilio: &Twilio, account_sid: &str) -> Vec<Arrival> {
    let sent = twilio.sent(account_sid).await;
    let mut arrivals: Vec<_> = sent.iter().map(read).collect();
    arrivals.sort_by_key(|arrival| arrival.at_us);
    arrivals
}

fn read(sent: &Value) -> Arrival {
    Arrival {
        at_us: sent["arrived_us"].as_i64().unwrap(),
        segments: sent["num_segments"].as_i64().unwrap(),
        to: sent["to"].as_str().unwrap().to_owned(),
    }
}

/// Least, middle and most of some times, and those that few fall short of or exceed.
#[derive(Clone, Debug)]
pub(crate) struct Spread(Vec<f64>);

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        assert!(!values.is_empty(), "nothing was measured");
        Self(values)
    }

    /// The value that so many of a hundred don't exceed.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let last = (self.0.len() - 1) as f64;
        self.0[(last * percent / 100.0).round() as usize]
    }

    pub(crate) fn min(&self) -> f64 {
        self.percentile(0.0)
    }

    pub(crate) fn max(&self) -> f64 {
        self.percentile(100.0)
    }

    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }
}

pub(crate) fn ms(from_us: i64, to_us: i64) -> f64 {
    (to_us - from_us) as f64 / 1000.0
}

/// Waits until a text to somebody is there, and says when it came.
pub(crate) async fn wait_for(twilio: &Twilio, sender: &Sender, to: &str) -> i64 {
    crate::harness::poll_within(Duration::from_secs(60), "the text at Twilio", async || {
        let sent = twilio.sent_to(&sender.channel.account_sid, to).await;
        Some(read(sent.first()?).at_us)
    })
    .await
}
