//! Rows read by the places of their cells.
//!
//! sea-orm looks each cell of each row up by the name of its column, compares types, and writes a text
//! about each null: some thousand times for a page of fifty. Here a row is read from left to right, and a
//! query names its columns in the same order: both come from the one list that a table gives to
//! `in_order!`.

use std::borrow::Cow;
use std::error::Error;
use std::marker::PhantomData;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, IntoIden, IntoTableRef, SelectStatement, UnionType};
use sea_orm::sqlx::types::Json;
use sea_orm::sqlx::{Database, Decode, Postgres, Row as _, Sqlite, ValueRef};
use sea_orm::{
    ConnectionTrait, DbErr, QueryFilter, QueryOrder, QueryResult, QuerySelect, RuntimeErr,
    SqlxError,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A query for rows of a table, filtered and sorted like any other.
///
/// Its columns are one text: sea-orm makes an expression of each, with each query.
#[derive(Clone, Debug)]
pub struct Rows<R> {
    query: SelectStatement,
    row: PhantomData<R>,
}

impl<R: TableRow> Rows<R> {
    pub(crate) fn of(table: impl IntoTableRef) -> Self {
        let mut query = SelectStatement::new();
        query.expr(Expr::cust(R::columns())).from(table);
        let row = PhantomData;
        Self { query, row }
    }

    /// These rows, by the name of their table, and what `join` joins to them: one question instead of one
    /// for each table. Their filters and their limit are theirs alone; their order has to be said again.
    #[must_use]
    pub fn joined<J: TableRow>(
        self,
        table: impl IntoIden,
        join: impl FnOnce(&mut SelectStatement),
    ) -> Rows<J> {
        let mut query = SelectStatement::new();
        query
            .expr(Expr::cust(J::columns()))
            .from_subquery(self.query, table);
        join(&mut query);
        let row = PhantomData;
        Rows { query, row }
    }

    /// These rows, and then others of the same table: by one statement, so that none is in both or in
    /// neither because it changed in between. Which come first has to be said again.
    #[must_use]
    pub fn and_then(self, others: Self, table: impl IntoIden + Clone) -> Self {
        let each = |rows: Self| {
            let mut query = SelectStatement::new();
            query
                .expr(Expr::cust("*"))
                .from_subquery(rows.query, table.clone());
            query
        };
        let mut query = each(self);
        query.union(UnionType::All, each(others));
        let row = PhantomData;
        Self { query, row }
    }

    /// Runs it and reads what it finds.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn all(self, conn: &impl ConnectionTrait) -> Result<Vec<R>, DbErr> {
        let rows = conn.query_all(&self.query).await?;
        // Sized at once: the rows are wide, and one that grows is copied again and again.
        let mut read = Vec::with_capacity(rows.len());
        for row in &rows {
            read.push(R::read(&mut Cells { row, place: 0 })?);
        }
        Ok(read)
    }
}

impl<R> QueryFilter for Rows<R> {
    type QueryStatement = SelectStatement;

    fn query(&mut self) -> &mut SelectStatement {
        &mut self.query
    }
}

impl<R> QueryOrder for Rows<R> {
    type QueryStatement = SelectStatement;

    fn query(&mut self) -> &mut SelectStatement {
        &mut self.query
    }
}

impl<R> QuerySelect for Rows<R> {
    type QueryStatement = SelectStatement;

    fn query(&mut self) -> &mut SelectStatement {
        &mut self.query
    }
}

/// What is read from a row of a table, or of several that are joined.
pub trait TableRow: Sized {
    /// How many columns it is read from.
    const WIDTH: usize;

    /// The columns, as a query names them.
    fn columns() -> Cow<'static, str>;

    /// Reads them.
    ///
    /// # Errors
    /// When a cell holds something else.
    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr>;
}

/// A row that may not be there. Nothing is without what its first column holds.
impl<R: TableRow> TableRow for Option<R> {
    const WIDTH: usize = R::WIDTH;

    fn columns() -> Cow<'static, str> {
        R::columns()
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        if cells.next()?.is_null() {
            cells.place += R::WIDTH;
            return Ok(None);
        }
        R::read(cells).map(Some)
    }
}

/// What is read from one cell.
pub trait FromCell: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When it holds something else.
    fn from_cell(cell: Cell<'_>) -> Result<Self, DbErr>;
}

/// The cells of a row that have not been read yet.
#[derive(Debug)]
pub struct Cells<'r> {
    row: &'r QueryResult,
    place: usize,
}

impl<'r> Cells<'r> {
    /// Reads the next cell.
    ///
    /// # Errors
    /// When it holds something else.
    pub fn take<T: FromCell>(&mut self) -> Result<T, DbErr> {
        let cell = self.next()?;
        self.place += 1;
        T::from_cell(cell)
    }

