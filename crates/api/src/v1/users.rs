//! `users`: the people of a tenant.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web::Data};
use auth::permission::{ManageTeam, ReadTeam};
use auth::{Member, password, team};
use chrono::{DateTime, Utc};
use entity::id::UserId;
use entity::value::Role;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Command, Page, Path, page};
use crate::state::State;
use crate::write::{Answer, write};

/// The list that cursors belong to.
const LIST: &str = "users";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(create)
        .service(show)
        .service(change)
        .service(remove);
}

/// A person of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// The person.
    pub id: UserId,
    /// Lower-case e-mail address.
    pub email: String,
    /// How colleagues see them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    /// When their role last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<Member> for User {
    fn from(member: Member) -> Self {
        Self {
            id: member.user_id,
            email: member.email,
            name: member.name,
            role: member.role,
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }
}

page!(
    /// A page of the people of a tenant.
    UserPage of User
);

/// The people of the tenant, in the order they joined.
#[utoipa::path(
    tag = "Team",
    operation_id = "list_users",
    params(crate::extract::PageParameters),
    responses((status = 200, body = UserPage)),
)]
#[get("/users")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadTeam>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let after = page.after(key, tenant, LIST)?;
    read(&state, &caller, &request, async |conn| {
        let rows = team::list_users(conn, tenant, after, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, LIST, |row| row.user_id);
        Ok(UserPage {
            data: rows.into_iter().map(User::from).collect(),
            next_cursor,
        })
    })
    .await
}

/// Somebody to add.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewUser {
    /// Their e-mail address, with which they log in.
    #[schema(example = "ann@example.com")]
    pub email: String,
    /// How colleagues see them; without it, what stands before the `@`.
    pub name: Option<String>,
    /// What they may do; not more than whoever adds them.
    pub role: Role,
    /// Their password; without it, one is made up.
    #[schema(value_type = Option<String>, format = Password, min_length = 8)]
    pub password: Option<SecretString>,
}

/// Somebody just added.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedUser {
    /// The person.
    #[serde(flatten)]
    pub user: User,
    /// The password that was made up: shown now and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_time_password: Option<String>,
}

/// Add somebody.
#[utoipa::path(
    tag = "Team",
    operation_id = "create_user",
    request_body = NewUser,
    responses((status = 201, body = CreatedUser)),
)]
#[post("/users")]
async fn create(
    state: Data<State>,
    caller: Allowed<ManageTeam>,
    command: Command<NewUser>,
) -> Result<HttpResponse, ApiError> {
    let NewUser {
        email,
        name,
        role,
        password,
    } = command.body;
    let new = team::NewUser::parse(&email, name.as_deref(), role, password.as_ref())?;
    let one_time = password.is_none().then(password::one_time);
    // Hashing takes its time, and a transaction should not wait for it.
    let hash = state
        .hasher
        .hash(one_time.clone().or(password).unwrap_or_default())
        .await;
    let hash = hash.map_err(auth::Error::from)?;
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let by = (caller.tenant_id, caller.role);
        let user = User::from(team::create_user(tx, &state.clock, outbox, by, new, hash).await?);
        let path = format!("/users/{}", user.id);
        let one_time_password = one_time.map(|password| password.expose_secret().to_owned());
        let created = Answer::created(
            &path,
            &CreatedUser {
                user,
                one_time_password,
            },
        )?;
        Ok(created.hiding(&["one_time_password"]))
    })
    .await
}

/// One person.
#[utoipa::path(
    tag = "Team",
    operation_id = "get_user",
    params(("id" = UserId, Path)),
    responses((status = 200, body = User)),
)]
#[get("/users/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadTeam>,
    request: HttpRequest,
    Path(id): Path<UserId>,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        Ok(User::from(
            team::get_user(conn, caller.tenant_id, id).await?,
        ))
    })
    .await
}

/// What to change about a person.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UserPatch {
    /// What they may do from now on; it counts at once.
    pub role: Role,
}

/// Give somebody another role.
#[utoipa::path(
    tag = "Team",
    operation_id = "update_user",
    params(("id" = UserId, Path)),
    request_body = UserPatch,
    responses((status = 200, body = User)),
)]
#[patch("/users/{id}")]
async fn change(
    state: Data<State>,
    caller: Allowed<ManageTeam>,
    Path(id): Path<UserId>,
    command: Command<UserPatch>,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let by = (caller.tenant_id, caller.role);
        let (clock, role) = (&state.clock, command.body.role);
        let member = team::change_role(tx, clock, outbox, by, id, role).await?;
        outbox.access_changed(caller.tenant_id);
        Answer::ok(&User::from(member))
    })
    .await
}

/// Remove somebody: their logins and API keys stop working at once.
///
/// The conversations that they looked after are nobody's then.
#[utoipa::path(
    tag = "Team",
    operation_id = "delete_user",
    params(("id" = UserId, Path)),
    responses((status = 204)),
)]
#[delete("/users/{id}")]
async fn remove(
    state: Data<State>,
    caller: Allowed<ManageTeam>,
    Path(id): Path<UserId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        let (tenant, clock) = (caller.tenant_id, &state.clock);
        team::remove_user(tx, clock, outbox, (tenant, caller.role), id).await?;
        conversations::assignment::unassign(tx, clock, outbox, tenant, id).await?;
        outbox.access_changed(tenant);
        Ok(Answer::no_content())
    })
    .await
}

#[cfg(test)]
mod tests;
