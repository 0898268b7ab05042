//! Column types as the whole schema uses them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub(crate) fn id(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().not_null().take()
}

pub(crate) fn maybe_id(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().null().take()
}

pub(crate) fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().take()
}

pub(crate) fn maybe_text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().null().take()
}

pub(crate) fn integer(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).integer().not_null().take()
}

pub(crate) fn maybe_integer(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).integer().null().take()
}

pub(crate) fn big(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .big_integer()
        .not_null()
        .take()
}

pub(crate) fn maybe_big(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().null().take()
}

pub(crate) fn flag(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).boolean().not_null().take()
}

pub(crate) fn json(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .json_binary()
        .not_null()
        .take()
}

pub(crate) fn maybe_json(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).json_binary().null().take()
}

pub(crate) fn time(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .timestamp_with_time_zone()
        .not_null()
        .take()
}

pub(crate) fn maybe_time(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .timestamp_with_time_zone()
        .null()
        .take()
}

/// The minute of `updated_at`, in UTC, for indexes. A text is begun, sent and delivered within one, mostly, and
/// what shows it is changed each time.
pub(crate) fn updated_minute(backend: DbBackend) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new("updated_minute"));
    match backend {
        DbBackend::Postgres => column.timestamp().generated(
            Expr::cust("date_trunc('minute', updated_at AT TIME ZONE 'UTC')"),
            true,
        ),
        // Times are texts there.
        _ => column
            .text()
            .generated(Expr::cust("substr(updated_at, 1, 16)"), false),
    };
    column.take()
}

/// A table with these columns; `key` is its primary key.
pub(crate) fn table(name: &str, columns: Vec<ColumnDef>, key: &[&str]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new(name));
    for mut column in columns {
        table.col(&mut column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(Alias::new(*column));
    }
    table.primary_key(&mut primary);
    table.take()
}

/// An index named after its table and columns.
pub(crate) fn index(table: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("{table}_{}", columns.join("_")))
        .table(Alias::new(table));
    for column in columns {
        index.col(Alias::new(*column));
    }
    index.take()
}

/// The same, and no two rows alike.
pub(crate) fn unique(table: &str, columns: &[&str]) -> IndexCreateStatement {
    index(table, columns).unique().take()
}

/// An index over the rows of which `condition` is true, with a name of its own: over the same columns
/// there may be others.
pub(crate) fn partial(
    name: &str,
    table: &str,
    columns: &[&str],
    condition: Expr,
) -> IndexCreateStatement {
    index(table, columns).name(name).and_where(condition).take()
}

/// What goes when `parent` goes.
pub(crate) fn cascade(column: &str, parent: &str) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.from_col(Alias::new(column))
        .to(Alias::new(parent), Alias::new("id"))
        .on_delete(ForeignKeyAction::Cascade);
    key.take()
}

/// What goes when `parent` goes, which can be of the same tenant only. Besides keeping tenants apart it
/// makes the database look for the children by the tenant first, as their indexes do: without, it
/// would read the whole table. The parent's key is both, or the parent is [`referred_to`].
pub(crate) fn cascade_within(column: &str, parent: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col("tenant_id")
        .from_col(Alias::new(column))
        .to_tbl(Alias::new(parent))
        .to_col("tenant_id")
        .to_col("id")
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

/// A table whose rows are named by their id alone, and by others together with their tenant.
pub(crate) fn referred_to(
    name: &str,
    columns: Vec<ColumnDef>,
    key: &[&str],
) -> TableCreateStatement {
    // Part of the table, since a key needs it before any index is made.
    let mut both = unique(name, &["tenant_id", "id"]);
    table(name, columns, key).index(&mut both).take()
}

/// Room in each page for rows to change in place.
pub(crate) const ROOM: &str = "fillfactor = 85";

/// Sets how PostgreSQL stores a table.
pub(crate) async fn tune(
    manager: &SchemaManager<'_>,
    table: &str,
    settings: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!("ALTER TABLE {table} SET ({settings})");
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Creates tables, then indexes.
pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops tables, the last made first.
pub(crate) async fn drop(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        manager
            .drop_table(Table::drop().table(Alias::new(*table)).take())
            .await?;
    }
    Ok(())
}
