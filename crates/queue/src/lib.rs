//! Durable lanes: work that waits for its turn, one lane per sending number.
//!
//! A lane has a pace: so much time between two units of work. Workers claim lanes whose time has
//! come, longest waiting first, and of each what falls into the next moment, every piece with the
//! instant at which it may begin. A claim is a lease: while it lasts nobody else gets the piece,
//! and when its holder dies the piece comes back by itself.
//!
//! Four promises, and where they are kept:
//!
//! * **Pace.** The lane's next free instant is moved by the claim itself ([`claim`](mod@claim)), so
//!   two workers can't use one; a worker has a lane to itself for a moment, and keeps its pieces
//!   apart although each is prepared in its own time ([`Turn::comes`]).
//! * **Fairness.** Between lanes the one that waits longest goes first; within a lane the most
//!   urgent class, and every eighth turn what has waited behind it ([`Class`]).
//! * **Moderation.** Lanes that draw on one account form a group: no more than so many pieces of it
//!   are in hand at once over all workers, fewer after it was asked to slow down
//!   ([`slow_down`]), and more again as it recovers.
//! * **One clock.** Workers compare times by the database's clock ([`now_ms`]), not by theirs.
//!
//! The queue knows nothing of what it carries: a payload is an id. It lives in the same database
//! as everything else, so work is queued by the very transaction that makes it necessary.

mod claim;
mod crew;
mod gate;
mod group;
mod hasten;
mod lane;
mod order;
mod runner;
mod stand;
mod tally;
#[cfg(test)]
mod tests;
mod time;

pub use claim::{Claim, Want, claim, release_expired};
pub use crew::anybody_works;
pub use gate::Turn;
pub use group::{Group, slow_down};
pub use hasten::hasten;
pub use lane::{
    NewEntry, again, cancel, cancel_each, done, done_each, drain, enqueue, follow, held, holds,
    pause, payloads, resume, unstick, waiting,
};
pub use runner::{Handler, Runner};
pub use stand::{Oldest, Standstill, oldest, paused, standstills};
pub use time::now_ms;

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

impl Class {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Reply, Self::Normal, Self::Bulk];

    /// The class that a column names; whatever is none of ours is bulk.
    pub(crate) const fn of(number: i32) -> Self {
        match number {
            0 => Self::Reply,
            1 => Self::Normal,
            _ => Self::Bulk,
        }
    }

    /// What metrics call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Normal => "normal",
            Self::Bulk => "bulk",
        }
    }
}
