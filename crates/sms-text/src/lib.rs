//! What the text of an SMS means: how many segments it takes, and whether it is a word that
//! opts somebody out.
//!
//! Pure functions: no database, no clock, nothing of Twilio's API.

pub mod opt_out;
pub mod segments;

pub use opt_out::{Keyword, keyword};
pub use segments::{Encoding, Segments, count};
