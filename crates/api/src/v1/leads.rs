//! `leads`: the people a tenant talks to.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web::Data};
use auth::permission::{ReadLeads, WriteLeads};
use chrono::{DateTime, Utc};
use conversations::leads::{self, LeadChange, LeadFilter};
use entity::id::LeadId;
use entity::lead;
use entity::value::{LeadSource, LeadStatus, OptOutSource};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::{read, read_beside};
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Checks, Command, Page, Path, Query, nullable, page};
use crate::state::State;
use crate::time;
use crate::v1::search::index_turn;
use crate::write::{Answer, write};

mod export;
mod history;
mod imports;

pub use history::{Interaction, InteractionPage, LeadThread};
pub use imports::{Import, ImportError, ImportPage};

const LIST: &str = "leads";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        // Before what has an id in their place.
        .configure(imports::routes)
        .service(export::export)
        .service(list)
        .service(create)
        .service(show)
        .service(change)
        .service(remove)
        .service(history::thread)
        .service(history::interactions);
}

/// A person the tenant talks to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lead {
    /// The person.
    pub id: LeadId,
    /// Their name.
    pub name: Option<String>,
    /// E.164; or the short code or name that they text from.
    #[schema(example = "+15551234567")]
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// How they came.
    pub source: LeadSource,
    /// How far they are.
    pub status: LeadStatus,
    /// Labels.
    pub tags: Vec<String>,
    /// Whether texts have gone to or fro.
    pub sms_enabled: bool,
    /// When the latest one did.
    #[serde(serialize_with = "time::serialize")]
    pub last_sms_at: Option<DateTime<Utc>>,
    /// Whether they said STOP: then they can't be texted.
    pub sms_opt_out: bool,
    /// By which of the tenant's numbers that came about; none where somebody marked them by hand.
    pub sms_opt_out_number: Option<String>,
    /// How that came about.
    pub sms_opt_out_source: Option<OptOutSource>,
    /// When there was last any contact.
    #[serde(serialize_with = "time::serialize")]
    pub last_contact_at: Option<DateTime<Utc>>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA time zone name.
    pub timezone: Option<String>,
    /// When they became a lead.
    #[serde(serialize_with = "time::serialize")]
    pub created_at: DateTime<Utc>,
    /// When the lead last changed.
    #[serde(serialize_with = "time::serialize")]
    pub updated_at: DateTime<Utc>,
}

impl From<lead::Model> for Lead {
    fn from(row: lead::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            phone: row.phone,
            email: row.email,
            source: row.source,
            status: row.status,
            tags: row.tags.0,
            sms_enabled: row.sms_enabled,
            last_sms_at: row.last_sms_at,
            sms_opt_out: row.sms_opt_out,
            sms_opt_out_number: row.sms_opt_out_number,
            sms_opt_out_source: row.sms_opt_out_source,
            last_contact_at: row.last_contact_at,
            country: row.country,
            timezone: row.timezone,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

page!(
    /// A page of leads.
    LeadPage of Lead
);

/// Which leads to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LeadQuery {
    /// Beginnings of words of a name or an e-mail address, or digits of a number. A page may have fewer
    /// than `limit` then, and yet a next one; so it may by a tag together with another filter.
    q: Option<String>,
    /// How far they are.
    status: Option<LeadStatus>,
    /// How they came.
    source: Option<LeadSource>,
    /// Whether texts have gone to or fro.
    has_sms: Option<bool>,
    /// A label.
    tag: Option<String>,
}

impl From<LeadQuery> for LeadFilter {
    fn from(query: LeadQuery) -> Self {
        Self {
            q: query.q,
            status: query.status,
            source: query.source,
            has_sms: query.has_sms,
            tag: query.tag,
        }
    }
}

/// The tenant's leads, newest first.
#[utoipa::path(
    tag = "Leads",
    operation_id = "list_leads",
    params(LeadQuery, crate::extract::PageParameters),
    responses((status = 200, body = LeadPage)),
)]
#[get("/leads")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadLeads>,
    request: HttpRequest,
    Query(query): Query<LeadQuery>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let before = page.after(key, tenant, LIST)?;
    let filter = LeadFilter::from(query);
    let turn = index_turn(&state, tenant, filter.q.as_deref()).await?;
    read_beside(&state, &caller, &request, &turn, async |conn| {
        let listed = leads::list(conn, tenant, &filter, before, page.size()).await?;
        let next = listed.next.as_ref();
        Ok(LeadPage {
            next_cursor: next.and_then(|next| page.cursor(key, tenant, LIST, next)),
            data: listed.rows.into_iter().map(Lead::from).collect(),
        })
    })
    .await
}

