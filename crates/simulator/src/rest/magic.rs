//! Test credentials: numbers that always fail in a given way.

use super::refusal::Refusal;

const PREFIX: &str = "+1500555";

/// What happens to messages to a magic number.
pub(super) fn recipient(to: &str) -> Result<(), Refusal> {
    let (code, message) = match to.strip_prefix(PREFIX) {
        Some("0001") => (21211, "The 'To' number is not a valid phone number"),
        Some("0002") => (
            21612,
            "The 'To' number is not reachable from the 'From' number",
        ),
        Some("0003") => (21408, "Permission to send to this region is not enabled"),
        Some("0004") => (21610, "Attempt to send to unsubscribed recipient"),
        Some("0009") => (21614, "The 'To' number is not a mobile number"),
        _ => return Ok(()),
    };
    Err(Refusal::bad(code, message))
}

/// Of all numbers only `…0006` can send with test credentials.
pub(super) fn sender(from: &str) -> Result<(), Refusal> {
    match from.strip_prefix(PREFIX) {
        Some("0006") => Ok(()),
        Some("0001") => Err(Refusal::bad(
            21212,
            "The 'From' number is not a valid phone number",
        )),
        Some("0008") => Err(Refusal::new(
            429,
            21611,
            "This 'From' number has exceeded the maximum number of queued messages",
        )),
        _ => Err(Refusal::bad(
            21606,
            "The 'From' number is not an SMS-capable number of this account",
        )),
    }
}
