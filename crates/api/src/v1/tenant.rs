//! `tenant`: the settings of the caller's tenant.

use actix_web::{HttpRequest, HttpResponse, get, patch, web::Data};
use auth::permission::{ManageTenant, ReadTenant};
use auth::tenant;
use chrono::{DateTime, Utc};
use conversations::outbound;
use entity::id::TenantId;
use entity::json::QuietHours;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Command};
use crate::state::State;
use crate::write::{Answer, write};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show).service(change);
}

/// A business with its own Twilio account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tenant {
    /// The tenant.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// ISO 3166-1 alpha-2: how numbers without a country code are read.
    #[schema(example = "US")]
    pub default_country: String,
    /// IANA name.
    #[schema(example = "America/New_York")]
    pub timezone: String,
    /// When bulk texts are held back.
    pub quiet_hours: QuietHours,
    /// Whether the assistant answers where nobody has taken over. There is none yet.
    pub assistant_enabled: bool,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<entity::tenant::Model> for Tenant {
    fn from(row: entity::tenant::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            default_country: row.default_country,
            timezone: row.timezone,
            quiet_hours: row.quiet_hours,
            assistant_enabled: false,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The settings.
#[utoipa::path(
    tag = "Tenant",
    operation_id = "get_tenant",
    responses((status = 200, body = Tenant)),
)]
#[get("/tenant")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        Ok(Tenant::from(tenant::get(conn, caller.tenant_id).await?))
    })
    .await
}

/// What to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TenantPatch {
    /// Its name.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-2: how numbers without a country code are read.
    #[schema(example = "BR")]
    pub default_country: Option<String>,
    /// IANA name.
    #[schema(example = "America/Sao_Paulo")]
    pub timezone: Option<String>,
    /// When bulk texts are held back. What is held back already follows.
    pub quiet_hours: Option<QuietHoursPatch>,
}

/// What to change about the quiet hours; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct QuietHoursPatch {
    /// Whether anything is held back at all.
    pub enabled: Option<bool>,
    /// The local time from which nothing is sent, `HH:MM`.
    #[schema(example = "21:00")]
    pub start: Option<String>,
    /// The local time from which sending goes on, `HH:MM`.
    #[schema(example = "08:00")]
    pub end: Option<String>,
}

impl From<QuietHoursPatch> for tenant::QuietHoursChange {
    fn from(patch: QuietHoursPatch) -> Self {
        Self {
            enabled: patch.enabled,
            start: patch.start,
            end: patch.end,
        }
    }
}

/// Change the settings.
#[utoipa::path(
    tag = "Tenant",
    operation_id = "update_tenant",
    request_body = TenantPatch,
    responses((status = 200, body = Tenant)),
)]
#[patch("/tenant")]
async fn change(
    state: Data<State>,
    caller: Allowed<ManageTenant>,
    command: Command<TenantPatch>,
) -> Result<HttpResponse, ApiError> {
    let TenantPatch {
        name,
        default_country,
        timezone,
        quiet_hours,
    } = command.body;
    let hours_change = timezone.is_some() || quiet_hours.is_some();
    let change = tenant::Change {
        name,
        default_country,
        timezone,
        quiet_hours: quiet_hours.map(Into::into),
    };
    write(&state, &caller, &command.meta, async |tx, _| {
        let (clock, tenant) = (&state.clock, caller.tenant_id);
        let row = tenant::update(tx, clock, tenant, change).await?;
        if hours_change {
            outbound::recheck_quiet_hours(tx, clock, tenant, None).await?;
        }
        Answer::ok(&Tenant::from(row))
    })
    .await
}

#[cfg(test)]
mod tests;
