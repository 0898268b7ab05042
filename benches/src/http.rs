//! A small HTTP server for what stands in for others, and a small client for asking once.

mod ask;
mod serve;

pub(crate) use ask::{Client, Reply};
pub(crate) use serve::{Answer, Asked, Server, serve};
