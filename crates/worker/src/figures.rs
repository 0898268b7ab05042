//! The worker's metrics. None has a tenant's label: their number has no bound.

use entity::value::SendPriority;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

const ATTEMPTS: &str = "trunkline_send_attempts_total";
const LOOKUPS: &str = "trunkline_send_lookups_total";
const AGE: &str = "trunkline_send_queue_age_seconds";

/// Tells the recorder what the figures mean.
pub(crate) fn describe() {
    describe_counter!(ATTEMPTS, "Requests to send a text, by outcome");
    describe_counter!(
        LOOKUPS,
        "Texts without an answer looked up at Twilio, by result"
    );
    describe_histogram!(
        AGE,
        Unit::Seconds,
        "How long a text was due when it was sent, by class"
    );
}

/// A request to send ended so.
pub(crate) fn attempted(outcome: &'static str) {
    counter!(ATTEMPTS, "outcome" => outcome).increment(1);
}

/// A text whose sending got no answer was looked up at Twilio.
pub(crate) fn looked_up(result: &'static str) {
    counter!(LOOKUPS, "result" => result).increment(1);
}

/// A text left that had been due for so long.
pub(crate) fn left(class: SendPriority, age_ms: i64) {
    let seconds = std::time::Duration::from_millis(u64::try_from(age_ms).unwrap_or(0));
    histogram!(AGE, "class" => class.as_str()).record(seconds);
}
