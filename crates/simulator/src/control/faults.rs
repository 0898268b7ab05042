//! Faults: ordered, listed, called off.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Query},
};
use serde::Deserialize;
use serde_json::json;

use super::ControlError;
use crate::{app::App, faults::Fault};

pub(super) async fn add(app: Data<App>, fault: Json<Fault>) -> Result<HttpResponse, ControlError> {
    let mut fault = fault.into_inner();
    if fault.count == Some(0) {
        return Err(ControlError::Invalid("a fault hits at least once"));
    }
    let mut state = app.state();
    fault.id = state.dice.sid("FT");
    state.faults.push(fault.clone());
    Ok(HttpResponse::Ok().json(fault))
}

pub(super) async fn list(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "faults": app.state().faults }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    id: Option<String>,
    account_sid: Option<String>,
}

/// Without a filter: all.
pub(super) async fn remove(app: Data<App>, which: Query<Which>) -> HttpResponse {
    app.state().faults.retain(|fault| {
        let by_id = which.id.as_ref().is_none_or(|id| *id == fault.id);
        let by_account = which.account_sid.is_none() || which.account_sid == fault.account_sid;
        !(by_id && by_account)
    });
    HttpResponse::NoContent().finish()
}
