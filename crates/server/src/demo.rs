//! `trunkline demo`: a service with something in it, for whoever wants to look around.
//!
//! Nothing here is special to the demo but the story: the tenant registers by the API, its
//! customers text through a simulated Twilio that signs its webhooks, and the answers go out by
//! the queue. So what one sees is what one gets.

mod client;
mod error;
mod folder;
mod seed;
mod story;
mod welcome;

pub(crate) use client::Client;
pub(crate) use error::DemoError;
pub(crate) use folder::{Folder, Logins};
pub(crate) use seed::{account, seed};
pub(crate) use welcome::welcome;
