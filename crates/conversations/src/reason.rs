//! What to do about a message that ended without Twilio having anything to do with it.

use entity::value::MessageReason;

/// What to do, for people. Nothing for a text that only waits.
#[must_use]
pub const fn advice(reason: MessageReason) -> Option<&'static str> {
    match reason {
        MessageReason::QuietHours => None,
        MessageReason::Expired => Some(
            "If it still makes sense, send it again; its validity begins anew then. If this happens \
             often, see whether texts are queued faster than the channel may send, or give them a \
             longer validity.",
        ),
        MessageReason::OptedOut => {
            Some("Nothing to do, unless they ask for texts again: then it can be sent again.")
        }
        MessageReason::ChannelRemoved => {
            Some("Write it anew: it goes by another channel then, or by this one added again.")
        }
        MessageReason::CustomerWrote => {
            Some("See what they wrote; if it still makes sense, send it again.")
        }
    }
}
