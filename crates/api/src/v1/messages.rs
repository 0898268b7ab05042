//! `messages`: texts in and out.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web::Data};
use auth::permission::{ReadMessages, SendMessages};
use auth::{Principal, Who};
use chrono::{DateTime, Utc};
use conversations::delivery;
use conversations::messages as store;
use conversations::outbound::{self, Draft, Edit, Recipient};
use entity::id::{ChannelId, MediaId, MessageId};
use entity::value::{MessageSource, SendPriority};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Command, Meta, Page, Path};
use crate::state::State;
use crate::write::{Answer, write, write_after};

mod asking;
mod list;
mod shape;

pub(super) use list::List;
pub use list::MessageChangesQuery;
pub use shape::{Attempt, AttemptPage, Message, MessageMedia, MessagePage};

/// The list that cursors belong to.
const ATTEMPTS: &str = "attempts";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list::list)
        .service(send)
        .service(show)
        .service(change)
        .service(attempts)
        .service(cancel)
        .service(refresh)
        .service(retry);
}

/// A text to write.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct Compose {
    /// The text, at most 1600 characters.
    #[serde(default)]
    pub body: String,
    /// Media to go with it, uploaded before.
    #[serde(default)]
    pub media_ids: Vec<MediaId>,
    /// The template to write it from.
    pub template_id: Option<String>,
    /// When to send it; at once without it.
    pub send_at: Option<DateTime<Utc>>,
    /// Not to be sent later than this many seconds after it was due; without it, what the service
    /// is set to.
    pub valid_for_seconds: Option<i64>,
    /// Drop it when the customer writes before it is sent.
    #[serde(default)]
    pub cancel_on_reply: bool,
}

impl Compose {
    /// The text as the gate takes it.
    pub(crate) fn draft(
        self,
        caller: &Principal,
        to: Recipient,
        priority: SendPriority,
    ) -> Result<Draft, ApiError> {
        if self.template_id.is_some() {
            return Err(ApiError::field("/template_id", "there is no such template"));
        }
        let (source, sent_by) = match caller.who {
            Who::User { user_id, .. } => (MessageSource::Agent, Some(user_id)),
            Who::ApiKey { .. } => (MessageSource::Api, None),
        };
        Ok(Draft {
            to,
            body: self.body,
            media: self.media_ids,
            channel: None,
            priority,
            source,
            sent_by,
            send_at: self.send_at,
            valid_for_seconds: self.valid_for_seconds,
            cancel_on_reply: self.cancel_on_reply,
        })
    }
}

/// A text to write to anybody.
///
/// It repeats the fields of [`Compose`]: were they flattened into it, an error could not point at
/// the one that is wrong.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMessage {
    /// The recipient's number, in any usual form.
    #[schema(example = "+15551234567")]
    pub to: String,
    /// By which channel; without it, the one of the latest contact, else the default one.
    pub channel_id: Option<ChannelId>,
    /// How urgent it is; `normal` unless something else is said.
    pub priority: Option<SendPriority>,
    /// The text, at most 1600 characters.
    #[serde(default)]
    pub body: String,
    /// Media to go with it, uploaded before.
    #[serde(default)]
    pub media_ids: Vec<MediaId>,
    /// The template to write it from.
    pub template_id: Option<String>,
    /// When to send it; at once without it.
    pub send_at: Option<DateTime<Utc>>,
    /// Not to be sent later than this many seconds after it was due; without it, what the service
    /// is set to.
    pub valid_for_seconds: Option<i64>,
    /// Drop it when the customer writes before it is sent.
    #[serde(default)]
    pub cancel_on_reply: bool,
}

impl NewMessage {
    fn draft(self, caller: &Principal) -> Result<Draft, ApiError> {
        let text = Compose {
            body: self.body,
            media_ids: self.media_ids,
            template_id: self.template_id,
            send_at: self.send_at,
            valid_for_seconds: self.valid_for_seconds,
            cancel_on_reply: self.cancel_on_reply,
        };
        let priority = self.priority.unwrap_or(SendPriority::Normal);
        let draft = text.draft(caller, Recipient::Number(self.to), priority)?;
        Ok(Draft {
            channel: self.channel_id,
            ..draft
        })
    }
}

/// Takes a text to be sent and answers 202 with it.
pub(super) async fn submit(
    state: &State,
    caller: &Principal,
    meta: &Meta,
    draft: Draft,
) -> Result<HttpResponse, ApiError> {
    write(state, caller, meta, async |tx, outbox| {
        let (clock, terms) = (&state.clock, &state.settings.terms);
        let view = outbound::submit(tx, clock, outbox, terms, caller.tenant_id, draft).await?;
        Answer::accepted(&Message::new(view, &state.shown()))
    })
    .await
}

