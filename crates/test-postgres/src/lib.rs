//! Throw-away PostgreSQL clusters for tests.
//!
//! What this promises: a cluster that nobody else uses, reachable on the loopback interface only and
//! by a password made for it, run by a user other than root (PostgreSQL refuses root), and gone with
//! all its files when its owner ends, however that happens: returned, panicked, interrupted, killed.
//! Hence no signal handlers and no clean-up at exit; a small shell script beside this file
//! supervises the server and watches its owner.
//!
//! It uses the standard library only, for `cargo xtask` is built from it.

mod account;
mod binaries;
mod cluster;
mod error;
mod shared;

pub use account::is_root;
pub use binaries::Binaries;
pub use cluster::Cluster;
pub use error::Error;
pub use shared::{DATABASE_URL_VARIABLE, url_of_this_run};
