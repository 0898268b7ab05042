//! Everything the simulator saw, and callbacks pushed by hand.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Path, Query},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlError;
use crate::{
    app::App,
    cdn,
    message::{Message, Status},
    outbound,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    account_sid: Option<String>,
    /// `inbound`, or the beginning of `outbound-api` and `outbound-reply`.
    direction: Option<String>,
    to: Option<String>,
    from: Option<String>,
    /// Both directions between this number …
    between: Option<String>,
    /// … and this one.
    and: Option<String>,
    /// Only the last so many.
    limit: Option<usize>,
}

impl Filter {
    fn accepts(&self, message: &Message) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        let touches = |wanted: &Option<String>| {
            wanted.is_none() || wanted.as_deref() == Some(&message.to) || *wanted == message.from
        };
        is(&self.account_sid, Some(&message.account_sid))
            && is(&self.to, Some(&message.to))
            && is(&self.from, message.from.as_deref())
            && touches(&self.between)
            && touches(&self.and)
            && self
                .direction
                .as_deref()
                .is_none_or(|start| message.direction.as_str().starts_with(start))
    }
}

pub(super) async fn list(app: Data<App>, filter: Query<Filter>) -> HttpResponse {
    let state = app.state();
    let mut found: Vec<Value> = state
        .messages()
        .iter()
        .rev()
        .filter(|message| filter.accepts(message))
        .take(filter.limit.unwrap_or(usize::MAX))
        .map(show)
        .collect();
    found.reverse();
    HttpResponse::Ok().json(json!({ "messages": found }))
}

fn show(message: &Message) -> Value {
    let media: Vec<Value> = message
        .media
        .iter()
        .map(|media| {
            json!({
                "sid": media.sid,
                "content_type": media.content_type,
                "source_url": media.source_url,
                "deleted": media.deleted,
                "url": format!("/_simulator/messages/{}/media/{}", message.sid, media.sid),
            })
        })
        .collect();
    json!({
        "sid": message.sid,
        "account_sid": message.account_sid,
        "messaging_service_sid": message.messaging_service_sid,
        "direction": message.direction,
        "from": message.from,
        "to": message.to,
        "body": message.body,
        "status": message.status,
        "error_code": message.error_code,
        "num_segments": message.num_segments,
        "media": media,
        "status_callback": message.status_callback,
        "send_at_ms": message.send_at_ms,
        "arrived_us": message.arrived_us,
        "created_ms": message.created_ms,
        "updated_ms": message.updated_ms,
        "sent_ms": message.sent_ms,
        "acknowledged": message.acknowledged,
        "deleted": message.deleted,
    })
}

pub(super) async fn media(app: Data<App>, path: Path<(String, String)>) -> HttpResponse {
    let (sid, media) = path.into_inner();
    let account = app
        .state()
        .message(&sid)
        .map(|message| message.account_sid.clone());
    match account.and_then(|account| cdn::find(&app, &account, &sid, &media)) {
        Some((content_type, data)) => HttpResponse::Ok()
            .content_type(content_type)
            // Whatever a service sent as media must not run as a page of ours.
            .insert_header(("Content-Security-Policy", "sandbox"))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .body(data),
        None => HttpResponse::NotFound().finish(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Push {
    status: Status,
    #[serde(default)]
    error_code: Option<u32>,
}

/// Posts a callback now. The message moves only up by it, as ever.
pub(super) async fn push_status(
    app: Data<App>,
    sid: Path<String>,
    push: Json<Push>,
) -> Result<HttpResponse, ControlError> {
    let (sid, push) = (sid.into_inner(), push.into_inner());
    app.change(|state| {
        state
            .message(&sid)
            .ok_or(ControlError::Missing("message"))?;
        state.rise(&sid, push.status, push.error_code);
        Ok::<_, ControlError>(())
    })?;
    let own = app.get_ref().clone();
    let task =
        app.spawn(async move { outbound::report(&own, &sid, push.status, push.error_code).await });
    let webhook = task.await.ok().flatten().flatten();
    Ok(HttpResponse::Ok().json(json!({ "webhook": webhook })))
}