/// Send a text. The lead and the conversation are made if there are none.
#[utoipa::path(
    tag = "Messages",
    operation_id = "send_message",
    request_body = NewMessage,
    responses((status = 202, body = Message)),
)]
#[post("/messages")]
async fn send(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    command: Command<NewMessage>,
) -> Result<HttpResponse, ApiError> {
    let draft = command.body.draft(&caller)?;
    submit(&state, &caller, &command.meta, draft).await
}

/// One message.
#[utoipa::path(
    tag = "Messages",
    operation_id = "get_message",
    params(("id" = MessageId, Path)),
    responses((status = 200, body = Message)),
)]
#[get("/messages/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Path(id): Path<MessageId>,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        let row = store::get(conn, caller.tenant_id, id).await?;
        Ok(Message::new(row, &state.shown()))
    })
    .await
}

/// What to change about a scheduled text.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MessagePatch {
    /// When to send it; at once if that is past.
    pub send_at: Option<DateTime<Utc>>,
    /// The text.
    pub body: Option<String>,
    /// Not to be sent later than this many seconds after it is due.
    pub valid_for_seconds: Option<i64>,
    /// Drop it when the customer writes before it is sent.
    pub cancel_on_reply: Option<bool>,
}

/// Change a text that is scheduled.
#[utoipa::path(
    tag = "Messages",
    operation_id = "update_message",
    params(("id" = MessageId, Path)),
    request_body = MessagePatch,
    responses((status = 200, body = Message)),
)]
#[patch("/messages/{id}")]
async fn change(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    Path(id): Path<MessageId>,
    command: Command<MessagePatch>,
) -> Result<HttpResponse, ApiError> {
    let edit = Edit {
        send_at: command.body.send_at,
        body: command.body.body,
        valid_for_seconds: command.body.valid_for_seconds,
        cancel_on_reply: command.body.cancel_on_reply,
    };
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let tenant = caller.tenant_id;
        let links = &state.settings.terms.links;
        let view = outbound::edit(tx, &state.clock, outbox, links, tenant, id, edit).await?;
        Answer::ok(&Message::new(view, &state.shown()))
    })
    .await
}

/// Each try at sending a message, first to last.
#[utoipa::path(
    tag = "Messages",
    operation_id = "list_message_attempts",
    params(("id" = MessageId, Path), crate::extract::PageParameters),
    responses((status = 200, body = AttemptPage)),
)]
#[get("/messages/{id}/attempts")]
async fn attempts(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Path(id): Path<MessageId>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let after = page.after::<i32>(key, tenant, ATTEMPTS)?.unwrap_or(0);
    read(&state, &caller, &request, async |conn| {
        let mut rows = store::attempts(conn, tenant, id).await?;
        rows.retain(|row| row.number > after);
        let (rows, next_cursor) = page.cut(rows, key, tenant, ATTEMPTS, |row| row.number);
        Ok(AttemptPage {
            data: rows.into_iter().map(Attempt::from).collect(),
            next_cursor,
        })
    })
    .await
}

/// Take a text back that has not left yet.
#[utoipa::path(
    tag = "Messages",
    operation_id = "cancel_message",
    params(("id" = MessageId, Path)),
    responses((status = 200, body = Message)),
)]
#[post("/messages/{id}/cancel")]
async fn cancel(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    Path(id): Path<MessageId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        let tenant = caller.tenant_id;
        let view = outbound::cancel(tx, &state.clock, outbox, tenant, id).await?;
        Answer::ok(&Message::new(view, &state.shown()))
    })
    .await
}

/// Send a text again that has failed.
#[utoipa::path(
    tag = "Messages",
    operation_id = "retry_message",
    params(("id" = MessageId, Path)),
    responses((status = 202, body = Message)),
)]
#[post("/messages/{id}/retry")]
async fn retry(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    Path(id): Path<MessageId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        let (clock, validity) = (&state.clock, &state.settings.terms.validity);
        let view = outbound::retry(tx, clock, outbox, validity, caller.tenant_id, id).await?;
        Answer::accepted(&Message::new(view, &state.shown()))
    })
    .await
}

/// Ask Twilio now where a text is.
///
/// 409 as long as Twilio has not taken it.
#[utoipa::path(
    tag = "Messages",
    operation_id = "refresh_message",
    params(("id" = MessageId, Path)),
    responses((status = 200, body = Message)),
)]
#[post("/messages/{id}/refresh")]
async fn refresh(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    Path(id): Path<MessageId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    let tenant = caller.tenant_id;
    let asked = async || asking::ask(&state, tenant, id).await;
    write_after(&state, &caller, &meta, asked, async |tx, outbox, told| {
        let policy = &state.settings.retry_policy;
        delivery::record(tx, &state.clock, outbox, policy, told.as_slice()).await?;
        Answer::ok(&Message::new(
            store::get(tx, tenant, id).await?,
            &state.shown(),
        ))
    })
    .await
}
