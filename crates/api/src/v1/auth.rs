//! `auth`: signing up, logging in, one's own account.
//!
//! Nothing here is kept for replay: what is answered are secrets.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, post, web::Data};
use auth::permission::AnyMember;
use auth::{Tokens, account, session, team, tenant};
use events::Outbox;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::tenant::Tenant;
use super::users::User;
use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, ClientIp, Json};
use crate::state::State;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(login)
        .service(refresh)
        .service(logout)
        .service(me)
        .service(change_password);
}

/// A login.
#[derive(Debug, Serialize, ToSchema)]
pub struct Login {
    /// For `Authorization: Bearer`; good for `expires_in` seconds.
    pub token: String,
    /// Good for one `auth/refresh`, which gives the next.
    pub refresh_token: String,
    /// Seconds.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Who is logged in.
    pub user: User,
    /// To which tenant.
    pub tenant: Tenant,
}

/// Who is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The person.
    pub user: User,
    /// Their tenant.
    pub tenant: Tenant,
}

/// Somebody who signs up.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Registration {
    /// The name of the new tenant.
    #[schema(example = "Pizzeria Vesuvio")]
    pub tenant_name: String,
    /// The owner's e-mail address.
    #[schema(example = "ann@example.com")]
    pub email: String,
    /// The owner's password.
    #[schema(value_type = String, format = Password, min_length = 8)]
    pub password: SecretString,
    /// The owner's name; without it, what stands before the `@`.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2; without it, `US`.
    #[schema(example = "US")]
    pub default_country: Option<String>,
    /// IANA name; without it, `UTC`.
    #[schema(example = "America/New_York")]
    pub timezone: Option<String>,
}

/// Sign up: makes a tenant with its first owner.
#[utoipa::path(
    tag = "Auth",
    operation_id = "register",
    security(()),
    request_body = Registration,
    responses((status = 201, body = Login)),
)]
#[post("/auth/register")]
async fn register(
    state: Data<State>,
    client: ClientIp,
    Json(body): Json<Registration>,
) -> Result<HttpResponse, ApiError> {
    if !state.settings.allow_signup {
        return Err(ApiError::Forbidden(
            "signing up is switched off here".into(),
        ));
    }
    let new = account::NewTenant::parse(body.typed())?;
    state.limiter.signup(client.0, state.clock.now())?;
    let hash = state
        .hasher
        .hash(body.password)
        .await
        .map_err(auth::Error::from)?;
    let tx = state.db.write_tx().await?;
    let made = account::register(&tx, &state.clock, new, hash).await?;
    let tokens = session::start(&tx, &state.clock, &state.signer, &made.owner).await?;
    tx.commit().await?;
    Ok(logged_in(
        StatusCode::CREATED,
        &tokens,
        made.owner.into(),
        made.tenant.into(),
    ))
}

impl Registration {
    fn typed(&self) -> account::Signup<'_> {
        account::Signup {
            tenant_name: &self.tenant_name,
            email: &self.email,
            name: self.name.as_deref(),
            password: &self.password,
            default_country: self.default_country.as_deref(),
            timezone: self.timezone.as_deref(),
        }
    }
}

/// Somebody who logs in.
#[derive(Debug, Deserialize, ToSchema)]
pub struct LoginRequest {
    /// Their e-mail address.
    #[schema(example = "ann@example.com")]
    pub email: String,
    /// Their password.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// Log in.
#[utoipa::path(
    tag = "Auth",
    operation_id = "login",
    security(()),
    request_body = LoginRequest,
    responses((status = 200, body = Login)),
)]
#[post("/auth/login")]
async fn login(
    state: Data<State>,
    client: ClientIp,
    Json(body): Json<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    let attempt = state
        .limiter
        .login(&body.email, client.0, state.clock.now())?;
    let known = account::log_in(state.db.read(), &state.hasher, &body.email, &body.password).await;
    if !matches!(known, Err(auth::Error::WrongLogin)) {
        attempt.forgive();
    }
    let member = known?;
    let tx = state.db.write_tx().await?;
    let tokens = session::start(&tx, &state.clock, &state.signer, &member).await?;
    tx.commit().await?;
    let tenant = tenant::get(state.db.read(), member.tenant_id).await?;
    Ok(logged_in(
        StatusCode::OK,
        &tokens,
        member.into(),
        tenant.into(),
    ))
}

