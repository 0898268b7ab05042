//! The log of webhooks, and sending one again.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Query},
};
use serde::Deserialize;
use serde_json::json;

use super::ControlError;
use crate::{
    app::App,
    inbound,
    message::Direction,
    outbound,
    webhook::{Attempt, Kind},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    account_sid: Option<String>,
    message_sid: Option<String>,
    kind: Option<Kind>,
    /// Only the last so many.
    limit: Option<usize>,
}

impl Filter {
    fn accepts(&self, attempt: &Attempt) -> bool {
        self.account_sid
            .as_ref()
            .is_none_or(|sid| *sid == attempt.account_sid)
            && self
                .message_sid
                .as_ref()
                .is_none_or(|sid| *sid == attempt.message_sid)
            && self.kind.is_none_or(|kind| kind == attempt.kind)
    }
}

pub(super) async fn list(app: Data<App>, filter: Query<Filter>) -> HttpResponse {
    let state = app.state();
    let mut found: Vec<&Attempt> = state
        .attempts
        .iter()
        .rev()
        .filter(|attempt| filter.accepts(attempt))
        .take(filter.limit.unwrap_or(usize::MAX))
        .collect();
    found.reverse();
    HttpResponse::Ok().json(json!({ "webhooks": found }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replay {
    message_sid: String,
}

/// Sends an inbound text's webhook again, or the last status of a message that went out.
pub(super) async fn replay(
    app: Data<App>,
    replay: Json<Replay>,
) -> Result<HttpResponse, ControlError> {
    let message = app
        .state()
        .message(&replay.message_sid)
        .cloned()
        .ok_or(ControlError::Missing("message"))?;
    let own = app.get_ref().clone();
    let task = app.spawn(async move {
        if message.direction == Direction::Inbound {
            inbound::tell(&own, &message).await
        } else {
            outbound::report(&own, &message.sid, message.status, message.error_code).await
        }
    });
    let webhook = task.await.ok().flatten().flatten();
    Ok(HttpResponse::Ok().json(json!({ "webhook": webhook })))
}
