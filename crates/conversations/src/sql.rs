//! The few conditions that the two databases write differently.

use sea_orm::sea_query::{Expr, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, ExprTrait};

/// Whether the JSON list in `column` (`table.column`) has `text` among its members.
pub(crate) fn json_has(conn: &impl ConnectionTrait, column: &str, text: &str) -> SimpleExpr {
    let sql = match conn.get_database_backend() {
        DbBackend::Postgres => format!("jsonb_exists({column}, $1)"),
        _ => format!("EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)"),
    };
    Expr::cust_with_values(sql, [text])
}

/// Whether the column holds `text` somewhere, in any letter case (ASCII on SQLite).
pub(crate) fn contains<C: ColumnTrait>(column: C, text: &str) -> SimpleExpr {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Expr::expr(sea_orm::sea_query::Func::lower(column.into_expr()))
        .like(LikeExpr::new(pattern).escape('\\'))
}
