//! One of many values.

use sea_orm::sea_query::SimpleExpr;
use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::{ColumnTrait, DbBackend, ExprTrait, Value};

/// The condition that a column holds one of these values, none of which is null.
///
/// PostgreSQL is given an array: a place for each value costs more on the way than the rows that are found,
/// and a plan for each number of them. SQLite has no arrays.
pub fn among<V: Into<Value>>(
    backend: DbBackend,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = V>,
) -> SimpleExpr {
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    match values.first().map(Value::array_type) {
        Some(kind) if backend == DbBackend::Postgres => {
            let values = Value::Array(kind, Some(Box::new(values)));
            column.into_expr().eq(PgFunc::any(values))
        }
        _ => column.is_in(values),
    }
}
