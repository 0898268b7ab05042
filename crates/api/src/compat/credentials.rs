//! Trying out Twilio credentials. They are kept nowhere.

use actix_web::{HttpResponse, post, web::Data};
use auth::permission::ManageChannels;
use channels::{Check, CredentialsInput, Health, Opened, Reason};
use entity::id::TenantId;
use entity::phone::PhoneNumber;
use entity::value::ChannelMode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::status::shortened;
use super::typed;
use crate::error::{ApiError, FieldError};
use crate::extract::{Allowed, JsonIfAny};
use crate::state::State;
use crate::v1::channels::{check, in_sentences};

/// Twilio credentials to try out. What is left out, or is the mask `********`, is taken from the
/// default channel if that is of the same account.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TwilioCredentials {
    /// The account, `AC` and 32 hexadecimal digits.
    #[serde(alias = "account_sid")]
    pub account_sid: Option<String>,
    /// The account's auth token, 32 characters.
    #[serde(alias = "auth_token")]
    #[schema(value_type = Option<String>, format = "password")]
    pub auth_token: Option<SecretString>,
    /// The number, in any usual form.
    #[serde(default, deserialize_with = "typed::text", alias = "phone_number")]
    #[schema(value_type = Option<String>, example = "+15551234567")]
    pub phone_number: Option<String>,
}

impl TwilioCredentials {
    /// What was typed; nothing if all fields are empty, as an untouched form has them.
    fn typed(self) -> Option<CredentialsInput> {
        let account_sid = self.account_sid.filter(|text| !text.trim().is_empty());
        let phone_number = self.phone_number.filter(|text| !text.trim().is_empty());
        let is_there = |token: &SecretString| !token.expose_secret().trim().is_empty();
        let auth_token = self.auth_token.filter(is_there);
        let any = account_sid.is_some() || phone_number.is_some() || auth_token.is_some();
        any.then(|| CredentialsInput {
            account_sid: account_sid.into(),
            auth_token: auth_token.into(),
            phone_number: phone_number.into(),
            ..CredentialsInput::default()
        })
    }
}

/// What Twilio says of credentials.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TwilioTested {
    /// Whether texts can be sent with them.
    pub success: bool,
    /// The outcome for people.
    pub message: String,
    /// What stands in the way, in Twilio's words where it gave some, and what to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The same for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Twilio's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The beginning of the account's SID.
    #[schema(example = "AC012345...")]
    pub account_sid: String,
    /// The number.
    pub phone_number: PhoneNumber,
    /// What was looked at.
    pub checks: Vec<Check>,
}

impl TwilioTested {
    fn new(credentials: &Opened, health: Health) -> Self {
        let failed = health.checks.iter().find(|check| !check.ok);
        let error = failed.map(in_sentences);
        let message = match &error {
            Some(error) => error.clone(),
            None => "Twilio accepts the credentials, and the number can text.".to_owned(),
        };
        Self {
            success: health.ok,
            message,
            error,
            reason: failed.and_then(|check| check.reason),
            code: failed.and_then(|check| check.code),
            account_sid: shortened(credentials.account_sid()),
            phone_number: credentials.phone_number().clone(),
            checks: health.checks,
        }
    }
}

/// Try out Twilio credentials: those given, else the default channel's. Changes nothing.
///
/// What Twilio refuses is 200 with `success: false`.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "twilio_test",
    request_body(content = Option<TwilioCredentials>),
    responses((status = 200, body = TwilioTested)),
)]
#[post("/twilio/test")]
pub(super) async fn test(
    state: Data<State>,
    caller: Allowed<ManageChannels>,
    JsonIfAny(given): JsonIfAny<TwilioCredentials>,
) -> Result<HttpResponse, ApiError> {
    let given = given.and_then(TwilioCredentials::typed);
    let (credentials, mode) = to_try(&state, caller.tenant_id, given).await?;
    let health = check(&state, &credentials, mode).await;
    Ok(HttpResponse::Ok().json(TwilioTested::new(&credentials, health)))
}

/// The credentials, and how their account may be used.
async fn to_try(
    state: &State,
    tenant: TenantId,
    given: Option<CredentialsInput>,
) -> Result<(Opened, ChannelMode), ApiError> {
    let conn = state.db.read();
    let default = channels::default_channel(conn, tenant).await?;
    let Some(given) = given else {
        let channel = default.ok_or(conversations::Error::NoChannel)?;
        return Ok((channels::open(&state.keys, &channel)?, channel.mode));
    };
    state.limiter.credentials(tenant, state.clock.now())?;
    let opened =
        channels::credentials_to_try(conn, &state.keys, tenant, &given, default.as_ref()).await;
    // Nothing was said of a trial, so it is none of their faults.
    Ok((opened.map_err(renamed)?, ChannelMode::Trial))
}

/// The fields as this request has them: at its top.
fn renamed(error: channels::Error) -> ApiError {
    let channels::Error::Invalid(errors) = error else {
        return error.into();
    };
    let errors = errors.into_iter().map(|wrong| {
        let field = wrong.pointer.trim_start_matches("/credentials");
        FieldError::new(field, wrong.detail)
    });
    ApiError::Invalid(errors.collect())
}
