//! An empty database for each test, on SQLite and on PostgreSQL.
//!
//! What this promises: nothing is shared with another test, the schema is the one of the
//! migrations, and the database is gone when the test ends, passed or not. A SQLite database is a
//! file in a folder of its own. A PostgreSQL database is copied from a template that the first test
//! of a run migrates, on the server that `TEST_DATABASE_URL` names or else on a throw-away one.
//!
//! ```text
//! on_both_databases! {
//!     async fn a_lead_is_found_by_its_phone_number(db: TestDb) {
//!         let tx = db.db().write_tx().await.unwrap();
//!         …
//!     }
//! }
//! ```
//!
//! makes the tests `a_lead_is_found_by_its_phone_number::sqlite` and `…::postgres`.

mod copies;
mod error;
mod postgres;
mod scratch;
mod template;

use db::{Db, Options};
use tokio::runtime;

pub use copies::{copied_id, copy_row};
pub use error::Error;
pub use scratch::Scratch;

/// One of the two databases that everything runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A database on a server.
    Postgres,
}

/// A database with the whole schema and no rows, connected.
#[derive(Debug)]
pub struct TestDb {
    // Dropped in this order: first the connections, then what they are connected to.
    db: Db,
    scratch: Scratch,
}

impl TestDb {
    /// An empty SQLite database. Panics as [`TestDb::new`].
    pub async fn sqlite() -> Self {
        Self::new(Backend::Sqlite).await
    }

    /// An empty PostgreSQL database. Panics as [`TestDb::new`].
    pub async fn postgres() -> Self {
        Self::new(Backend::Postgres).await
    }

    /// An empty database of either kind.
    ///
    /// # Panics
    /// When it can't be made; the message says what is missing. There is no test without it.
    pub async fn new(backend: Backend) -> Self {
        match Self::try_new(backend).await {
            Ok(db) => db,
            Err(error) => panic!(
                "no {backend:?} database for this test: {}",
                error::chain(&error)
            ),
        }
    }

    async fn try_new(backend: Backend) -> Result<Self, Error> {
        let scratch = Scratch::migrated(backend).await?;
        let db = Db::connect(&options(scratch.url())).await?;
        Ok(Self { db, scratch })
    }

    /// The connected database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// `sqlite://…` or `postgres://…`, for a program that connects by itself.
    #[must_use]
    pub fn url(&self) -> &str {
        self.scratch.url()
    }

    /// Which of the two this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.scratch.backend()
    }
}

/// The service's own options, but with patience: a machine that runs tests is a busy one.
fn options(url: &str) -> Options {
    Options {
        acquire_timeout: std::time::Duration::from_secs(30),
        ..Options::new(url)
    }
}

/// Runs a test's body on an empty database, as `#[tokio::test]` would, on one thread.
///
/// Meant for [`on_both_databases`].
///
/// # Panics
/// When the body does, or there is no database.
pub fn run<F: Future<Output = ()>>(backend: Backend, body: impl FnOnce(TestDb) -> F) {
    match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(async { body(TestDb::new(backend).await).await }),
        Err(error) => panic!("no runtime for this test: {error}"),
    }
}

/// Makes two tests of each function: `name::sqlite` and `name::postgres`.
///
/// Each is given a [`TestDb`] of its own. Attributes such as `#[ignore]` go to both.
#[macro_export]
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($($arg:ident)+: $type:ty) $body:block
    )+) => {$(
        // Says so to clippy, which allows tests to unwrap.
        #[cfg(test)]
        async fn $name($($arg)+: $type) $body

        #[cfg(test)]
        mod $name {
            #[test]
            $(#[$attribute])*
            fn sqlite() {
                $crate::run($crate::Backend::Sqlite, super::$name);
            }

            #[test]
            $(#[$attribute])*
            fn postgres() {
                $crate::run($crate::Backend::Postgres, super::$name);
            }
        }
    )+};
}
