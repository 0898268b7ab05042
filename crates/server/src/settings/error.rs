//! What can be wrong with the configuration, in words for whoever is on call.

use std::path::PathBuf;

/// Why the configuration can't be used. Every message names the place to go to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// `TRUNKLINE_ENV` names an environment that has no file.
    #[error(
        "TRUNKLINE_ENV is `{0}`, which is neither `development` nor `production`, and there is no \
         config/{0}.toml"
    )]
    UnknownEnvironment(String),
    /// `TRUNKLINE_ENV` can't be part of a file name.
    #[error("TRUNKLINE_ENV may hold lower-case letters, digits, `-` and `_` only")]
    MisnamedEnvironment,
    /// A file can't be read.
    #[error("the configuration file {path} can't be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A file isn't TOML. The line itself is left out: it may hold a secret.
    #[error("{place}, line {line}: {problem}")]
    Syntax {
        /// The file.
        place: String,
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// A key that nothing reads, most likely misspelt.
    #[error("{place}: there is no setting `{key}`; {hint}")]
    UnknownKey {
        /// The file or the variable.
        place: String,
        /// The key, dotted.
        key: String,
        /// What there is instead.
        hint: String,
    },
    /// A value that can't be used.
    #[error("{key} ({place}): {problem}")]
    Value {
        /// The key, dotted.
        key: String,
        /// The file or the variable that the value comes from.
        place: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// Something the layering library refuses that is none of the above.
    #[error("the configuration can't be read: {0}")]
    Other(#[source] Box<config::ConfigError>),
}
