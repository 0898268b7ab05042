//! `leads/imports`: leads out of a CSV file.

use actix_web::{HttpRequest, HttpResponse, get, post, web, web::Data};
use auth::permission::{ReadLeads, WriteLeads};
use chrono::{DateTime, Utc};
use conversations::imports::{self, MOST_ROWS, NewImport};
use entity::id::ImportId;
use entity::json::ImportColumn;
use entity::value::{ImportStatus, OnDuplicate};
use entity::{import, import_error};
use lead_csv::Survey;
use media::{Spooled, StoreError};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::export::Sheet;
use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Meta, Page, Path, Upload, page, receive};
use crate::state::State;
use crate::write::{Answer, write, write_after};

const LIST: &str = "imports";

/// The largest file that is taken, in bytes.
const LARGEST: u64 = 20 * 1024 * 1024;

/// How many mistakes an import shows itself.
const SHOWN: u64 = 100;

/// How many mistakes are read at once.
const ERRORS: u64 = 1000;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(begin)
        .service(mistakes)
        .service(cancel)
        .service(show);
}

/// A file of leads on its way in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Import {
    /// The import.
    pub id: ImportId,
    /// What its owner calls the file.
    #[schema(required = true)]
    pub filename: Option<String>,
    /// Where it stands.
    pub status: ImportStatus,
    /// Why it failed.
    #[schema(required = true)]
    pub detail: Option<String>,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// What becomes of somebody who is a lead already.
    pub on_duplicate: OnDuplicate,
    /// How many rows the file has, without the first and empty ones.
    pub total_rows: i32,
    /// How many have been dealt with.
    pub done_rows: i32,
    /// How many people are new.
    pub created: i32,
    /// How many were known and have changed.
    pub updated: i32,
    /// How many were known and stayed as they are.
    pub skipped: i32,
    /// How many rows can't be used.
    pub failed: i32,
    /// The columns, and what each was taken for.
    pub columns: Vec<ImportColumn>,
    /// What parts the cells.
    #[schema(example = ";")]
    pub delimiter: String,
    /// How the file is encoded.
    #[schema(example = "UTF-8")]
    pub encoding: String,
    /// What is wrong with rows: the first hundred mistakes; `errors.csv` has all.
    pub errors: Vec<ImportError>,
    /// When the file came.
    pub created_at: DateTime<Utc>,
    /// When the import ended.
    #[schema(required = true)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportError {
    /// The row as a spreadsheet counts: the column names are in row 1.
    pub row: i32,
    /// The column; none where it is the row.
    #[schema(required = true)]
    pub column: Option<String>,
    /// What stands there.
    #[schema(required = true)]
    pub value: Option<String>,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl From<import_error::Model> for ImportError {
    fn from(row: import_error::Model) -> Self {
        Self {
            row: row.row,
            column: row.column,
            value: row.value,
            detail: row.detail,
        }
    }
}

impl Import {
    fn new(row: import::Model, errors: Vec<import_error::Model>) -> Self {
        Self {
            id: row.id,
            filename: row.filename,
            status: row.status,
            detail: row.detail,
            dry_run: row.dry_run,
            on_duplicate: row.on_duplicate,
            total_rows: row.total_rows,
            done_rows: row.done_rows,
            created: row.created,
            updated: row.updated,
            skipped: row.skipped,
            failed: row.failed,
            columns: row.columns.0,
            // A tab would not be seen.
            delimiter: row.delimiter.replace('\t', "tab"),
            encoding: row.encoding,
            errors: errors.into_iter().map(ImportError::from).collect(),
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

page!(
    /// A page of imports. Mistakes are shown by each import alone.
    ImportPage of Import
);

/// A file of leads in a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only described: the form is read as it comes")]
struct ImportForm {
    /// CSV in any usual form, at most 20 MB and 100,000 rows. The first row names the columns.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What becomes of somebody who is a lead already, by number or (without one) by e-mail address.
    #[schema(default = "update")]
    on_duplicate: Option<OnDuplicate>,
    /// Only say what would be done.
    #[schema(default = false)]
    dry_run: Option<bool>,
}

/// Import leads from a CSV file. It is worked at after this answer; `import_progress` tells how far it is.
#[utoipa::path(
    tag = "Leads",
    operation_id = "create_lead_import",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 202, body = Import)),
)]
#[post("/leads/imports")]
async fn begin(
    state: Data<State>,
    caller: Allowed<WriteLeads>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let fields = ["on_duplicate", "dry_run"];
    let upload = receive(&state, &request, payload, LARGEST, &fields).await?;
    let form = Form::read(&upload)?;
    let meta = form.meta(&request, &upload)?;
    let (tenant, clock) = (caller.tenant_id, &state.clock);
    let Upload { file, filename, .. } = upload;
    write_after(
        &state,
        &caller,
        &meta,
        async || {
            let survey = survey(&file).await?;
            let file_key = imports::new_key(clock);
            state.store.put(&file_key, "text/csv", &file).await?;
            Ok((survey, file_key))
        },
        async |tx, outbox, (survey, file_key)| {
            let new = NewImport {
                by: caller.user_id(),
                filename,
                on_duplicate: form.on_duplicate,
                dry_run: form.dry_run,
                file_key,
                survey,
            };
            let row = imports::create(tx, clock, outbox, tenant, new).await?;
            Answer::accepted(&Import::new(row, Vec::new()))
        },
    )
    .await
}

