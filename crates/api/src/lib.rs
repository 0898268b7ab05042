//! The front door: the JSON API and the webhooks.
//!
//! What it promises: every answer is one that the OpenAPI document describes, every error a problem
//! document with the request's id, and nothing internal in either. A caller sees and changes what
//! their tenant's token or key allows and nothing else ([`extract::Allowed`]). A change happens
//! whole or not at all, once however often it is asked for, and is told to whoever watches
//! ([`write`]); an unchanged answer is not computed again ([`conditional`]). An answer comes within
//! five seconds, also while the database is away.
//!
//! [`routes`] is the place to start reading, [`v1::users`] the resource to take as a model.

pub mod compat;
pub mod conditional;
pub mod error;
pub mod extract;
pub mod limiter;
pub mod middleware;
pub mod openapi;
pub mod routes;
pub mod serve;
pub mod state;
pub mod v1;
pub mod webhooks;
pub mod write;

mod files;
mod operation;
mod time;
mod unknown;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
