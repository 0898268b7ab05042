//! Files of leads on their way in.
//!
//! A file is looked through when it comes, so that what can't be used at all is refused at once. It
//! then waits in the store, and a worker takes it on, some hundred rows to a transaction: leads, the
//! rows' mistakes and how far the import has come are committed together. So it goes on where it
//! was whatever happens, and no other writer waits for long.
//!
//! An opt-out outlives an import: whoever must not be texted must not be texted by another lead.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ImportId, TenantId, UserId};
use entity::json::{ImportColumn, ImportColumns};
use entity::phone::Country;
use entity::value::{ImportStatus, OnDuplicate};
use entity::{TenantScoped, import, import_error};
use events::{Activity, Kind, Outbox};
use lead_csv::{Layout, Survey};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::Error;

mod chunk;
mod person;

pub use chunk::{Conflict, Outcome, Seen, key, rehearse, write};
pub use person::{Mistake, Person, Reader};

/// The most rows that a file may have.
pub const MOST_ROWS: usize = 100_000;

/// How many imports a tenant may have under way.
const MOST_RUNNING: u64 = 5;

/// Where files of imports are in the store.
pub(crate) const FOLDER: &str = "imports";

/// A file that was sent.
#[derive(Clone, Debug)]
pub struct NewImport {
    /// Who sent it.
    pub by: UserId,
    /// What they call it.
    pub filename: Option<String>,
    /// What becomes of somebody who is a lead already.
    pub on_duplicate: OnDuplicate,
    /// Whether it is only to be said what would be done.
    pub dry_run: bool,
    /// Where the file is.
    pub file_key: String,
    /// What was found in it.
    pub survey: Survey,
}

/// A key for a file that is about to be kept.
#[must_use]
pub fn new_key(clock: &Clock) -> String {
    format!("{FOLDER}/{}", clock.uuid())
}

