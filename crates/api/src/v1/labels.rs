//! `labels`: what conversations can be marked with.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web::Data};
use auth::permission::{ReadConversations, WriteConversations};
use conversations::labels::{self, LabelChange, LabelName, LabelView};
use entity::id::LabelId;
use entity::value::LabelColor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Checks, Command, Path};
use crate::state::State;
use crate::write::{Answer, write};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(create)
        .service(show)
        .service(change)
        .service(remove);
}

/// A label.
#[derive(Debug, Serialize, ToSchema)]
pub struct Label {
    /// The label.
    pub id: LabelId,
    /// What it says.
    pub name: String,
    /// How it is shown.
    pub color: LabelColor,
    /// How many conversations carry it; 1000 stands for that many or more.
    #[schema(minimum = 0, maximum = 1000)]
    pub conversations: i64,
}

impl From<LabelView> for Label {
    fn from(view: LabelView) -> Self {
        Self {
            id: view.label.id,
            name: view.label.name,
            color: view.label.color,
            conversations: view.conversations,
        }
    }
}

/// All labels of the tenant: there are at most 200.
#[derive(Debug, Serialize, ToSchema)]
pub struct LabelList {
    /// The labels, by name.
    pub data: Vec<Label>,
}

/// The tenant's labels, by name.
#[utoipa::path(
    tag = "Labels",
    operation_id = "list_labels",
    responses((status = 200, body = LabelList)),
)]
#[get("/labels")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        let labels = labels::list(conn, caller.tenant_id).await?;
        Ok(LabelList {
            data: labels.into_iter().map(Label::from).collect(),
        })
    })
    .await
}

/// A label to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewLabel {
    /// What it is to say: one line, unlike the other labels of the tenant, however capitalised.
    #[schema(min_length = 1, max_length = 100, example = "VIP")]
    pub name: String,
    /// How it is shown; gray unless something else is said.
    pub color: Option<LabelColor>,
}

/// Make a label.
#[utoipa::path(
    tag = "Labels",
    operation_id = "create_label",
    request_body = NewLabel,
    responses((status = 201, body = Label)),
)]
#[post("/labels")]
async fn create(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    command: Command<NewLabel>,
) -> Result<HttpResponse, ApiError> {
    let Command { body, meta } = command;
    let name = name(&body.name)?;
    let color = body.color.unwrap_or(LabelColor::Gray);
    write(&state, &caller, &meta, async |tx, outbox| {
        let (clock, tenant) = (&state.clock, caller.tenant_id);
        let label = labels::create(tx, clock, outbox, tenant, &name, color).await?;
        let label = Label::from(label);
        Answer::created(&format!("/labels/{}", label.id), &label)
    })
    .await
}

/// One label.
#[utoipa::path(
    tag = "Labels",
    operation_id = "get_label",
    params(("id" = LabelId, Path)),
    responses((status = 200, body = Label)),
)]
#[get("/labels/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
    Path(id): Path<LabelId>,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        Ok(Label::from(labels::get(conn, caller.tenant_id, id).await?))
    })
    .await
}

/// What to change about a label; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LabelPatch {
    /// What it is to say from now on, wherever it stands.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// How it is shown.
    pub color: Option<LabelColor>,
}

/// Change a label, for all conversations that carry it.
#[utoipa::path(
    tag = "Labels",
    operation_id = "update_label",
    params(("id" = LabelId, Path)),
    request_body = LabelPatch,
    responses((status = 200, body = Label)),
)]
#[patch("/labels/{id}")]
async fn change(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<LabelId>,
    command: Command<LabelPatch>,
) -> Result<HttpResponse, ApiError> {
    let Command { body, meta } = command;
    let change = LabelChange {
        name: body.name.as_deref().map(name).transpose()?,
        color: body.color,
    };
    write(&state, &caller, &meta, async |tx, outbox| {
        let (clock, tenant) = (&state.clock, caller.tenant_id);
        let label = labels::update(tx, clock, outbox, tenant, id, change).await?;
        Answer::ok(&Label::from(label))
    })
    .await
}

/// Remove a label: it is taken off all conversations.
#[utoipa::path(
    tag = "Labels",
    operation_id = "delete_label",
    params(("id" = LabelId, Path)),
    responses((status = 204)),
)]
#[delete("/labels/{id}")]
async fn remove(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<LabelId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        labels::delete(tx, outbox, caller.tenant_id, id).await?;
        Ok(Answer::no_content())
    })
    .await
}

fn name(text: &str) -> Result<LabelName, ApiError> {
    LabelName::parse(text).map_err(|error| ApiError::field("/name", error.to_string()))
}

/// How many labels a conversation can carry.
const MOST_CARRIED: usize = 50;

/// The labels that a conversation is to carry.
pub(super) fn names(texts: &[String]) -> Result<Vec<LabelName>, ApiError> {
    let mut checks = Checks::new();
    checks.require(
        texts.len() <= MOST_CARRIED,
        "/labels",
        format_args!("must be at most {MOST_CARRIED}"),
    );
    let parse = |(index, text): (usize, &String)| {
        checks.take(&format!("/labels/{index}"), LabelName::parse(text))
    };
    let names = texts.iter().enumerate().filter_map(parse).collect();
    checks.done()?;
    Ok(names)
}
