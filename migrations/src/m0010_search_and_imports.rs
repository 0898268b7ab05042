//! The index of names, numbers and texts, and imports of leads.
//!
//! `search_terms` has one row for each term of each thing, and is read by nothing but its key:
//! tenant, kind, term, and the thing's id, which sorts by time. Terms are compared byte by byte, on
//! PostgreSQL too, where the order of a language would find other words by a prefix.
//!
//! What is written for each text has no foreign key: that would look up and lock the tenant's row every time, and
//! no tenant is ever deleted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::columns::{
    big, cascade, create, drop, flag, id, index, integer, json, maybe_id, maybe_integer,
    maybe_text, maybe_time, partial, table, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "search_terms",
    "search_entries",
    "search_changes",
    "search_progress",
    "imports",
    "import_errors",
];

/// Who has no number is known again by the e-mail address, however it is capitalised.
const BY_EMAIL: &str = "CREATE INDEX leads_by_email ON leads (tenant_id, lower(email)) \
     WHERE email IS NOT NULL";

fn terms(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "CREATE TABLE search_terms (tenant_id uuid NOT NULL, kind integer NOT NULL, \
             term text COLLATE \"C\" NOT NULL, doc uuid NOT NULL, \
             PRIMARY KEY (tenant_id, kind, term, doc))"
        }
        // The key is all that there is, so it need not be kept twice.
        _ => {
            "CREATE TABLE search_terms (tenant_id uuid_text NOT NULL, kind integer NOT NULL, \
             term text NOT NULL, doc uuid_text NOT NULL, \
             PRIMARY KEY (tenant_id, kind, term, doc)) WITHOUT ROWID"
        }
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let conn = manager.get_connection();
        conn.execute_unprepared(terms(manager.get_database_backend()))
            .await?;
        let indexes = vec![
            index("search_entries", &["tenant_id", "lead_id"]),
            partial(
                "search_progress_filling",
                "search_progress",
                &["tenant_id"],
                Expr::col(Alias::new("filling_kind")).is_not_null(),
            ),
            index("imports", &["tenant_id", "id"]),
            index("imports", &["next_at_ms"]),
            index("imports", &["finished_at"]),
        ];
        create(manager, tables(), indexes).await?;
        conn.execute_unprepared(BY_EMAIL).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_email = Index::drop()
            .name("leads_by_email")
            .table(Alias::new("leads"))
            .to_owned();
        manager.drop_index(by_email).await?;
        drop(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn tables() -> Vec<TableCreateStatement> {
    let entries = table(
        "search_entries",
        vec![
            id("tenant_id"),
            integer("kind"),
            id("doc"),
            id("lead_id"),
            text("words"),
        ],
        &["tenant_id", "kind", "doc"],
    );
    let changes = table(
        "search_changes",
        vec![id("tenant_id"), id("id"), integer("kind"), id("doc")],
        &["tenant_id", "id"],
    );
    let progress = table(
        "search_progress",
        vec![
            id("tenant_id"),
            big("seq"),
            big("turn"),
            maybe_integer("filling_kind"),
            maybe_id("filled_from"),
            time("updated_at"),
        ],
        &["tenant_id"],
    );
    let errors = table(
        "import_errors",
        vec![
            id("tenant_id"),
            id("import_id"),
            integer("row"),
            integer("position"),
            maybe_text("column"),
            maybe_text("value"),
            text("detail"),
        ],
        &["tenant_id", "import_id", "row", "position"],
    );
    let of_tenant = |mut table: TableCreateStatement| {
        let mut key = cascade("tenant_id", "tenants");
        table.foreign_key(&mut key).take()
    };
    let bound = [progress, imports(), errors].map(of_tenant);
    [entries, changes].into_iter().chain(bound).collect()
}

fn imports() -> TableCreateStatement {
    table(
        "imports",
        vec![
            id("id"),
            id("tenant_id"),
            id("user_id"),
            maybe_text("filename"),
            text("status"),
            maybe_text("detail"),
            text("on_duplicate"),
            flag("dry_run"),
            maybe_text("file_key"),
            text("encoding"),
            text("delimiter"),
            json("columns"),
            integer("total_rows"),
            integer("done_rows"),
            integer("created"),
            integer("updated"),
            integer("skipped"),
            integer("failed"),
            big("turn"),
            big("next_at_ms"),
            integer("failures"),
            time("created_at"),
            time("updated_at"),
            maybe_time("finished_at"),
        ],
        &["id"],
    )
}
