use std::io;

/// Why there is no PostgreSQL to test on.
#[derive(Debug)]
pub enum Error {
    /// No complete set of server programs was found: install one.
    NotInstalled,
    /// We are root, and there is no other user who could run the server: make one.
    NoAccount,
    /// The server programs were found but did their work not; `log` is what they had to say.
    Failed {
        /// `initdb`, `postgres` or `pg_ctl`.
        program: &'static str,
        /// Several lines, meant for people.
        log: String,
    },
    /// A file or process could not be handled.
    Io {
        /// What was tried, as in "cannot …".
        doing: &'static str,
        /// What the system answered.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotInstalled => f.write_str(
                "no PostgreSQL server was found: initdb, pg_ctl and postgres must be on PATH or in \
                 /usr/lib/postgresql/*/bin (Debian, Ubuntu: `apt-get install postgresql`; \
                 Fedora: `dnf install postgresql-server`; macOS: `brew install postgresql`), \
                 or TEST_DATABASE_URL must name a server to use",
            ),
            Self::NoAccount => f.write_str(
                "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it",
            ),
            Self::Failed { program, log } => write!(f, "{program} failed:\n{log}"),
            Self::Io { doing, .. } => write!(f, "cannot {doing}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::NotInstalled | Self::NoAccount | Self::Failed { .. } => None,
        }
    }
}
