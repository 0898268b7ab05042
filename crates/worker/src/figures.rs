//! The worker's metrics. None has a tenant's label: their number has no bound.

use entity::value::SendPriority;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use queue::Class;

const ATTEMPTS: &str = "trunkline_send_attempts_total";
const LOOKUPS: &str = "trunkline_send_lookups_total";
const AGE: &str = "trunkline_send_queue_age_seconds";
const OLDEST: &str = "trunkline_send_queue_oldest_seconds";
const LOOKS: &str = "trunkline_catch_up_rounds_total";
const CAUGHT_UP: &str = "trunkline_caught_up_total";
const FETCHES: &str = "trunkline_media_fetches_total";
const DELETIONS: &str = "trunkline_media_deletions_total";
const PAUSES: &str = "trunkline_lane_pauses_total";
const PAUSED: &str = "trunkline_lanes_paused";

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
    describe_gauge!(
        OLDEST,
        Unit::Seconds,
        "How long the oldest text has been due that nobody has in hand, by class"
    );
    describe_counter!(
        PAUSES,
        "Times that a number or a whole account was told to wait, by cause"
    );
    describe_counter!(
        LOOKS,
        "Times that an account's list at Twilio was compared with ours, by result"
    );
    describe_counter!(
        CAUGHT_UP,
        "What was found at Twilio and had not been told here, by kind"
    );
    describe_counter!(
        FETCHES,
        "Times that a file of a text that came in was asked for, by result"
    );
    describe_counter!(
        DELETIONS,
        "Times that a file of a text that came in was to be deleted at Twilio, by result"
    );
    describe_gauge!(PAUSED, "Numbers that stand still");
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

/// The oldest text of a class has been due for so long.
pub(crate) fn oldest(class: Class, age_ms: i64) {
    let seconds = std::time::Duration::from_millis(u64::try_from(age_ms).unwrap_or(0));
    gauge!(OLDEST, "class" => class.as_str()).set(seconds.as_secs_f64());
}

/// Twilio asked a number or an account to wait, or could not be reached.
pub(crate) fn paused(cause: &'static str) {
    counter!(PAUSES, "cause" => cause).increment(1);
}

/// So many numbers stand still.
pub(crate) fn standing_still(lanes: u64) {
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52")]
    gauge!(PAUSED).set(lanes as f64);
}

/// An account's list at Twilio was compared with ours, or could not be.
pub(crate) fn looked(result: &'static str) {
    counter!(LOOKS, "result" => result).increment(1);
}

/// A file of a text that came in was fetched, or not.
pub(crate) fn fetched(result: &'static str) {
    counter!(FETCHES, "result" => result).increment(1);
}

/// A file that is here was deleted at Twilio, or not.
pub(crate) fn deleted(result: &'static str) {
    counter!(DELETIONS, "result" => result).increment(1);
}

/// So much was found there that had not been told here.
pub(crate) fn caught_up(texts: u64, statuses: u64) {
    counter!(CAUGHT_UP, "kind" => "text").increment(texts);
    counter!(CAUGHT_UP, "kind" => "status").increment(statuses);
}
