//! What sea-orm has no words for, or the two databases write differently.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend};

/// Whether the JSON list in `column` (`table.column`) has `text` among its members.
pub(crate) fn json_has(conn: &impl ConnectionTrait, column: &str, text: &str) -> SimpleExpr {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => format!("jsonb_exists({column}, $1)"),
        _ => format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)"),
    };
    Expr::cust_with_values(sql, [text])
}
