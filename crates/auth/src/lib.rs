//! Who calls, for which tenant, and what they may do.
//!
//! People log in with e-mail and password and get an access token for a quarter of an hour and a
//! refresh token to renew it; programs hold an API key. Either becomes a [`Principal`], which only
//! [`authenticate`] makes: whoever holds one has proved their identity, and its tenant is the only
//! one to ask the database for. What a principal may do is asked by type
//! (`principal.allows::<SendMessages>()`), so that a handler can demand it in its signature.
//!
//! Rights are read from the database with every call, never from the token: a changed role, an
//! ended login or a removed colleague counts at once.
//!
//! Nothing here knows HTTP, and nothing here begins a transaction; [`session::refresh`] is the one
//! function that commits, and says why.

pub mod account;
pub mod api_key;
pub mod password;
pub mod permission;
pub mod principal;
pub mod session;
pub mod team;
pub mod tenant;
pub mod token;

mod email;
mod error;
mod field;
mod refresh_token;

pub use email::Email;
pub use error::Error;
pub use field::{Invalid, Problem};
pub use password::{Hasher, PasswordHash};
pub use permission::{Denied, Permission, Scope};
pub use principal::{AuthError, Principal, Who, authenticate};
pub use session::{RefreshError, Tokens};
pub use team::Member;
pub use token::Signer;

#[cfg(test)]
mod testing;
