//! What commands say to whoever called them: on stdout, so that it can be piped. Logs and errors
//! go to stderr.

use std::io::{self, Write};

/// Prints a line. That nobody reads any more (a closed pipe) is no reason to fail.
pub(crate) fn line(text: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

/// Tells why the program ends, in one line on stderr.
pub(crate) fn failure(text: &str) {
    writeln!(io::stderr().lock(), "trunkline: {text}").ok();
}
