//! Changes by the minute: an index that knew their time would have to know every change.

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sea_query::Expr;

/// The minute of `updated_at`, as the database makes it; in what is asked of one table alone.
pub(crate) const UPDATED: &str = "updated_minute";

/// Changed in the minute of this time or a later one.
pub(crate) fn changed_in(backend: DbBackend, since: DateTime<Utc>) -> Expr {
    let minute = match backend {
        DbBackend::Postgres => "updated_minute >= date_trunc('minute', $1 AT TIME ZONE 'UTC')",
        _ => "updated_minute >= substr(?, 1, 16)",
    };
    Expr::cust_with_values(minute, [since])
}
