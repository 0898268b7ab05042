//! How carriers behave from now on.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use serde::Deserialize;

use super::ControlError;
use crate::{app::App, policy::ReceiptPolicy};

#[derive(Deserialize)]
pub(super) struct Setting {
    /// Absent: for all accounts that have no policy of their own.
    #[serde(default)]
    account_sid: String,
    #[serde(flatten)]
    policy: serde_json::Map<String, serde_json::Value>,
}

/// Answers the whole policy, defaults included.
pub(super) async fn set(
    app: Data<App>,
    setting: Json<Setting>,
) -> Result<HttpResponse, ControlError> {
    let Setting {
        account_sid,
        policy,
    } = setting.into_inner();
    let policy: ReceiptPolicy = serde_json::from_value(policy.into())
        .map_err(|error| ControlError::Body(error.to_string()))?;
    app.state().set_policy(&account_sid, policy.clone());
    Ok(HttpResponse::Ok().json(policy))
}