/// Begins an import.
///
/// # Errors
/// [`Error::TooManyImports`]; when the database is away.
pub async fn create(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    new: NewImport,
) -> Result<import::Model, Error> {
    let running = import::Entity::of(tenant)
        .filter(import::Column::Status.eq(ImportStatus::Running))
        .count(tx)
        .await?;
    if running >= MOST_RUNNING {
        return Err(Error::TooManyImports);
    }
    let now = clock.now();
    let layout = new.survey.layout;
    let columns = layout.columns.iter().map(|column| ImportColumn {
        header: column.header.clone(),
        field: column.field.map(|field| field.as_str().to_owned()),
    });
    let row = import::Model {
        id: ImportId::new(clock),
        tenant_id: tenant,
        user_id: new.by,
        filename: new.filename,
        status: ImportStatus::Running,
        detail: None,
        on_duplicate: new.on_duplicate,
        dry_run: new.dry_run,
        file_key: Some(new.file_key),
        encoding: layout.encoding().to_owned(),
        delimiter: layout.delimiter().to_string(),
        columns: ImportColumns(columns.collect()),
        total_rows: i32::try_from(new.survey.rows).unwrap_or(i32::MAX),
        done_rows: 0,
        created: 0,
        updated: 0,
        skipped: 0,
        failed: 0,
        turn: 0,
        next_at_ms: now.timestamp_millis(),
        failures: 0,
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    let row = row.into_active_model().insert(tx).await?;
    tell(outbox, &row);
    Ok(row)
}

/// Tells whoever watches how far an import is.
pub fn tell(outbox: &mut Outbox, row: &import::Model) {
    let data = json!({
        "import_id": row.id,
        "done_rows": row.done_rows,
        "total_rows": row.total_rows,
        "status": row.status,
    });
    outbox.push(row.tenant_id, Kind::ImportProgress, data);
}

/// How the file of an import is to be read.
#[must_use]
pub fn layout(row: &import::Model) -> Layout {
    let headers = row.columns.0.iter().map(|column| column.header.clone());
    let delimiter = row.delimiter.chars().next().unwrap_or(',');
    Layout::known(&row.encoding, delimiter, headers.collect())
}

/// The country by which a tenant's people write numbers.
///
/// # Errors
/// When the database is away, or the tenant is gone.
pub async fn country(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Country, DbErr> {
    let row = entity::tenant::Entity::find_by_id(tenant).one(conn).await?;
    let country = row.and_then(|row| Country::parse(&row.default_country).ok());
    country.ok_or_else(|| DbErr::RecordNotFound("the tenant's country".to_owned()))
}

/// The tenant's imports, newest first, older than `before`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    before: Option<ImportId>,
    limit: u64,
) -> Result<Vec<import::Model>, DbErr> {
    let mut query = import::Entity::of(tenant);
    if let Some(before) = before {
        query = query.filter(import::Column::Id.lt(before));
    }
    query
        .order_by_desc(import::Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// One import of the tenant.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ImportId,
) -> Result<import::Model, Error> {
    let row = import::Entity::of(tenant)
        .filter(import::Column::Id.eq(id))
        .one(conn)
        .await?;
    row.ok_or(Error::NotFound("import"))
}

/// What is wrong with an import's rows, in their order, after the one given; at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn errors(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ImportId,
    after: Option<(i32, i32)>,
    limit: u64,
) -> Result<Vec<import_error::Model>, DbErr> {
    use import_error::Column::{ImportId, Position, Row};
    let mut query = import_error::Entity::of(tenant).filter(ImportId.eq(id));
    if let Some((row, position)) = after {
        let same = Row.eq(row).and(Position.gt(position));
        query = query.filter(Row.gte(row)).filter(Row.gt(row).or(same));
    }
    query
        .order_by_asc(Row)
        .order_by_asc(Position)
        .limit(limit)
        .all(conn)
        .await
}

/// Stops an import; what was done by then stays.
///
/// # Errors
/// [`Error::NotFound`], [`Error::ImportEnded`]; when the database is away.
pub async fn cancel(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: ImportId,
) -> Result<import::Model, Error> {
    let row = import::Entity::of(tenant)
        .filter(import::Column::Id.eq(id))
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or(Error::NotFound("import"))?;
    if row.status != ImportStatus::Running {
        return Err(Error::ImportEnded);
    }
    Ok(end(tx, clock, outbox, row, ImportStatus::Canceled, None).await?)
}

/// Ends an import.
///
/// # Errors
/// When the database is away.
pub async fn end(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    row: import::Model,
    status: ImportStatus,
    detail: Option<&str>,
) -> Result<import::Model, DbErr> {
    let now = clock.now();
    let mut row = row.into_active_model();
    row.status = Set(status);
    row.detail = Set(detail.map(ToOwned::to_owned));
    row.finished_at = Set(Some(now));
    row.updated_at = Set(now);
    let row = row.update(tx).await?;
    tell(outbox, &row);
    if !row.dry_run {
        let happening = Happening::LeadsImported {
            created: row.created.unsigned_abs().into(),
            updated: row.updated.unsigned_abs().into(),
            failed: row.failed.unsigned_abs().into(),
        };
        outbox.record(clock, Activity::new(row.tenant_id, happening));
    }
    Ok(row)
}

/// Takes imports on that are due, for as long as `lease`: after that somebody else may.
///
/// # Errors
/// When the database is away.
pub async fn take_due(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    limit: u64,
    lease: Duration,
) -> Result<Vec<import::Model>, DbErr> {
    let due = import::Entity::find()
        .filter(import::Column::Status.eq(ImportStatus::Running))
        .filter(import::Column::NextAtMs.lte(clock.now_ms()))
        .order_by_asc(import::Column::NextAtMs)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx)
        .await?;
    let mut taken = Vec::with_capacity(due.len());
    for row in due {
        let (turn, failures) = (row.turn + 1, row.failures + 1);
        let mut row = row.into_active_model();
        row.turn = Set(turn);
        // Taken back when a part has been done.
        row.failures = Set(failures);
        row.next_at_ms = Set(until(clock, lease));
        taken.push(row.update(tx).await?);
    }
    Ok(taken)
}

fn until(clock: &Clock, lease: Duration) -> i64 {
    let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
    clock.now_ms().saturating_add(lease)
}

/// Whether there is an import that is due.
///
/// # Errors
/// When the database is away.
pub async fn is_any_due(conn: &impl ConnectionTrait, clock: &Clock) -> Result<bool, DbErr> {
    let due = import::Entity::find()
        .filter(import::Column::Status.eq(ImportStatus::Running))
        .filter(import::Column::NextAtMs.lte(clock.now_ms()))
        .one(conn)
        .await?;
    Ok(due.is_some())
}

/// The import as it is now, locked, if it is still the holder's: not when somebody has stopped it or
/// another worker has taken it over.
///
/// # Errors
/// When the database is away.
pub async fn hold(
    tx: &impl ConnectionTrait,
    held: &import::Model,
) -> Result<Option<import::Model>, DbErr> {
    import::Entity::of(held.tenant_id)
        .filter(import::Column::Id.eq(held.id))
        .filter(import::Column::Turn.eq(held.turn))
        .filter(import::Column::Status.eq(ImportStatus::Running))
        .lock(LockType::Update)
        .one(tx)
        .await
}

