//! One message: fetch, cancel or redact, delete.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};

use super::{
    admit::enter,
    params::{Allowed, Params},
    refusal::Refusal,
    shape,
};
use crate::{
    app::App,
    chance::now_ms,
    faults::Operation,
    message::{Message, Status},
    outbound,
    state::State,
};

const CHANGES: Allowed = Allowed {
    once: &["Body", "Status"],
    repeated: &[],
};

pub(super) async fn fetch(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (account, sid) = path.into_inner();
    enter(&app, &request, &account, Operation::Fetch).await?;
    let state = app.state();
    let message = visible(&state, &account, &sid)?;
    Ok(HttpResponse::Ok().json(shape::message(message)))
}

pub(super) async fn update(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let (account, sid) = path.into_inner();
    enter(&app, &request, &account, Operation::Update).await?;
    let params = Params::of_form(&request, &body, &CHANGES)?;
    let message = app.change(|state| {
        visible(state, &account, &sid)?;
        let message = state.message_mut(&sid).ok_or_else(Refusal::not_found)?;
        change(message, &params)?;
        Ok::<_, Refusal>(message.clone())
    })?;
    if params.get("Status").is_some() {
        let (app, sid) = (app.get_ref().clone(), message.sid.clone());
        app.clone().spawn(async move {
            outbound::report(&app, &sid, Status::Canceled, None).await;
        });
    }
    Ok(HttpResponse::Ok().json(shape::message(&message)))
}

fn change(message: &mut Message, params: &Params) -> Result<(), Refusal> {
    match (params.given("Body"), params.given("Status")) {
        (None, Some("canceled")) if message.status.is_waiting() => {
            message.rise(Status::Canceled, None, now_ms());
        }
        (None, Some("canceled")) => {
            return Err(Refusal::new(
                409,
                30409,
                "The message can't be canceled any more",
            ));
        }
        (Some(""), None) if message.status.is_waiting() => return Err(in_flight()),
        (Some(""), None) => {
            message.body.clear();
            message.updated_ms = now_ms();
        }
        _ => {
            let text = "Only an empty 'Body' or the 'Status' canceled can be set";
            return Err(Refusal::bad(20001, text));
        }
    }
    Ok(())
}

pub(super) async fn delete(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (account, sid) = path.into_inner();
    enter(&app, &request, &account, Operation::Update).await?;
    app.change(|state| {
        if visible(state, &account, &sid)?.status.is_waiting() {
            return Err(in_flight());
        }
        let message = state.message_mut(&sid).ok_or_else(Refusal::not_found)?;
        message.deleted = true;
        Ok(())
    })?;
    Ok(HttpResponse::NoContent().finish())
}

fn in_flight() -> Refusal {
    Refusal::new(409, 20009, "The message is still being processed")
}

/// A message of this account that was not deleted.
pub(super) fn visible<'a>(
    state: &'a State,
    account_sid: &str,
    sid: &str,
) -> Result<&'a Message, Refusal> {
    state
        .message(sid)
        .filter(|message| message.account_sid == account_sid && !message.deleted)
        .ok_or_else(Refusal::not_found)
}
