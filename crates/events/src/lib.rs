//! What happened, per tenant, in order and without a gap.
//!
//! Each tenant has one counter. Every transaction that changes something a tenant can see counts
//! it up as its **last** statements, through an [`Outbox`]. The counter's row stays locked until
//! the commit, so numbers become visible in the order they were given out: who has seen number
//! 41 will never find a 40 turning up behind it. That makes the number an event id to resume
//! from, and an ETag: read before the data, an unchanged number proves unchanged data.
//!
//! Events are for programs, and forgotten after a week. What people want to read later, who did
//! what, goes the same way as [`Activity`] and is kept as long as the tenant is.
//!
//! After the commit the [`Bell`] is rung, and whoever follows the tenant by [`Feeds`] gets what is new;
//! a [`Relay`] carries the ringing between processes.

mod activity;
mod bell;
mod feed;
mod kind;
mod log;
mod outbox;
mod relay;

pub use activity::Activity;
pub use bell::Bell;
pub use feed::{Event, Feeds, Follower};
pub use kind::Kind;
pub use log::{after, current, forget};
pub use outbox::Outbox;
pub use relay::Relay;

#[cfg(test)]
mod tests;
