//! `messages`: texts in and out.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web::Data};
use auth::permission::{ReadMessages, SendMessages};
use auth::{Principal, Who};
use chrono::{DateTime, Utc};
use conversations::delivery;
use conversations::messages as store;
use conversations::messages::{MessageFilter, MessageOrder};
use conversations::outbound::{self, Draft, Edit, Recipient};
use entity::id::{ChannelId, ConversationId, LeadId, MediaId, MessageId, TenantId};
use entity::value::{Direction, MessageSource, MessageStatus, SendPriority};
use sea_orm::DatabaseConnection;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::changes;
use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Command, Meta, Page, Path, Query};
use crate::state::State;
use crate::write::{Answer, write, write_after};

mod asking;
mod shape;

pub use shape::{Attempt, AttemptPage, Message, MessageMedia, MessagePage};

/// The lists that cursors belong to: each order is one of its own.
const CHANGED: &str = "messages:changed";
const DUE: &str = "messages:due";
const NEWEST: &str = "messages:newest";
const ATTEMPTS: &str = "attempts";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
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
        if !self.media_ids.is_empty() {
            return Err(ApiError::field("/media_ids/0", "there is no such media"));
        }
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
        let (clock, validity) = (&state.clock, &state.settings.validity);
        let view = outbound::submit(tx, clock, outbox, validity, caller.tenant_id, draft).await?;
        Answer::accepted(&Message::from(view))
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

/// Which changes to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessageChangesQuery {
    /// Only what has changed since then, oldest change first.
    pub updated_since: Option<DateTime<Utc>>,
}

/// Which messages to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessageQuery {
    /// Of one conversation.
    conversation_id: Option<ConversationId>,
    /// With one lead.
    lead_id: Option<LeadId>,
    /// By one of the tenant's numbers.
    channel_id: Option<ChannelId>,
    /// One way only.
    direction: Option<Direction>,
    /// In one state.
    status: Option<MessageStatus>,
    /// Written by one kind of author.
    source: Option<MessageSource>,
    /// With this MessageSid of Twilio's.
    external_id: Option<String>,
    /// Only what has changed since then, oldest change first.
    updated_since: Option<DateTime<Utc>>,
}

/// A list of messages that is ready to be read.
pub(super) struct List<'a> {
    state: &'a State,
    tenant: TenantId,
    filter: MessageFilter,
    order: MessageOrder,
    since: Option<DateTime<Utc>>,
    page: Page,
}

impl<'a> List<'a> {
    pub(super) fn new(
        state: &'a State,
        tenant: TenantId,
        filter: MessageFilter,
        query: &MessageChangesQuery,
        page: Page,
    ) -> Result<Self, ApiError> {
        let since = query.updated_since;
        let key = &state.cursor_key;
        let order = if let Some(since) = since {
            let after = page.after(key, tenant, CHANGED)?;
            MessageOrder::Changed { since, after }
        } else if filter.status == Some(MessageStatus::Scheduled) {
            MessageOrder::Due(page.after(key, tenant, DUE)?)
        } else {
            MessageOrder::Newest(page.after(key, tenant, NEWEST)?)
        };
        Ok(Self {
            state,
            tenant,
            filter,
            order,
            since,
            page,
        })
    }

    pub(super) async fn read(&self, conn: &DatabaseConnection) -> Result<MessagePage, ApiError> {
        let now = self.state.clock.now();
        let limit = self.page.fetch();
        let rows = store::list(conn, self.tenant, &self.filter, self.order, limit).await?;
        let (key, tenant, page) = (&self.state.cursor_key, self.tenant, &self.page);
        let (rows, next_cursor) = match self.order {
            MessageOrder::Changed { .. } => page.cut(rows, key, tenant, CHANGED, |row| {
                (row.message.updated_at, row.message.id)
            }),
            MessageOrder::Due(_) => page.cut(rows, key, tenant, DUE, |row| {
                (row.message.scheduled_at, row.message.id)
            }),
            MessageOrder::Newest(_) | MessageOrder::Oldest(_) => {
                page.cut(rows, key, tenant, NEWEST, |row| row.message.id)
            }
        };
        let last = rows.last().map(|row| row.message.updated_at);
        let last = last.filter(|_| next_cursor.is_some());
        Ok(MessagePage {
            next_updated_since: self.since.map(|since| changes::next(since, now, last)),
            data: rows.into_iter().map(Message::from).collect(),
            next_cursor,
        })
    }
}

/// The tenant's messages, newest first; with `status=scheduled` the one that is due next.
#[utoipa::path(
    tag = "Messages",
    operation_id = "list_messages",
    params(MessageQuery, crate::extract::PageParameters),
    responses((status = 200, body = MessagePage)),
)]
#[get("/messages")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Query(query): Query<MessageQuery>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let filter = MessageFilter {
        conversation: query.conversation_id,
        lead: query.lead_id,
        channel: query.channel_id,
        direction: query.direction,
        status: query.status,
        source: query.source,
        external_id: query.external_id,
    };
    let changes = MessageChangesQuery {
        updated_since: query.updated_since,
    };
    let messages = List::new(&state, caller.tenant_id, filter, &changes, page)?;
    read(&state, &caller, &request, async |conn| {
        messages.read(conn).await
    })
    .await
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
        Ok(Message::from(store::get(conn, caller.tenant_id, id).await?))
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
        let view = outbound::edit(tx, &state.clock, outbox, tenant, id, edit).await?;
        Answer::ok(&Message::from(view))
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
        Answer::ok(&Message::from(view))
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
        let (clock, validity) = (&state.clock, &state.settings.validity);
        let view = outbound::retry(tx, clock, outbox, validity, caller.tenant_id, id).await?;
        Answer::accepted(&Message::from(view))
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
        Answer::ok(&Message::from(store::get(tx, tenant, id).await?))
    })
    .await
}
