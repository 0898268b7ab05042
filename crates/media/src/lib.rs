//! Files that come with messages: what they are, how they are made to fit, where they are kept, and
//! who may fetch them.
//!
//! Knows no tenant and no database. The promises:
//!
//! * **A file is what its bytes say** ([`kind`]); names and headers are not believed.
//! * **No file is ever whole in memory.** It is written to disk as it comes ([`Spool`]) and read from
//!   there in pieces; only pictures are decoded, one at a time and none beyond a bound
//!   ([`picture`]).
//! * **What is kept is found by its digest**, in a folder or in a bucket ([`Store`]).
//! * **A link holds for one file and until one hour** ([`Links`]): it can't be made without the key.

pub mod kind;
mod links;
pub mod picture;
mod spool;
mod store;

pub use kind::{Family, Kind};
pub use links::{Grant, Links, Variant};
pub use spool::{Spool, SpoolError, Spooled};
pub use store::{OpenError, Piece, Store, StoreError};