    fn next(&self) -> Result<Cell<'r>, DbErr> {
        let place = self.place;
        let held = if let Some(row) = self.row.try_as_pg_row() {
            row.try_get_raw(place).map(Held::Postgres)
        } else if let Some(row) = self.row.try_as_sqlite_row() {
            row.try_get_raw(place).map(Held::Sqlite)
        } else {
            Err(SqlxError::Protocol("a row of neither database".to_owned()))
        };
        let held = held.map_err(|error| refused(place, error))?;
        Ok(Cell { held, place })
    }
}

/// A cell of a row.
pub struct Cell<'r> {
    held: Held<'r>,
    place: usize,
}

enum Held<'r> {
    Postgres(<Postgres as Database>::ValueRef<'r>),
    Sqlite(<Sqlite as Database>::ValueRef<'r>),
}

impl std::fmt::Debug for Cell<'_> {
    /// Without what it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cell")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl<'r> Cell<'r> {
    /// What the driver makes of it. Nobody asks whether the column is of that type: it is in our tables.
    ///
    /// # Errors
    /// When the cell is null or holds something else.
    pub fn decode<T: Decode<'r, Postgres> + Decode<'r, Sqlite>>(self) -> Result<T, DbErr> {
        self.on_either(decode::<Postgres, T>, decode::<Sqlite, T>)
    }

    fn is_null(&self) -> bool {
        match &self.held {
            Held::Postgres(cell) => cell.is_null(),
            Held::Sqlite(cell) => cell.is_null(),
        }
    }

    fn on_either<T>(
        self,
        postgres: impl FnOnce(<Postgres as Database>::ValueRef<'r>) -> Result<T, SqlxError>,
        sqlite: impl FnOnce(<Sqlite as Database>::ValueRef<'r>) -> Result<T, SqlxError>,
    ) -> Result<T, DbErr> {
        let read = match self.held {
            Held::Postgres(cell) => postgres(cell),
            Held::Sqlite(cell) => sqlite(cell),
        };
        read.map_err(|error| refused(self.place, error))
    }

    /// A value that is kept as JSON.
    ///
    /// # Errors
    /// When the cell is null or holds something else.
    pub fn decode_json<T: DeserializeOwned + 'r>(self) -> Result<T, DbErr> {
        self.decode().map(|Json(value)| value)
    }

    /// A value that is kept as a text.
    ///
    /// # Errors
    /// When the cell is null or holds something else.
    pub fn parse<T: FromStr<Err: Error + Send + Sync + 'static>>(self) -> Result<T, DbErr> {
        let place = self.place;
        let text: &str = self.decode()?;
        let unfit = |why| refused(place, SqlxError::Decode(Box::new(why)));
        text.parse().map_err(unfit)
    }
}

#[cold]
fn refused(place: usize, error: SqlxError) -> DbErr {
    let error = match error {
        SqlxError::Decode(source) => SqlxError::ColumnDecode {
            index: place.to_string(),
            source,
        },
        other => other,
    };
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn decode<'r, D: Database, T: Decode<'r, D>>(cell: D::ValueRef<'r>) -> Result<T, SqlxError> {
    T::decode(cell).map_err(SqlxError::Decode)
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, DbErr> {
        if cell.is_null() {
            return Ok(None);
        }
        T::from_cell(cell).map(Some)
    }
}

macro_rules! as_the_driver_does {
    ($($type:ty),+) => {$(
        impl FromCell for $type {
            fn from_cell(cell: Cell<'_>) -> Result<Self, DbErr> {
                cell.decode()
            }
        }
    )+};
}

as_the_driver_does!(bool, i32, i64, String, Uuid);

/// Microseconds between 1970 and 2000, from where PostgreSQL counts.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl FromCell for DateTime<Utc> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, DbErr> {
        // The driver goes by way of the calendar.
        let from_micros = |micros: i64| {
            micros
                .checked_add(POSTGRES_EPOCH)
                .and_then(Self::from_timestamp_micros)
                .ok_or_else(|| SqlxError::Decode("a time out of range".into()))
        };
        cell.on_either(
            |cell| decode::<Postgres, i64>(cell).and_then(from_micros),
            decode::<Sqlite, Self>,
        )
    }
}

/// Makes a [`TableRow`] of a table's model.
macro_rules! in_order {
    ($table:literal: $first:ident $(, $field:ident)* $(,)?) => {
        impl crate::row::TableRow for Model {
            const WIDTH: usize = [stringify!($first) $(, stringify!($field))*].len();

            fn columns() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(concat!(
                    "\"", $table, "\".\"", stringify!($first), "\""
                    $(, ", \"", $table, "\".\"", stringify!($field), "\"")*
                ))
            }

            fn read(cells: &mut crate::row::Cells<'_>) -> Result<Self, sea_orm::DbErr> {
                // In the order in which they are written here.
                Ok(Self { $first: cells.take()? $(, $field: cells.take()?)* })
            }
        }
    };
}
pub(crate) use in_order;
