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

use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, web, web::Data};
use conversations::delivery::{self, StatusUpdate, Tracked};
use conversations::inbound::{self, Inbound, Received};
use conversations::sending::RetryPolicy;
use db::Db;
use entity::clock::Clock;
use entity::id::{ChannelId, MessageId, TenantId};
use events::{Bell, Outbox};
use routing::{Directory, Kind};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::error::ApiError;
use crate::middleware::deadline;
use crate::state::State;
use request::Signed;
use together::{Committed, Desk, Together, Write};

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

/// What finds out whom webhooks are for and writes down what came in. One per process.
#[derive(Debug)]
pub struct Door {
    directory: Directory,
    texts: Together<Committed<Texts>>,
    statuses: Together<Committed<Statuses>>,
}

impl Door {
    /// Works on the runtime that this is called on, which has to outlive all requests.
    #[must_use]
    pub fn new(db: Db, clock: Clock, bell: Bell, policy: RetryPolicy) -> Self {
        let directory = Directory::new(db.clone());
        let desk = Desk {
            db,
            clock: clock.clone(),
            bell,
        };
        Self {
            directory,
            texts: Together::committed(
                desk.clone(),
                Texts {
                    clock: clock.clone(),
                },
            ),
            statuses: Together::committed(desk, Statuses { clock, policy }),
        }
    }
}

/// So many webhooks of a kind may wait. Twilio asks again for what it is told to, and whoever waits at
/// the end of a longer queue would not be answered in time.
const MOST_WAITING: usize = 1024;

struct Texts {
    clock: Clock,
}

impl Write for Texts {
    type Item = Inbound;
    type Outcome = Option<Received>;

    const MOST_WAITING: usize = MOST_WAITING;
    const SIDE_BY_SIDE: usize = 2;

    /// One person's texts: STOP and START are obeyed in the order in which they came.
    fn order(text: &Inbound) -> Option<u64> {
        let mut person = DefaultHasher::new();
        (text.tenant_id(), text.from()).hash(&mut person);
        Some(person.finish())
    }

    fn tenant(text: &Inbound) -> Option<TenantId> {
        Some(text.tenant_id())
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        outbox: &mut Outbox,
        batch: &[Inbound],
    ) -> Result<Vec<Option<Received>>, DbErr> {
        let kept = batch.iter().filter_map(Inbound::kept_channel);
        let unchanged = routing::unchanged(tx, kept).await?;
        let is_proven = |text: &Inbound| text.kept_channel().is_none_or(|row| unchanged.has(row));
        let proven: Vec<_> = batch.iter().filter(|text| is_proven(text)).collect();
        let received = inbound::receive(tx, &self.clock, outbox, &proven).await?;
        Ok(in_place(batch.iter().map(is_proven), received))
    }
}

struct Statuses {
    clock: Clock,
    policy: RetryPolicy,
}

impl Write for Statuses {
    type Item = StatusUpdate;
    type Outcome = Option<Tracked>;

    const MOST_WAITING: usize = MOST_WAITING;

    fn tenant(update: &StatusUpdate) -> Option<TenantId> {
        update.tenant_id()
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        outbox: &mut Outbox,
        batch: &[StatusUpdate],
    ) -> Result<Vec<Option<Tracked>>, DbErr> {
        let Self { clock, policy } = self;
        let kept = batch.iter().filter_map(StatusUpdate::kept_channel);
        let unchanged = routing::unchanged(tx, kept).await?;
        let is_proven =
            |update: &StatusUpdate| update.kept_channel().is_none_or(|row| unchanged.has(row));
        let proven: Vec<_> = batch.iter().filter(|update| is_proven(update)).collect();
        let tracked = delivery::record(tx, clock, outbox, policy, &proven).await?;
        Ok(in_place(batch.iter().map(is_proven), tracked))
    }
}

/// What became of each of a batch, of which nothing was done with those that are not `proven` any more.
fn in_place<T>(proven: impl Iterator<Item = bool>, outcomes: Vec<T>) -> Vec<Option<T>> {
    let mut outcomes = outcomes.into_iter();
    proven
        .map(|is_proven| if is_proven { outcomes.next() } else { None })
        .collect()
}

/// How often a webhook is checked, should its channel change meanwhile.
const MOST_CHECKS: usize = 3;

/// A text from a customer.
async fn sms(state: Data<State>, signed: Signed) -> Result<HttpResponse, ApiError> {
    let (received, channel) = receive(&state, &signed).await?;
    state.wake.notify_one();
    match received {
        Received::Stored(message) => {
            tracing::info!(message.id = %message, channel.id = %channel, "[Twilio SMS] A text came in");
        }
        Received::Duplicate => {
            tracing::info!(channel.id = %channel, "[Twilio SMS] A text came in again");
        }
    }
    metrics::counter!("trunkline_webhooks_total", "kind" => "sms").increment(1);
    Ok(twiml())
}

async fn receive(state: &State, signed: &Signed) -> Result<(Received, ChannelId), ApiError> {
    for _ in 0..MOST_CHECKS {
        let routed = signed.route(state, Kind::Inbound).await?;
        if let Some(received) = state.door.texts.run(Inbound::read(&routed)?).await? {
            return Ok((received, routed.channel().id));
        }
        state.door.directory.forget(&routed);
    }
    Err(ApiError::Unavailable(None))
}

/// What our callback URLs say of themselves; no proof of anything.
#[derive(Debug, Default)]
struct Hint {
    message: Option<MessageId>,
    attempt: Option<i32>,
}

/// What became of a text of ours.
async fn status(state: Data<State>, signed: Signed) -> Result<HttpResponse, ApiError> {
    let tracked = track(&state, &signed).await?;
    state.wake.notify_one();
    match tracked {
        Tracked::Message(message) => {
            tracing::debug!(message.id = %message, "[Twilio SMS] A delivery status came in");
        }
        Tracked::Foreign => {
            tracing::info!("[Twilio SMS] A delivery status of a text that is none of ours");
            metrics::counter!("trunkline_foreign_statuses_total").increment(1);
        }
    }
    metrics::counter!("trunkline_webhooks_total", "kind" => "status").increment(1);
    Ok(twiml())
}

async fn track(state: &State, signed: &Signed) -> Result<Tracked, ApiError> {
    let Hint { message, attempt } = signed.hint();
    for _ in 0..MOST_CHECKS {
        let routed = signed.route(state, Kind::Status).await?;
        let update = StatusUpdate::read(&routed, message, attempt)?;
        if let Some(tracked) = state.door.statuses.run(update).await? {
            return Ok(tracked);
        }
        state.door.directory.forget(&routed);
    }
    Err(ApiError::Unavailable(None))
}

fn twiml() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(twilio::twiml::CONTENT_TYPE)
        .body(twilio::twiml::empty_response())
}

#[cfg(test)]
mod tests {
    use super::in_place;

    #[test]
    fn each_gets_its_own_outcome() {
        let outcomes = in_place([true, false, true].into_iter(), vec!["a", "b"]);
        assert_eq!(outcomes, [Some("a"), None, Some("b")]);
    }
}
