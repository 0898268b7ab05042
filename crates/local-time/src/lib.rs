//! What time it is where somebody lives, as far as a phone number tells, and when they are not to
//! be disturbed.
//!
//! Pure functions: no database, no clock. Where a number may be in one of several time zones, all
//! of them count: [`QuietHours::earliest`] finds a moment that is right in each.

mod quiet;
mod zones;

pub use quiet::QuietHours;
pub use zones::{Place, of_number, of_place, of_recipient};
