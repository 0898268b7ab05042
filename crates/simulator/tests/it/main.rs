//! The simulator as its users see it: over HTTP, from outside.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod auth;
mod callbacks;
mod create;
mod faults;
mod harness;
mod inbound;
mod media;
mod optout;
mod read;
mod restart;
