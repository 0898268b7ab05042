//! Twilio's wire formats and REST client.
//!
//! The crate promises to speak exactly what Twilio speaks: the ordered form of
//! a webhook, its signature, typed views of its fields, the calls of the REST
//! API, and what Twilio's error codes mean for the caller. It knows no tenant
//! and no database: secrets and credentials are arguments of each call, so one
//! tenant's can never be left over for another's request.

pub mod client;
pub mod error_codes;
pub mod form;
pub mod sid;
pub mod signature;
pub mod twiml;
pub mod webhook;

pub use client::{CallError, Client, Credentials};
pub use form::Form;
