//! What PostgreSQL did for a request: the plans of the statements that were really issued.
//!
//! Statements that are copied into a test go on passing when those of the program have changed. So the
//! server itself tells: with [`SETTINGS`] a database sends the plan of each statement, with what was
//! read, as a notice to whoever issued it, and with [`LOG_FILTER`] and JSON as the log's format the
//! program logs those notices, each with the request that it was working at. [`statements`] reads them
//! from the log. It needs `auto_explain`, which comes with PostgreSQL, and no server of one's own.
//!
//! [`LISTS`] are the lists of the API in their orders and filters, to be asked for.

mod lists;
mod plan;

pub use lists::{Known, LISTS, more};
pub use plan::{Scan, Statement, statements};

/// What a database has to be told (`ALTER DATABASE … SET …`) before the program connects to it, by a
/// superuser.
pub const SETTINGS: [(&str, &str); 8] = [
    ("session_preload_libraries", "auto_explain"),
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_analyze", "on"),
    // Looking at the clock for every row would be most of the work.
    ("auto_explain.log_timing", "off"),
    ("auto_explain.log_buffers", "on"),
    ("auto_explain.log_format", "json"),
    ("auto_explain.log_level", "notice"),
    // Our own names for values stay in: there is nothing secret in them.
    ("auto_explain.log_parameter_max_length", "0"),
];

/// The program's `RUST_LOG`, with `log.format = "json"`.
pub const LOG_FILTER: &str = "warn,api=info,sqlx::postgres::notice=info";
