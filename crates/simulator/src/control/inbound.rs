//! A customer texts.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    web::{Data, Json, Query},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;

use super::ControlError;
use crate::{
    app::App,
    chance::now_ms,
    fetch,
    inbound::{self, Inbound},
    message::Media,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    account_sid: String,
    from: String,
    to: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    media: Vec<Attachment>,
    #[serde(default)]
    extra_params: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attachment {
    content_type: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    base64: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Options {
    /// `false`: answer at once and let the webhook go its way.
    #[serde(default = "yes")]
    wait: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn receive(
    app: Data<App>,
    text: Json<Text>,
    options: Query<Options>,
) -> Result<HttpResponse, ControlError> {
    let text = text.into_inner();
    if text.media.len() > 10 {
        return Err(ControlError::Invalid("a message has at most ten media"));
    }
    let mut media = Vec::with_capacity(text.media.len());
    for attachment in text.media {
        media.push(attach(&app, attachment).await?);
    }
    let message = inbound::accept(
        &app,
        Inbound {
            account_sid: text.account_sid,
            from: text.from,
            to: text.to,
            body: text.body,
            media,
            extra_params: text.extra_params.into_iter().collect(),
        },
    )
    .ok_or(ControlError::Missing("account with this number"))?;
    let (own, sid) = (app.get_ref().clone(), message.sid.clone());
    let task = app.spawn(async move { inbound::process(&own, &message).await });
    let webhook = if options.wait {
        task.await.ok().flatten().flatten()
    } else {
        None
    };
    Ok(HttpResponse::Ok().json(json!({ "message_sid": sid, "webhook": webhook })))
}

async fn attach(app: &App, attachment: Attachment) -> Result<Media, ControlError> {
    let data = match (attachment.base64, &attachment.url) {
        (Some(data), _) => {
            let decoded = STANDARD.decode(&data);
            decoded.map_err(|_| ControlError::Invalid("media is not valid base64"))?;
            data
        }
        (None, Some(url)) => fetch::from_this_machine(app, url)
            .await
            .map(|fetched| STANDARD.encode(fetched.bytes))
            .ok_or(ControlError::Invalid(
                "media can't be fetched from this address",
            ))?,
        (None, None) => return Err(ControlError::Invalid("media needs a url or base64")),
    };
    Ok(Media {
        sid: app.state().dice.sid("ME"),
        content_type: attachment.content_type,
        created_ms: now_ms(),
        data: Some(data),
        source_url: attachment.url,
        deleted: false,
    })
}
