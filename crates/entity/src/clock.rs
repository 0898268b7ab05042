//! The one place that reads the clock of the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

/// Where the time comes from: handed down from `main`, so that a test can turn it.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until a test moves it; microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` until [`Clock::advance`] is called.
    #[must_use]
    pub fn manual(now: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.timestamp_micros())))
    }

    /// The time, truncated to microseconds: PostgreSQL keeps no more.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => {
                let now = Utc::now();
                now.duration_trunc(TimeDelta::microseconds(1))
                    .unwrap_or(now)
            }
            Self::Manual(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or_default()
            }
        }
    }

    /// The time in milliseconds since 1970, as the queue's columns hold it.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now().timestamp_millis()
    }

    /// Moves a manual clock; the machine's own can't be moved.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Manual(micros) = self {
            micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }

    /// A fresh UUIDv7: ids made later sort later, so an id alone is a cursor.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        thread_local! {
            /// Keeps ids of one thread in order within a millisecond.
            static CONTEXT: ContextV7 = const { ContextV7::new() };
        }
        let now = self.now();
        CONTEXT.with(|context| {
            let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
            Uuid::new_v7(Timestamp::from_unix(
                context,
                seconds,
                now.timestamp_subsec_nanos(),
            ))
        })
    }
}
