//! What is in the databases before anything is measured, and what waits to be sent.

mod copy;
mod many;
pub(crate) mod ours;
pub(crate) mod peer;
pub(crate) mod queue;
mod rows;

/// What keeps the ids of filled-in rows apart; see [`crate::sql::Sql::id`].
pub(crate) const LEADS: u8 = 1;
pub(crate) const CONVERSATIONS: u8 = 2;
const MESSAGES: u8 = 3;
const QUEUED: u8 = 5;
const ENTRIES: u8 = 6;
const TENANTS: u8 = 7;
const USERS: u8 = 8;
const KEYS: u8 = 9;
const ACTIVITY: u8 = 10;

/// How the texts of a run begin; each goes on with its number.
pub(crate) fn text_of(run: u32) -> String {
    format!("Run {run:08x}: your table is booked, no. ")
}
