//! The one door to the database: connecting, beginning a write, telling errors apart.
//!
//! Everything above speaks sea-orm to either SQLite or PostgreSQL and never asks which. What
//! differs between the two is settled here: SQLite gets one writing connection and a pool of
//! readers, and every write begins `IMMEDIATE`, because a deferred transaction that reads and
//! then writes fails at once when another one wrote in between, whatever the busy timeout says.

mod connect;
pub mod each;
mod error;
pub mod home;

pub use connect::{Options, private_folder, sqlite_path};
pub use error::{ConnectError, is_constraint, is_contention, is_unavailable};

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

/// A plan for all values stays when its tables grow, until they are analysed: none may read one whole
/// because it was small.
const IN_HASTE: &str = "SET LOCAL lock_timeout = '500ms'; \
    SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off";

/// A connected database. Cheap to clone: clones share the pools.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    /// A pool for each thread that is at home; see [`home`].
    at_home: Arc<[DatabaseConnection]>,
    /// How many connections a pool has.
    connections: u32,
}

impl Db {
    /// The connection for reads outside a transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        home::number()
            .and_then(|number| self.at_home.get(number % Ord::max(self.at_home.len(), 1)))
            .unwrap_or(&self.reader)
    }

    /// Begins a transaction that may write. Dropping it rolls back.
    ///
    /// # Errors
    /// When the database can't be reached, or SQLite's write lock isn't free within 5 s.
    pub async fn write_tx(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer.begin_with_options(options).await
    }

    /// As [`Db::write_tx`], for one on which many wait: a lock that somebody holds for long makes it
    /// fail after half a second. Each statement is planned once for all values, which takes longer than
    /// to run it: PostgreSQL would plan those of few rows each time.
    ///
    /// # Errors
    /// When the database can't be reached, or SQLite's write lock isn't free within 5 s.
    pub async fn write_tx_in_haste(&self) -> Result<DatabaseTransaction, DbErr> {
        let tx = self.write_tx().await?;
        if self.backend() == DbBackend::Postgres {
            tx.execute_unprepared(IN_HASTE).await?;
        }
        Ok(tx)
    }

    /// The connection that may write outside a transaction: migrations, and single statements.
    #[must_use]
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// How many connections there are for reading, and on PostgreSQL for everything.
    #[must_use]
    pub const fn connections(&self) -> u32 {
        self.connections
    }

    /// Which of the two databases this is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Closes the pools after what is under way has finished.
    ///
    /// # Errors
    /// When the driver fails to close a connection; there is nothing left to do about it.
    pub async fn close(self) -> Result<(), DbErr> {
        for reader in self.at_home.iter() {
            reader.clone().close().await?;
        }
        self.reader.close().await?;
        self.writer.close().await
    }
}
