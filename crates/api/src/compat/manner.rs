//! How clients of other systems are told that a request went wrong.

use crate::extract::unversioned;
use crate::routes;

/// The field that a client looks at first. With it an error answer is a problem document all the
/// same, and has its sentence in `error` too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// `ok`.
    Ok,
    /// `success`.
    Success,
}

/// How clients of a path want to be told. Decided by the path alone, before it is routed: what
/// goes wrong on the way to a handler is told in the same manner.
pub(crate) fn manner(path: &str) -> Option<Manner> {
    if !path.starts_with(routes::UNVERSIONED) {
        return None;
    }
    let parts: Vec<_> = unversioned(path).split('/').skip(1).collect();
    match *parts {
        ["twilio", "status"]
        | ["twilio", "sms", "outbound"]
        | ["leads", _, "sms"]
        | ["admin", "sms-queue"] => Some(Manner::Ok),
        ["twilio", "test"]
        | ["twilio", "sms", "send" | "history"]
        | ["sms", "send" | "schedule" | "delivery-stats"]
        | ["sms", "conversation", _] => Some(Manner::Success),
        _ => None,
    }
}
