//! How things fail here: with an error for whoever sits before the terminal.

use std::error::Error;

/// Any error; nobody asks which.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What something gives, or why not.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// An error with its causes, in one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    line
}
