//! Databases on the PostgreSQL server of this run.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    thread,
};

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr};
use tokio::runtime;
use url::Url;

use crate::{Error, template};

/// A database that is dropped with this value.
#[derive(Debug)]
pub(crate) struct Database {
    server: Url,
    name: String,
}

impl Database {
    pub(crate) async fn blank() -> Result<Self, Error> {
        let (server, admin) = connect().await?;
        // Nobody can be connected to template0, so that copying it never has to wait.
        Self::copy(server, admin, "template0").await
    }

    pub(crate) async fn migrated() -> Result<Self, Error> {
        let (server, admin) = connect().await?;
        let template = template::of_this_schema(&server, &admin).await?;
        Self::copy(server, admin, &template).await
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.server, &self.name)
    }

    async fn copy(server: Url, admin: DatabaseConnection, template: &str) -> Result<Self, Error> {
        let name = unique_name();
        let create = format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#);
        admin.execute_unprepared(&create).await?;
        admin.close().await?;
        Ok(Self { server, name })
    }
}

impl Drop for Database {
    /// Many tests with a database each would fill a disk. One that can't be dropped goes with its
    /// server, so a failure is no reason to fail a test.
    fn drop(&mut self) {
        let server = self.server.clone();
        let drop = format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.name);
        // A drop can't await, and the thread it runs on may be a runtime's already.
        let dropping = thread::spawn(move || {
            let Ok(runtime) = runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            let _ = runtime.block_on(async {
                let admin = connect_to(&server).await?;
                admin.execute_unprepared(&drop).await?;
                admin.close().await
            });
        });
        let _ = dropping.join();
    }
}

/// The server of this run and one connection to it; the first call of a run may start it.
async fn connect() -> Result<(Url, DatabaseConnection), Error> {
    let server = Url::parse(&test_postgres::url_of_this_run()?)?;
    let admin = connect_to(&server).await?;
    Ok((server, admin))
}

async fn connect_to(server: &Url) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(server.as_str());
    // One connection is one session, and a lock that a session takes is its own.
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await
}

/// The URL of another database on the same server.
pub(crate) fn url_of(server: &Url, database: &str) -> String {
    let mut url = server.clone();
    url.set_path(database);
    url.into()
}

/// The server may outlive the run and the process id return, so there is chance in the name.
fn unique_name() -> String {
    let chance = RandomState::new().build_hasher().finish();
    format!("test_{}_{chance:016x}", std::process::id())
}
