//! Where Twilio calls.
//!
//! A webhook is answered 200 only after what it tells is durably committed: an answer is a promise
//! that Twilio need not try again. All of its addresses lead here, since moving to Trunkline must
//! need no change at Twilio: the ones shared by all channels, found by account and number, and the
//! ones that name a channel. The answer to a refused one is the same whatever the reason.
//!
//! A genuine text is never refused for its content. The reply to a customer is never put into the
//! answer: it goes through the queue like every other text.

mod request;

use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, web, web::Data};
use conversations::delivery::{self, StatusUpdate, Tracked};
use conversations::inbound::{self, Inbound, Received};
use conversations::sending::RetryPolicy;
use entity::id::MessageId;
use events::Outbox;
use routing::Kind;

use crate::error::ApiError;
use crate::middleware::deadline;
use crate::state::State;
use request::Signed;

const SMS: [&str; 4] = [
    "/api/webhooks/twilio/sms",
    "/api/twilio/sms/inbound",
    "/api/webhooks/twilio/sms/incoming",
    "/api/v1/webhooks/twilio/sms/incoming",
];

const STATUS: [&str; 4] = [
    "/api/webhooks/twilio/status",
    "/api/twilio/sms/status",
    "/api/webhooks/twilio/sms/status",
    "/api/v1/webhooks/twilio/sms/status",
];

const CHANNEL_SMS: &str = "/api/webhooks/twilio/channels/{channel_id}/sms";
const CHANNEL_STATUS: &str = "/api/webhooks/twilio/channels/{channel_id}/status";

/// Registers every address; before the scopes of the API, whose prefixes they share.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    for path in SMS.into_iter().chain([CHANNEL_SMS]) {
        config.service(resource(path).route(web::post().to(sms)));
    }
    for path in STATUS.into_iter().chain([CHANNEL_STATUS]) {
        config.service(resource(path).route(web::post().to(status)));
    }
}

fn resource(
    path: &str,
) -> actix_web::Resource<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody + 'static>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    web::resource(path)
        .wrap(from_fn(deadline::within(deadline::WEBHOOK)))
        .default_service(web::to(wrong_method))
}

async fn wrong_method() -> Result<&'static str, ApiError> {
    Err(ApiError::MethodNotAllowed {
        allow: "POST".to_owned(),
    })
}

/// A text from a customer.
async fn sms(state: Data<State>, signed: Signed) -> Result<HttpResponse, ApiError> {
    let routed = signed.route(&state, Kind::Inbound).await?;
    let inbound = Inbound::read(&routed)?;
    let tx = state.db.write_tx().await?;
    let mut outbox = Outbox::new();
    let received = inbound::receive(&tx, &state.clock, &mut outbox, &[inbound]).await?;
    outbox.write(&tx, state.clock.now()).await?;
    tx.commit().await?;
    state.wake.notify_one();
    let channel = routed.channel().id;
    for received in received {
        match received {
            Received::Stored(message) => {
                tracing::info!(message.id = %message, channel.id = %channel, "[Twilio SMS] A text came in");
            }
            Received::Duplicate => {
                tracing::info!(channel.id = %channel, "[Twilio SMS] A text came in again");
            }
        }
    }
    metrics::counter!("trunkline_webhooks_total", "kind" => "sms").increment(1);
    Ok(twiml())
}

/// What our callback URLs say of themselves; no proof of anything.
#[derive(Debug, Default)]
struct Hint {
    message: Option<MessageId>,
    attempt: Option<i32>,
}

/// What became of a text of ours.
async fn status(state: Data<State>, signed: Signed) -> Result<HttpResponse, ApiError> {
    let routed = signed.route(&state, Kind::Status).await?;
    let Hint { message, attempt } = signed.hint();
    let update = StatusUpdate::read(&routed, message, attempt)?;
    let tx = state.db.write_tx().await?;
    let mut outbox = Outbox::new();
    let policy: &RetryPolicy = &state.settings.retry_policy;
    let tracked = delivery::record(&tx, &state.clock, &mut outbox, policy, &[update]).await?;
    outbox.write(&tx, state.clock.now()).await?;
    tx.commit().await?;
    state.wake.notify_one();
    for tracked in tracked {
        match tracked {
            Tracked::Message(message) => {
                tracing::debug!(message.id = %message, "[Twilio SMS] A delivery status came in");
            }
            Tracked::Foreign => {
                tracing::info!("[Twilio SMS] A delivery status of a text that is none of ours");
                metrics::counter!("trunkline_foreign_statuses_total").increment(1);
            }
        }
    }
    metrics::counter!("trunkline_webhooks_total", "kind" => "status").increment(1);
    Ok(twiml())
}

fn twiml() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(twilio::twiml::CONTENT_TYPE)
        .body(twilio::twiml::empty_response())
}
