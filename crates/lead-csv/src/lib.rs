//! Files of leads as spreadsheets write them: CSV in any of the usual forms.
//!
//! What this promises: a file is read as it comes and never whole in memory; what encoding and which
//! separator it has is found out, and what its columns hold by their headers; a row's number is the
//! one that a spreadsheet shows. What is written ([`mod@write`]) can be opened in a spreadsheet
//! without anything in it being run.
//!
//! It knows nothing of leads: whether a cell's content makes sense is not decided here.

mod country;
mod header;
mod read;
mod text;
pub mod write;

pub use country::country_code;
pub use header::Field;
pub use read::{Column, Error, Layout, Row, Rows, Survey};
