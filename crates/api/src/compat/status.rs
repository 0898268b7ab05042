//! Whether texts can be sent, and by which number.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadChannels;
use entity::channel;
use entity::phone::PhoneNumber;
use entity::value::ChannelMode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::Allowed;
use crate::state::State;

/// Whether texts can be sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct TwilioStatus {
    /// Always true.
    pub ok: bool,
    /// The default channel.
    pub data: TwilioAccount,
}

/// The channel that texts go by unless one is named.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TwilioAccount {
    /// Whether there is one.
    pub configured: bool,
    /// Whether its texts reach nobody, or verified numbers only.
    pub test_mode: bool,
    /// Its number.
    #[schema(required = true)]
    pub phone_number: Option<PhoneNumber>,
    /// The beginning of its account's SID.
    #[schema(required = true, example = "AC012345...")]
    pub account_sid: Option<String>,
    /// The same for people.
    pub message: &'static str,
}

impl TwilioAccount {
    fn of(channel: channel::Model) -> Self {
        Self {
            configured: true,
            test_mode: channel.mode != ChannelMode::Production,
            phone_number: Some(channel.phone_number),
            account_sid: Some(shortened(&channel.account_sid)),
            message: match channel.mode {
                ChannelMode::Production => "Production mode",
                ChannelMode::Trial => "Trial mode: texts reach only numbers verified at Twilio",
                ChannelMode::Test => "Test mode: texts are not delivered",
            },
        }
    }

    const fn none() -> Self {
        Self {
            configured: false,
            test_mode: false,
            phone_number: None,
            account_sid: None,
            message: "Twilio is not configured: connect a number, or make one active and the \
                      default",
        }
    }
}

/// As these clients show an account: enough to tell it from another one.
pub(super) fn shortened(account_sid: &str) -> String {
    let start: String = account_sid.chars().take(8).collect();
    format!("{start}...")
}

/// Whether texts can be sent, and by which number: the default channel's.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "twilio_status",
    responses((status = 200, body = TwilioStatus)),
)]
#[get("/twilio/status")]
pub(super) async fn show(
    state: Data<State>,
    caller: Allowed<ReadChannels>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        let channel = channels::default_channel(conn, caller.tenant_id).await?;
        let data = channel.map_or_else(TwilioAccount::none, TwilioAccount::of);
        Ok(TwilioStatus { ok: true, data })
    })
    .await
}
