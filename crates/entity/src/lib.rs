//! The tables and the value types in their columns.
//!
//! No query lives here but [`TenantScoped::of`], where every query for a tenant's rows begins, and its
//! likes: [`TenantScoped::rows_of`] for lists, [`TenantScoped::of_each`] for a batch.
//! Times are UTC, set by us and truncated to microseconds, so that a row reads back as it was
//! written on both databases; the queue's times are milliseconds since 1970.

pub mod clock;
pub mod happening;
pub mod id;
pub mod json;
pub mod phone;
pub mod random;
pub mod row;
pub mod text;
pub mod value;

pub mod activity;
pub mod api_key;
pub mod blob;
pub mod catch_up;
pub mod channel;
pub mod conversation;
pub mod conversation_label;
pub mod erased_text;
pub mod event;
pub mod idempotency_key;
pub mod import;
pub mod import_error;
pub mod installation;
pub mod label;
pub mod lane;
pub mod lane_entry;
pub mod lane_group;
pub mod lead;
pub mod lead_tag;
pub mod media;
pub mod membership;
pub mod message;
pub mod message_attempt;
pub mod message_event;
pub mod note;
pub mod opt_out;
pub mod search_change;
pub mod search_entry;
pub mod search_progress;
pub mod session;
pub mod tenant;
pub mod tenant_seq;
pub mod user;
pub mod worker;

use std::collections::BTreeMap;

use id::TenantId;
use row::{Rows, TableRow};
use sea_orm::sea_query::{BinOper, Condition, Expr, IntoCondition, SimpleExpr};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, Select, Value};

/// A table whose every row belongs to one tenant.
pub trait TenantScoped: EntityTrait {
    /// The column that names the tenant.
    fn tenant_column() -> Self::Column;

    /// The tenant's rows, and nobody else's: the start of every query.
    #[must_use]
    fn of(tenant: TenantId) -> Select<Self> {
        Self::find().filter(Self::tenant_column().eq(tenant).into_condition())
    }

    /// The same rows, read in a way that costs less: for lists.
    #[must_use]
    fn rows_of(tenant: TenantId) -> Rows<Self::Model>
    where
        Self::Model: TableRow,
    {
        Rows::of(Self::default()).filter(Self::tenant_column().eq(tenant))
    }

    /// That a row is the tenant's and its `column` holds one of `values`, none of which is null; nobody
    /// else's row.
    ///
    /// PostgreSQL is given an array: a place for each value costs more on the way than the rows that are
    /// found, and a plan for each number of them. Tenant and value are one key there: a plan that is made for
    /// all tenants takes each for one of the usual size, and with the tenant apart it looks through all of
    /// a large one's rows for those values.
    #[must_use]
    fn among<V: Into<Value>>(
        backend: DbBackend,
        tenant: TenantId,
        column: Self::Column,
        values: impl IntoIterator<Item = V>,
    ) -> SimpleExpr {
        let values: Vec<Value> = values.into_iter().map(Into::into).collect();
        let owner = Self::tenant_column();
        match values.first().map(Value::array_type) {
            Some(kind) if backend == DbBackend::Postgres => {
                let key = Expr::tuple([owner, column].map(ColumnTrait::into_expr));
                let values = Value::Array(kind, Some(Box::new(values)));
                let these =
                    Expr::cust_with_values("(SELECT $1, unnest($2))", [tenant.into(), values]);
                key.binary(BinOper::In, these)
            }
            _ => owner.eq(tenant).and(column.is_in(values)),
        }
    }

    /// The rows that [`Self::among`] is true of, for lists.
    #[must_use]
    fn rows_among<V: Into<Value>>(
        backend: DbBackend,
        tenant: TenantId,
        column: Self::Column,
        values: impl IntoIterator<Item = V>,
    ) -> Rows<Self::Model>
    where
        Self::Model: TableRow,
    {
        Rows::of(Self::default()).filter(Self::among(backend, tenant, column, values))
    }

    /// What holds for the rows of several tenants at once: of each tenant those whose `column` is
    /// among what is `wanted` of it. Nothing wanted, no row.
    #[must_use]
    fn of_each<V: Into<Value> + Clone>(
        column: Self::Column,
        wanted: &BTreeMap<TenantId, Vec<V>>,
    ) -> Condition {
        let of = |(tenant, values): (&TenantId, &Vec<V>)| {
            Condition::all()
                .add(Self::tenant_column().eq(*tenant))
                .add(column.is_in(values.iter().cloned()))
        };
        if wanted.is_empty() {
            // A condition of no alternatives would hold for every row.
            return Condition::all().add(Expr::value(1).eq(0));
        }
        // Nothing but alternatives that an index knows: with any other SQLite reads the whole table.
        wanted.iter().map(of).fold(Condition::any(), Condition::add)
    }
}

macro_rules! tenant_scoped {
    () => {
        impl crate::TenantScoped for Entity {
            fn tenant_column() -> Column {
                Column::TenantId
            }
        }

        /// No relations are declared: joins are written where they are needed.
        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    };
}
use tenant_scoped;
