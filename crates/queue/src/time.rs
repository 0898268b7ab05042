//! The clock that all workers share: the database's.
//!
//! Machines' clocks differ, and a lease that one machine thinks over may hold on another. On SQLite
//! there is one machine, and its clock is the one handed in.

use entity::clock::Clock;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// The time of now, and not of the transaction's beginning, in milliseconds since 1970.
const POSTGRES_NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// What time it is, in milliseconds since 1970: by the database's clock, or a test's.
///
/// # Errors
/// When the database is away.
pub async fn now_ms(conn: &impl ConnectionTrait, clock: &Clock) -> Result<i64, DbErr> {
    if !asks_database(conn, clock) {
        return Ok(clock.now_ms());
    }
    let sql = format!("SELECT {POSTGRES_NOW} AS now_ms");
    let row = conn
        .query_one_raw(Statement::from_string(conn.get_database_backend(), sql))
        .await?;
    match row {
        Some(row) => row.try_get("", "now_ms"),
        None => Ok(clock.now_ms()),
    }
}

/// The same inside a statement.
pub(crate) fn now_expr(conn: &impl ConnectionTrait, clock: &Clock) -> SimpleExpr {
    if asks_database(conn, clock) {
        Expr::cust(POSTGRES_NOW)
    } else {
        Expr::value(clock.now_ms())
    }
}

fn asks_database(conn: &impl ConnectionTrait, clock: &Clock) -> bool {
    matches!(clock, Clock::System) && conn.get_database_backend() == DbBackend::Postgres
}

pub(crate) const fn micros(ms: i64) -> i64 {
    ms.saturating_mul(1000)
}