/// Notes what became of the next rows, and keeps the import for as long as `lease`.
///
/// # Errors
/// When the database is away.
pub async fn advance(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    row: import::Model,
    rows: usize,
    outcome: &Outcome,
    mistakes: &[Mistake],
    lease: Duration,
) -> Result<import::Model, DbErr> {
    insert_errors(tx, &row, mistakes).await?;
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let next = import::Model {
        done_rows: row.done_rows + count(rows),
        created: row.created + count(outcome.created),
        updated: row.updated + count(outcome.updated),
        skipped: row.skipped + count(outcome.skipped),
        failed: row.failed + count(outcome.failed),
        failures: 0,
        next_at_ms: until(clock, lease),
        updated_at: clock.now(),
        ..row
    };
    next.into_active_model().reset_all().update(tx).await
}

/// The most of a cell that is shown again, in characters.
const SHOWN: usize = 200;

async fn insert_errors(
    tx: &impl ConnectionTrait,
    row: &import::Model,
    mistakes: &[Mistake],
) -> Result<(), DbErr> {
    let shown = |value: &String| value.chars().take(SHOWN).collect::<String>();
    let mut rows = Vec::with_capacity(mistakes.len());
    for (index, mistake) in mistakes.iter().enumerate() {
        let of_row = mistakes[..index].iter().rev();
        let before = of_row
            .take_while(|before| before.row == mistake.row)
            .count();
        rows.push(import_error::ActiveModel {
            tenant_id: Set(row.tenant_id),
            import_id: Set(row.id),
            row: Set(i32::try_from(mistake.row).unwrap_or(i32::MAX)),
            position: Set(i32::try_from(before).unwrap_or(i32::MAX)),
            column: Set(mistake.column.clone()),
            value: Set(mistake.value.as_ref().map(shown)),
            detail: Set(mistake.detail.clone()),
        });
    }
    for rows in rows.chunks(500) {
        import_error::Entity::insert_many(rows.to_vec())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Gives an import back, so that others get their turn before it goes on.
///
/// # Errors
/// When the database is away.
pub async fn give_back(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    held: &import::Model,
) -> Result<(), DbErr> {
    import::Entity::update_many()
        .col_expr(import::Column::NextAtMs, Expr::value(clock.now_ms()))
        .filter(import::Column::TenantId.eq(held.tenant_id))
        .filter(import::Column::Id.eq(held.id))
        .filter(import::Column::Turn.eq(held.turn))
        .exec(conn)
        .await
        .map(drop)
}

/// Imports that have ended and whose file is still there; at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn with_files_to_remove(
    conn: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<import::Model>, DbErr> {
    import::Entity::find()
        .filter(import::Column::FinishedAt.is_not_null())
        .filter(import::Column::FileKey.is_not_null())
        .limit(limit)
        .all(conn)
        .await
}

/// Notes that the file of an import is gone.
///
/// # Errors
/// When the database is away.
pub async fn file_removed(conn: &impl ConnectionTrait, row: &import::Model) -> Result<(), DbErr> {
    import::Entity::update_many()
        .col_expr(import::Column::FileKey, Expr::value(None::<String>))
        .filter(import::Column::TenantId.eq(row.tenant_id))
        .filter(import::Column::Id.eq(row.id))
        .exec(conn)
        .await
        .map(drop)
}

/// Forgets imports that ended before `before`, with what was wrong in them; about `limit` rows. Gives
/// how many rows.
///
/// # Errors
/// When the database is away.
pub async fn forget(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, DbErr> {
    use import_error::Column::{ImportId as Of, Position, Row, TenantId as Tenant};
    let old = import::Entity::find()
        .filter(import::Column::FinishedAt.lt(before))
        .order_by_asc(import::Column::FinishedAt)
        .one(conn)
        .await?;
    let Some(old) = old else { return Ok(0) };
    let some = Query::select()
        .columns([Of, Row, Position])
        .from(import_error::Entity)
        .and_where(Tenant.eq(old.tenant_id))
        .and_where(Of.eq(old.id))
        .limit(limit)
        .to_owned();
    let key = Expr::tuple([Of, Row, Position].map(Expr::col));
    let deleted = import_error::Entity::delete_many()
        .filter(Tenant.eq(old.tenant_id))
        .filter(key.in_subquery(some))
        .exec(conn)
        .await?;
    if deleted.rows_affected < limit {
        import::Entity::delete_many()
            .filter(import::Column::TenantId.eq(old.tenant_id))
            .filter(import::Column::Id.eq(old.id))
            .exec(conn)
            .await?;
    }
    Ok(deleted.rows_affected + 1)
}
