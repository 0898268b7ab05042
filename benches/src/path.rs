//! What is measured, and what was to be reached.

use clap::ValueEnum;

/// One way through the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Path {
    /// Texts come in, by 32 connections.
    Inbound,
    /// The same by 128.
    Inbound128,
    /// Texts come in at a fixed rate, whether they are answered or not.
    Steady,
    /// Twilio says that texts were delivered.
    Status,
    /// What waits is sent, and Twilio answers at once.
    Send,
    /// The same, and Twilio takes 100 ms.
    SendSlow,
    /// The newest 50 conversations are read.
    Conversations,
    /// The newest 50 messages of a conversation are read.
    Messages,
    /// The same, and nothing has changed since.
    Poll,
}

/// What was to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// So many times the peer's rate.
    Times(f64),
    /// The same, and 99 of 100 requests are answered sooner than the peer's.
    TimesAndSooner(f64),
    /// So much of what the texts in hand at once allow.
    OfBound(f64),
    /// Nothing was set.
    None,
}

impl Path {
    pub(crate) const ALL: [Self; 9] = [
        Self::Inbound,
        Self::Inbound128,
        Self::Steady,
        Self::Status,
        Self::Send,
        Self::SendSlow,
        Self::Conversations,
        Self::Messages,
        Self::Poll,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Inbound => "inbound webhook, signature checked, durable, 32 connections",
            Self::Inbound128 => "the same at 128 connections",
            Self::Steady => "the same at a fixed rate (latency from when it was due)",
            Self::Status => "delivery status callback, 32 connections",
            Self::Send => "send loop (claim, POST, store the SID)",
            Self::SendSlow => "the same when Twilio takes 100 ms",
            Self::Conversations => "newest 50 conversations, 32 connections",
            Self::Messages => "newest 50 messages of one, 32 connections",
            Self::Poll => "the same poll when nothing changed (If-None-Match)",
        }
    }

    pub(crate) const fn goal(self) -> Goal {
        match self {
            Self::Inbound => Goal::TimesAndSooner(4.0),
            Self::Inbound128 => Goal::Times(6.0),
            Self::Status => Goal::Times(3.0),
            Self::Send | Self::Messages => Goal::Times(2.5),
            Self::SendSlow => Goal::OfBound(0.95),
            Self::Conversations => Goal::Times(2.7),
            Self::Poll => Goal::Times(10.0),
            Self::Steady => Goal::None,
        }
    }

    pub(crate) const fn connections(self) -> usize {
        match self {
            Self::Inbound128 | Self::Steady => 128,
            _ => 32,
        }
    }
}

impl Goal {
    pub(crate) fn shown(self) -> String {
        match self {
            Self::Times(times) => format!("≥ {times} × peer"),
            Self::TimesAndSooner(times) => format!("≥ {times} × peer, p99 under the peer's"),
            Self::OfBound(share) => format!("≥ {share} of the concurrency bound"),
            Self::None => "–".to_owned(),
        }
    }
}