/// A login to be renewed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RefreshRequest {
    /// The latest refresh token.
    #[schema(value_type = String)]
    pub refresh_token: SecretString,
    /// Something random, made up for this renewal. Where the answer is lost, the same refresh token with
    /// the same attempt gets it once more within a minute; without it, such a token is refused.
    #[schema(value_type = Option<String>)]
    pub attempt: Option<SecretString>,
}

/// Renew a login. Each refresh token is good once; one that shows up again ends the login.
#[utoipa::path(
    tag = "Auth",
    operation_id = "refresh",
    security(()),
    request_body = RefreshRequest,
    responses((status = 200, body = Login)),
)]
#[post("/auth/refresh")]
async fn refresh(
    state: Data<State>,
    Json(body): Json<RefreshRequest>,
) -> Result<HttpResponse, ApiError> {
    let attempt = body.attempt.as_ref();
    if attempt.is_some_and(|attempt| !(16..=200).contains(&attempt.expose_secret().len())) {
        return Err(ApiError::field(
            "/attempt",
            "must be something random of 16 to 200 characters",
        ));
    }
    let tx = state.db.write_tx().await?;
    let (clock, signer) = (&state.clock, &state.signer);
    let tokens = session::refresh(tx, clock, signer, &body.refresh_token, attempt).await?;
    let conn = state.db.read();
    let member = team::get_user(conn, tokens.tenant_id, tokens.user_id).await?;
    let tenant = tenant::get(conn, tokens.tenant_id).await?;
    Ok(logged_in(
        StatusCode::OK,
        &tokens,
        member.into(),
        tenant.into(),
    ))
}

/// Log out: the login and its refresh token stop working at once.
#[utoipa::path(tag = "Auth", operation_id = "logout", responses((status = 204)))]
#[post("/auth/logout")]
async fn logout(state: Data<State>, caller: Allowed<AnyMember>) -> Result<HttpResponse, ApiError> {
    if let Some(session_id) = caller.session_id() {
        let tx = state.db.write_tx().await?;
        session::end(&tx, &state.clock, session_id).await?;
        let mut outbox = Outbox::new();
        outbox.access_changed(caller.tenant_id);
        outbox.commit(tx, state.clock.now(), &state.bell).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Who is logged in.
#[utoipa::path(tag = "Auth", operation_id = "me", responses((status = 200, body = Me)))]
#[get("/auth/me")]
async fn me(
    state: Data<State>,
    caller: Allowed<AnyMember>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        let user = team::get_user(conn, caller.tenant_id, caller.user_id())
            .await?
            .into();
        let tenant = tenant::get(conn, caller.tenant_id).await?.into();
        Ok(Me { user, tenant })
    })
    .await
}

/// A password to be changed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PasswordChange {
    /// The present one.
    #[schema(value_type = String, format = Password)]
    pub current: SecretString,
    /// The one to come.
    #[schema(value_type = String, format = Password, min_length = 8)]
    pub new: SecretString,
}

/// Change one's password: all other logins of the person end.
#[utoipa::path(
    tag = "Auth",
    operation_id = "change_password",
    request_body = PasswordChange,
    responses((status = 204)),
)]
#[post("/auth/password")]
async fn change_password(
    state: Data<State>,
    caller: Allowed<AnyMember>,
    client: ClientIp,
    Json(body): Json<PasswordChange>,
) -> Result<HttpResponse, ApiError> {
    let (conn, user) = (state.db.read(), caller.user_id());
    // Who finds an open browser must not guess on through it.
    let attempt = state
        .limiter
        .login(&user.to_string(), client.0, state.clock.now())?;
    let checked =
        account::check_password_change(conn, &state.hasher, user, &body.current, &body.new).await;
    if !matches!(checked, Err(auth::Error::WrongPassword)) {
        attempt.forgive();
    }
    checked?;
    let hash = state
        .hasher
        .hash(body.new)
        .await
        .map_err(auth::Error::from)?;
    let tx = state.db.write_tx().await?;
    account::change_password(&tx, &state.clock, user, hash, caller.session_id()).await?;
    let mut outbox = Outbox::new();
    outbox.access_changed(caller.tenant_id);
    outbox.commit(tx, state.clock.now(), &state.bell).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn logged_in(status: StatusCode, tokens: &Tokens, user: User, tenant: Tenant) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Login {
            token: tokens.access.expose_secret().to_owned(),
            refresh_token: tokens.refresh.expose_secret().to_owned(),
            expires_in: tokens.expires_in,
            user,
            tenant,
        })
}

#[cfg(test)]
mod tests;
