//! Version 1 of the API: one file per resource.
//!
//! `users` is the model to follow. A handler's arguments say who may call and what was understood;
//! its body calls one function of the domain, inside [`read`](crate::conditional::read) or
//! [`write`](crate::write::write), which begin and end transactions and make the answer.
//! (A routed handler's name stands for a unit struct, so nothing in its module can be named alike.)

pub mod activity;
pub mod api_keys;
pub mod auth;
mod changes;
pub mod channels;
pub mod conversations;
pub mod events;
pub mod labels;
pub mod leads;
pub mod media;
pub mod messages;
pub mod notes;
pub mod queue;
pub mod search;
pub mod tenant;
pub mod timeline;
pub mod users;
