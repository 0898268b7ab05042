//! Connection overrides: the part of a webhook URL after `#` that sets timeouts and retries.

use std::time::Duration;

/// How a webhook is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overrides {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    /// All tries together.
    pub(crate) total: Duration,
    pub(crate) retries: u32,
    policy: Policy,
}

/// After which outcomes a webhook is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Policy {
    connect: bool,
    read: bool,
    client_errors: bool,
    server_errors: bool,
}

/// How one try went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    NoConnection,
    NoAnswer,
    Answered(u16),
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            connect: Duration::from_millis(5_000),
            read: Duration::from_millis(15_000),
            total: Duration::from_millis(15_000),
            retries: 1,
            policy: Policy {
                connect: true,
                ..Policy::default()
            },
        }
    }
}

impl Overrides {
    /// Reads a fragment. Values out of range are ignored, as are names it doesn't know.
    pub(crate) fn parse(fragment: &str) -> Self {
        let mut overrides = Self::default();
        for (name, value) in form_urlencoded::parse(fragment.as_bytes()) {
            match &*name {
                "ct" => set_ms(&mut overrides.connect, &value, 10_000),
                "rt" => set_ms(&mut overrides.read, &value, 15_000),
                "tt" => set_ms(&mut overrides.total, &value, 15_000),
                "rc" => {
                    if let Some(retries) = value.parse().ok().filter(|count| *count <= 5) {
                        overrides.retries = retries;
                    }
                }
                "rp" => overrides.policy = Policy::parse(&value),
                _ => {}
            }
        }
        overrides
    }

    pub(crate) fn retries_after(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::NoConnection => self.policy.connect,
            Outcome::NoAnswer => self.policy.read,
            Outcome::Answered(400..=499) => self.policy.client_errors,
            Outcome::Answered(500..) => self.policy.server_errors,
            Outcome::Answered(_) => false,
        }
    }
}

impl Policy {
    fn parse(list: &str) -> Self {
        let has = |word: &str| list.split(',').any(|part| part == word || part == "all");
        Self {
            connect: has("ct"),
            read: has("rt"),
            client_errors: has("4xx"),
            server_errors: has("5xx"),
        }
    }
}

fn set_ms(duration: &mut Duration, text: &str, most: u64) {
    if let Some(ms) = text.parse().ok().filter(|ms| (100..=most).contains(ms)) {
        *duration = Duration::from_millis(ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_default_only_a_failed_connection_is_tried_again_once() {
        let overrides = Overrides::parse("");
        assert_eq!(overrides.retries, 1);
        assert!(overrides.retries_after(Outcome::NoConnection));
        assert!(!overrides.retries_after(Outcome::NoAnswer));
        assert!(!overrides.retries_after(Outcome::Answered(503)));
    }

    #[test]
    fn a_fragment_sets_retries_and_timeouts_within_their_ranges() {
        let overrides = Overrides::parse("rc=5&rp=5xx,rt&rt=2500&tt=99&ct=20000");
        assert_eq!(overrides.retries, 5);
        assert_eq!(overrides.read, Duration::from_millis(2500));
        assert_eq!(overrides.total, Duration::from_millis(15_000));
        assert_eq!(overrides.connect, Duration::from_millis(5_000));
        assert!(overrides.retries_after(Outcome::Answered(500)));
        assert!(overrides.retries_after(Outcome::NoAnswer));
        assert!(!overrides.retries_after(Outcome::Answered(404)));
        assert!(!overrides.retries_after(Outcome::NoConnection));
        assert!(Overrides::parse("rp=all").retries_after(Outcome::Answered(404)));
    }
}
