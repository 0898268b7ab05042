//! The index by which names, numbers and texts are found, the same on both databases.
//!
//! It is made of tables like any other (`docs/adr/0020-search.md` says why). A thing that can be
//! found has an entry with its words, and a row for each term that these make. Whoever looks finds
//! terms, newest thing first, and lets the entry's words decide: [`find::newest`] reads a bounded
//! number of rows, whatever is looked for and however much there is.
//!
//! [`entry`] writes, in the caller's transaction. [`progress`] knows how far each tenant's index has
//! come. What a lead or a text is made of is known above this crate.

pub mod entry;
pub mod find;
mod fold;
mod lookup;
mod path;
pub mod progress;
mod query;
mod terms;
#[cfg(test)]
mod tests;
mod words;

pub use query::Query;

use entity::id::{LeadId, TenantId};
use uuid::Uuid;

/// What can be found. The numbers stand in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A lead, by name, e-mail address and number.
    Lead = 1,
    /// A text in or out.
    Message = 2,
    /// What colleagues tell each other.
    Note = 3,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lead, Self::Message, Self::Note];

    /// As the database has it.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// What the database means.
    #[must_use]
    pub fn numbered(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// Something that is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is.
    pub kind: Kind,
    /// Its id, in version 7: it sorts by when it was made.
    pub id: Uuid,
    /// With whom it goes.
    pub lead: LeadId,
    /// By which texts it is found.
    pub texts: Vec<String>,
}
