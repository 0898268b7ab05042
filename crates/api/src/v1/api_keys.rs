//! `api-keys`: access for programs.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web::Data};
use auth::Scope;
use auth::api_key;
use auth::permission::{ManageKeys, ReadKeys};
use chrono::{DateTime, Utc};
use entity::id::{ApiKeyId, UserId};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read_uncounted;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Command, Page, Path, page};
use crate::state::State;
use crate::write::{Answer, write};

/// The list that cursors belong to.
const LIST: &str = "api-keys";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list).service(create).service(revoke);
}

/// An API key, without the key itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    /// The key's id.
    pub id: ApiKeyId,
    /// What it is for.
    pub name: String,
    /// How the key begins, to tell keys apart.
    #[schema(example = "tlk_4fT9xQzb")]
    pub prefix: String,
    /// What it may do; null for all that its maker may.
    #[schema(value_type = Option<Vec<Scope>>, required = true)]
    pub scopes: Option<Vec<String>>,
    /// Who made it: it may never do more than they may.
    pub created_by: UserId,
    /// When it stops working.
    #[schema(required = true)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[schema(required = true)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<entity::api_key::Model> for ApiKey {
    fn from(row: entity::api_key::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            scopes: row.scopes.map(|scopes| scopes.0),
            created_by: row.created_by,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            created_at: row.created_at,
        }
    }
}

page!(
    /// A page of API keys.
    ApiKeyPage of ApiKey
);

/// The keys that work, oldest first.
#[utoipa::path(
    tag = "API keys",
    operation_id = "list_api_keys",
    params(crate::extract::PageParameters),
    responses((status = 200, body = ApiKeyPage)),
)]
#[get("/api-keys")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadKeys>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let after = page.after(key, tenant, LIST)?;
    read_uncounted(&state, &request, async |conn| {
        let rows = api_key::list(conn, tenant, after, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, LIST, |row| row.id);
        Ok(ApiKeyPage {
            data: rows.into_iter().map(ApiKey::from).collect(),
            next_cursor,
        })
    })
    .await
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewApiKey {
    /// What it is for.
    pub name: String,
    /// What it may do; without it, all that its maker may.
    pub scopes: Option<Vec<Scope>>,
    /// When it stops working; without it, never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedApiKey {
    /// What is known of it.
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// The key: shown now and never again.
    #[schema(example = "tlk_4fT9xQzb…")]
    pub key: String,
}

/// Make a key.
#[utoipa::path(
    tag = "API keys",
    operation_id = "create_api_key",
    request_body = NewApiKey,
    responses((status = 201, body = CreatedApiKey)),
)]
#[post("/api-keys")]
async fn create(
    state: Data<State>,
    caller: Allowed<ManageKeys>,
    command: Command<NewApiKey>,
) -> Result<HttpResponse, ApiError> {
    let NewApiKey {
        name,
        scopes,
        expires_at,
    } = command.body;
    let new = api_key::NewKey::parse(&name, scopes, expires_at, state.clock.now())?;
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let made = api_key::create(tx, &state.clock, outbox, &caller, new).await?;
        let path = format!("/api-keys/{}", made.row.id);
        let key = made.key.expose_secret().to_owned();
        let body = CreatedApiKey {
            api_key: made.row.into(),
            key,
        };
        Ok(Answer::created(&path, &body)?.hiding(&["key"]))
    })
    .await
}

/// Revoke a key: it stops working at once.
#[utoipa::path(
    tag = "API keys",
    operation_id = "delete_api_key",
    params(("id" = ApiKeyId, Path)),
    responses((status = 204)),
)]
#[delete("/api-keys/{id}")]
async fn revoke(
    state: Data<State>,
    caller: Allowed<ManageKeys>,
    Path(id): Path<ApiKeyId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        api_key::revoke(tx, &state.clock, outbox, caller.tenant_id, id).await?;
        outbox.access_changed(caller.tenant_id);
        Ok(Answer::no_content())
    })
    .await
}

#[cfg(test)]
mod tests;
