//! Sending: to a lead, to a number, later.

pub mod answer;
pub mod request;

use actix_web::{HttpResponse, post, web::Data};
use auth::permission::SendMessages;

use crate::error::ApiError;
use crate::extract::{Allowed, Command};
use crate::state::State;
use crate::write::{Answer, write};

use answer::{OutboundSmsTaken, SmsScheduled, SmsTaken};
use request::{OutboundSms, SmsSchedule, SmsSend, SmsTo};

/// Answer a lead, ahead of other texts that wait (`reply`).
///
/// A missing `leadId` or `message` is 400 here. A lead that is not there, or another tenant's, is
/// 404; a number that is not the lead's 422.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "twilio_sms_outbound",
    request_body = OutboundSms,
    responses((status = 200, body = OutboundSmsTaken)),
)]
#[post("/twilio/sms/outbound")]
pub(super) async fn answer_lead(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    command: Command<OutboundSms>,
) -> Result<HttpResponse, ApiError> {
    let text = command.body.text()?;
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let message = text.submit(&state, &caller, tx, outbox).await?;
        Answer::ok(&OutboundSmsTaken::from(message))
    })
    .await
}

/// Send a text to a number. The lead and the conversation are made if there are none.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "twilio_sms_send",
    request_body = SmsTo,
    responses((status = 200, body = SmsTaken)),
)]
#[post("/twilio/sms/send")]
pub(super) async fn send_to(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    command: Command<SmsTo>,
) -> Result<HttpResponse, ApiError> {
    let text = command.body.text()?;
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let message = text.submit(&state, &caller, tx, outbox).await?;
        Answer::ok(&SmsTaken::from(message))
    })
    .await
}

/// Send a text to a number or a lead.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "sms_send",
    request_body = SmsSend,
    responses((status = 200, body = SmsTaken)),
)]
#[post("/sms/send")]
pub(super) async fn send(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    command: Command<SmsSend>,
) -> Result<HttpResponse, ApiError> {
    let text = command.body.text()?;
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let message = text.submit(&state, &caller, tx, outbox).await?;
        Answer::ok(&SmsTaken::from(message))
    })
    .await
}

/// Send a text later.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "sms_schedule",
    request_body = SmsSchedule,
    responses((status = 200, body = SmsScheduled)),
)]
#[post("/sms/schedule")]
pub(super) async fn schedule(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    command: Command<SmsSchedule>,
) -> Result<HttpResponse, ApiError> {
    let text = command.body.text(state.clock.now())?;
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let message = text.submit(&state, &caller, tx, outbox).await?;
        Answer::ok(&SmsScheduled::from(message))
    })
    .await
}