/// A lead to add: at least a name, a number or an e-mail address.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewLead {
    /// Their name.
    pub name: Option<String>,
    /// Their number, in any usual form.
    #[schema(example = "(555) 123-4567")]
    pub phone: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// How they came; `manual` unless something else is said.
    pub source: Option<LeadSource>,
    /// How far they are; `new` unless something else is said.
    pub status: Option<LeadStatus>,
    /// Labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// IANA time zone name.
    pub timezone: Option<String>,
}

/// Add a lead.
#[utoipa::path(
    tag = "Leads",
    operation_id = "create_lead",
    request_body = NewLead,
    responses((status = 201, body = Lead)),
)]
#[post("/leads")]
async fn create(
    state: Data<State>,
    caller: Allowed<WriteLeads>,
    command: Command<NewLead>,
) -> Result<HttpResponse, ApiError> {
    let NewLead {
        name,
        phone,
        email,
        source,
        status,
        tags,
        country,
        timezone,
    } = command.body;
    check_labels(name.as_deref(), Some(&tags), "/tags")?;
    let new = leads::NewLead {
        name,
        phone,
        email,
        source,
        status,
        tags,
        country,
        timezone,
    };
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let tenant = auth::tenant::get(tx, caller.tenant_id).await?;
        let lead = Lead::from(leads::create(tx, &state.clock, outbox, &tenant, new).await?);
        Answer::created(&format!("/leads/{}", lead.id), &lead)
    })
    .await
}

/// A name must fit, and labels be few and short.
fn check_labels(
    name: Option<&str>,
    labels: Option<&[String]>,
    pointer: &str,
) -> Result<(), ApiError> {
    let mut checks = Checks::new();
    if let Some(name) = name {
        checks.text("/name", name, 200);
    }
    for (index, label) in labels.unwrap_or_default().iter().enumerate() {
        checks.text(&format!("{pointer}/{index}"), label, 100);
    }
    checks.require(
        labels.is_none_or(|labels| labels.len() <= 100),
        pointer,
        "must be at most 100",
    );
    checks.done()
}

/// One lead.
#[utoipa::path(
    tag = "Leads",
    operation_id = "get_lead",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = Lead)),
)]
#[get("/leads/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadLeads>,
    request: HttpRequest,
    Path(id): Path<LeadId>,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        Ok(Lead::from(leads::get(conn, caller.tenant_id, id).await?))
    })
    .await
}

/// What to change about a lead; what is left out stays, `null` empties.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LeadPatch {
    /// Their name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    /// Their number, in any usual form.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub phone: Option<Option<String>>,
    /// Their e-mail address.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// How they came.
    pub source: Option<LeadSource>,
    /// How far they are.
    pub status: Option<LeadStatus>,
    /// Labels; the whole list.
    pub tags: Option<Vec<String>>,
    /// Whether they must not be texted.
    pub sms_opt_out: Option<bool>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub country: Option<Option<String>>,
    /// IANA time zone name.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    pub timezone: Option<Option<String>>,
}

/// Change a lead.
#[utoipa::path(
    tag = "Leads",
    operation_id = "update_lead",
    params(("id" = LeadId, Path)),
    request_body = LeadPatch,
    responses((status = 200, body = Lead)),
)]
#[patch("/leads/{id}")]
async fn change(
    state: Data<State>,
    caller: Allowed<WriteLeads>,
    Path(id): Path<LeadId>,
    command: Command<LeadPatch>,
) -> Result<HttpResponse, ApiError> {
    let patch = command.body;
    check_labels(
        patch.name.as_ref().and_then(Option::as_deref),
        patch.tags.as_deref(),
        "/tags",
    )?;
    let change = LeadChange {
        name: patch.name,
        phone: patch.phone,
        email: patch.email,
        source: patch.source,
        status: patch.status,
        tags: patch.tags,
        sms_opt_out: patch.sms_opt_out,
        country: patch.country,
        timezone: patch.timezone,
    };
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let tenant = auth::tenant::get(tx, caller.tenant_id).await?;
        let lead = leads::update(tx, &state.clock, outbox, &tenant, id, change).await?;
        Answer::ok(&Lead::from(lead))
    })
    .await
}

/// Erase a lead with its thread. What waits to be sent is canceled; an opt-out stays.
#[utoipa::path(
    tag = "Leads",
    operation_id = "delete_lead",
    params(("id" = LeadId, Path)),
    responses((status = 204)),
)]
#[delete("/leads/{id}")]
async fn remove(
    state: Data<State>,
    caller: Allowed<WriteLeads>,
    Path(id): Path<LeadId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        leads::delete(tx, &state.clock, outbox, caller.tenant_id, id).await?;
        Ok(Answer::no_content())
    })
    .await
}
