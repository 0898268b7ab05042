//! Which status is further than which.

use entity::value::MessageStatus;
use twilio::webhook::MessageStatus as Told;

/// Whether an attempt that stands at `known` moves to `told`.
///
/// Only upwards. Between two ends the first one stays, but for a `delivered` after a failure:
/// some carriers report a failure first and the delivery later.
pub(super) fn supersedes(known: Option<&str>, told: &Told) -> bool {
    let Some(rank) = told.rank() else {
        return false;
    };
    let Some(known) = known.map(Told::from) else {
        return true;
    };
    match known.rank() {
        Some(before) if before == rank => {
            matches!(told, Told::Delivered) && matches!(known, Told::Undelivered | Told::Failed)
        }
        Some(before) => before < rank,
        None => true,
    }
}

/// Whether a message at `status` is already as far as `wanted`.
pub(super) fn at_least(status: MessageStatus, wanted: MessageStatus) -> bool {
    let lost = [
        MessageStatus::Failed,
        MessageStatus::Undelivered,
        MessageStatus::Canceled,
    ];
    match wanted {
        MessageStatus::Delivered => {
            matches!(status, MessageStatus::Delivered | MessageStatus::Read)
        }
        MessageStatus::Read => status == MessageStatus::Read,
        _ => {
            lost.contains(&status)
                || matches!(status, MessageStatus::Delivered | MessageStatus::Read)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_only_rises() {
        assert!(supersedes(None, &Told::Queued));
        assert!(supersedes(Some("queued"), &Told::Sent));
        assert!(supersedes(Some("sent"), &Told::Delivered));
        assert!(supersedes(Some("delivered"), &Told::Read));
        assert!(!supersedes(Some("delivered"), &Told::Sent));
        assert!(!supersedes(Some("sent"), &Told::Sent));
        assert!(!supersedes(Some("delivered"), &Told::Failed));
    }

    #[test]
    fn a_late_delivery_wins_over_a_failure_and_nothing_else_does() {
        assert!(supersedes(Some("undelivered"), &Told::Delivered));
        assert!(supersedes(Some("failed"), &Told::Delivered));
        assert!(!supersedes(Some("canceled"), &Told::Delivered));
        assert!(!supersedes(Some("undelivered"), &Told::Failed));
    }

    #[test]
    fn a_status_that_nobody_knows_moves_nothing() {
        assert!(!supersedes(Some("sent"), &Told::from("teleported")));
        assert!(supersedes(Some("teleported"), &Told::Sent));
    }
}
