//! Leads, conversations and messages: what a text means for a tenant.
//!
//! Two paths run through here. A text that came in is written by [`inbound::receive`], in one
//! transaction with the lead and the conversation it belongs to. A text that is to go out passes
//! [`outbound::submit`], the one gate for everybody who sends; [`sending`] then takes it from the
//! queue to Twilio, and [`delivery`] follows what becomes of it.
//!
//! Functions take a connection and never begin a transaction: whoever calls them does, and hands
//! in the [`events::Outbox`] that tells of the change in that same transaction.

pub mod activity;
pub mod assignment;
pub mod attachments;
pub mod by_number;
pub mod catch_up;
pub mod delivery;
mod error;
pub mod figures;
pub mod imports;
pub mod inbound;
pub mod labels;
pub mod leads;
pub mod messages;
mod minutes;
pub mod notes;
pub mod opt_out;
pub mod outbound;
mod people;
pub mod reason;
mod rows;
pub mod search;
pub mod sending;
pub mod threads;
pub mod timeline;

pub use error::{Error, Problem};

#[cfg(test)]
mod tests;
