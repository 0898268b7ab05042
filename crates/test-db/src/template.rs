//! The migrated database that all others are copied from.
//!
//! Copying takes a fraction of the time of migrating. Tests run as many processes at once, so the
//! first to take an advisory lock makes the template and the others find it.
//!
//! Its name is made of the migrations' names. On a server that outlives the run, after editing a
//! migration without renaming it, drop the template by hand.

use std::hash::{DefaultHasher, Hash, Hasher};

use migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use sea_orm_migration::MigratorTrait;
use url::Url;

use crate::{Error, postgres::url_of, scratch::migrate};

/// Any number does that nobody else on a test server takes for a lock.
const LOCK: i64 = 0x7465_6d70_6c61_7465;

/// Its name; `admin` has to be a single session.
pub(crate) async fn of_this_schema(
    server: &Url,
    admin: &DatabaseConnection,
) -> Result<String, Error> {
    let name = name();
    if !is_ready(admin, &name).await? {
        admin
            .execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})"))
            .await?;
        if !is_ready(admin, &name).await? {
            make(server, admin, &name).await?;
        }
        admin
            .execute_unprepared(&format!("SELECT pg_advisory_unlock({LOCK})"))
            .await?;
    }
    Ok(name)
}

fn name() -> String {
    let mut hasher = DefaultHasher::new();
    for migration in Migrator::migrations() {
        migration.name().hash(&mut hasher);
    }
    format!("template_{:016x}", hasher.finish())
}

/// The mark of a template is set last, so one that is marked is whole.
async fn is_ready(admin: &DatabaseConnection, name: &str) -> Result<bool, DbErr> {
    let find = "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate";
    let find = Statement::from_sql_and_values(DbBackend::Postgres, find, [name.into()]);
    Ok(admin.query_one_raw(find).await?.is_some())
}

async fn make(server: &Url, admin: &DatabaseConnection, name: &str) -> Result<(), Error> {
    // What an interrupted test left.
    admin
        .execute_unprepared(&format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#))
        .await?;
    admin
        .execute_unprepared(&format!(r#"CREATE DATABASE "{name}" TEMPLATE template0"#))
        .await?;
    migrate(&url_of(server, name)).await?;
    // A database that somebody is connected to can't be copied, so nobody may connect any more.
    let seal = format!(r#"ALTER DATABASE "{name}" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"#);
    admin.execute_unprepared(&seal).await?;
    Ok(())
}
