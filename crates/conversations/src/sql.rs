//! The few conditions that the two databases write differently.

use sea_orm::sea_query::{Expr, Func, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, ExprTrait};

/// Whether the JSON list in `column` (`table.column`) has `text` among its members.
pub(crate) fn json_has(conn: &impl ConnectionTrait, column: &str, text: &str) -> SimpleExpr {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => format!("jsonb_exists({column}, $1)"),
        _ => format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)"),
    };
    Expr::cust_with_values(sql, [text])
}

/// Whether the column holds `text` somewhere, in any letter case (of ASCII letters on SQLite, of
/// all on PostgreSQL).
pub(crate) fn contains<C: ColumnTrait>(
    conn: &impl ConnectionTrait,
    column: C,
    text: &str,
) -> SimpleExpr {
    // Not LIKE: what people type would have to be escaped.
    let position = match conn.get_database_backend() {
        DbBackend::Postgres => "strpos",
        _ => "instr",
    };
    Expr::expr(
        Func::cust(position)
            .arg(Func::lower(column.into_expr()))
            .arg(Func::lower(Expr::val(text))),
    )
    .gt(0)
}