/// What the form says besides its file.
struct Form {
    on_duplicate: OnDuplicate,
    dry_run: bool,
}

impl Form {
    fn read(upload: &Upload) -> Result<Self, ApiError> {
        let field = |name| upload.fields.get(name).map(String::as_str);
        let on_duplicate = match field("on_duplicate") {
            None | Some("") => OnDuplicate::Update,
            Some(word) => word.parse().map_err(|error: entity::value::UnknownWord| {
                ApiError::field("/on_duplicate", error.to_string())
            })?,
        };
        let dry_run = match field("dry_run") {
            None | Some("" | "false") => false,
            Some("true") => true,
            Some(_) => return Err(ApiError::field("/dry_run", "must be true or false")),
        };
        Ok(Self {
            on_duplicate,
            dry_run,
        })
    }

    fn meta(&self, request: &HttpRequest, upload: &Upload) -> Result<Meta, ApiError> {
        let contents = [
            &upload.file.digest[..],
            upload.filename.as_deref().unwrap_or_default().as_bytes(),
            self.on_duplicate.as_str().as_bytes(),
            &[u8::from(self.dry_run)],
        ];
        Meta::of_form(request, &contents)
    }
}

/// Goes through a file, away from the async threads.
async fn survey(file: &Spooled) -> Result<Survey, ApiError> {
    let mut source = file.rewound().map_err(StoreError::from)?;
    let surveyed = web::block(move || Survey::of(&mut source, MOST_ROWS)).await;
    Ok(surveyed.map_err(ApiError::internal)??)
}

/// The tenant's imports of the last 30 days, newest first.
#[utoipa::path(
    tag = "Leads",
    operation_id = "list_lead_imports",
    params(crate::extract::PageParameters),
    responses((status = 200, body = ImportPage)),
)]
#[get("/leads/imports")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadLeads>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let before = page.after(key, tenant, LIST)?;
    read(&state, &caller, &request, async |conn| {
        let rows = imports::list(conn, tenant, before, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, LIST, |row| row.id);
        let shown = |row| Import::new(row, Vec::new());
        Ok(ImportPage {
            data: rows.into_iter().map(shown).collect(),
            next_cursor,
        })
    })
    .await
}

/// One import, with the first hundred mistakes.
#[utoipa::path(
    tag = "Leads",
    operation_id = "get_lead_import",
    params(("id" = ImportId, Path)),
    responses((status = 200, body = Import)),
)]
#[get("/leads/imports/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadLeads>,
    request: HttpRequest,
    Path(id): Path<ImportId>,
) -> Result<HttpResponse, ApiError> {
    let tenant = caller.tenant_id;
    read(&state, &caller, &request, async |conn| {
        let row = imports::get(conn, tenant, id).await?;
        let errors = imports::errors(conn, tenant, id, None, SHOWN).await?;
        Ok(Import::new(row, errors))
    })
    .await
}

/// Stop an import. What was done by then stays.
#[utoipa::path(
    tag = "Leads",
    operation_id = "cancel_lead_import",
    params(("id" = ImportId, Path)),
    responses((status = 200, body = Import)),
)]
#[post("/leads/imports/{id}/cancel")]
async fn cancel(
    state: Data<State>,
    caller: Allowed<WriteLeads>,
    Path(id): Path<ImportId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    let tenant = caller.tenant_id;
    write(&state, &caller, &meta, async |tx, outbox| {
        let row = imports::cancel(tx, &state.clock, outbox, tenant, id).await?;
        let errors = imports::errors(tx, tenant, id, None, SHOWN).await?;
        Answer::ok(&Import::new(row, errors))
    })
    .await
}

/// Every mistake of an import, as a CSV file.
#[utoipa::path(
    tag = "Leads",
    operation_id = "get_lead_import_errors",
    params(("id" = ImportId, Path)),
    responses((status = 200, content_type = "text/csv", body = String)),
)]
#[get("/leads/imports/{id}/errors.csv")]
async fn mistakes(
    state: Data<State>,
    caller: Allowed<ReadLeads>,
    Path(id): Path<ImportId>,
) -> Result<HttpResponse, ApiError> {
    let tenant = caller.tenant_id;
    imports::get(state.db.read(), tenant, id).await?;
    let sheet = Sheet {
        name: "import-errors.csv",
        headers: &["row", "column", "value", "reason"],
    };
    let answer = sheet.answer(move |after| {
        let state = state.clone();
        async move {
            let rows = imports::errors(state.db.read(), tenant, id, after, ERRORS).await?;
            let more = rows.len() as u64 >= ERRORS;
            let last = rows.last().map(|row| (row.row, row.position));
            let lines = rows.iter().flat_map(line).collect();
            Ok((lines, last.filter(|_| more)))
        }
    });
    Ok(answer)
}

fn line(row: &import_error::Model) -> Vec<u8> {
    let cell = |cell: &Option<String>| {
        let cell = cell.as_deref().unwrap_or_default().to_owned();
        lead_csv::write::safe(&cell).into_owned().into()
    };
    lead_csv::write::line([
        row.row.to_string().into(),
        cell(&row.column),
        cell(&row.value),
        row.detail.as_str().into(),
    ])
}
