//! Durable lanes: work that waits for its turn, one lane per sending number.
//!
//! A lane has a pace: so many milliseconds between two units of work. Workers claim lanes whose
//! time has come, longest waiting first, and of each what falls into the next moment, every
//! piece with the instant at which it may begin. A claim is a lease: while it lasts nobody else
//! gets the piece, and when its holder dies the piece comes back by itself.
//!
//! The queue knows nothing of what it carries: a payload is an id. It lives in the same database
//! as everything else, so work is queued by the very transaction that makes it necessary.

mod claim;
mod hasten;
mod lane;
mod runner;
#[cfg(test)]
mod tests;

pub use claim::{Claim, claim, release_expired};
pub use hasten::hasten;
pub use lane::{
    NewEntry, again, cancel, done, drain, enqueue, holds, pause, resume, set_pace, waiting,
};
pub use runner::{Handler, Runner};

/// How urgent a piece of work is; a lower class goes first within its lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Class {
    /// Somebody waits for it.
    Reply = 0,
    /// As most work is.
    Normal = 1,
    /// One of many.
    Bulk = 2,
}
