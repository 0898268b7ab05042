//! `conversations`: one lead on one channel.

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web::Data};
use auth::permission::{ReadConversations, ReadMessages, SendMessages, WriteConversations};
use chrono::{DateTime, Utc};
use conversations::labels::LabelName;
use conversations::threads::{
    self, Assigned, Listed, Position, Sort, ThreadChange, ThreadFilter, ThreadOrder, ThreadView,
};
use entity::conversation;
use entity::id::{ChannelId, ConversationId, LeadId, UserId};
use entity::phone::Sender;
use entity::value::{ChannelType, Control, ConversationPriority, ConversationStatus, SendPriority};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::leads::Lead;
use super::messages::{self as message_resource, Compose, Message, MessageChangesQuery};
use super::search::index_turn;
use super::{changes, labels};
use crate::conditional::{read, read_beside};
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Command, Page, Path, Query, nullable};
use crate::state::{Shown, State};
use crate::time;
use crate::write::{Answer, write};

mod counts;

pub use counts::{ConversationCounts, ConversationTally};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(list_messages)
        // Before `show`, to which it would be an id.
        .service(counts::count)
        .service(show)
        .service(change)
        .service(mark_read)
        .service(mark_unread)
        .service(send);
}

/// One lead on one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversation {
    /// The conversation.
    pub id: ConversationId,
    /// The kind of channel.
    pub channel: ChannelType,
    /// By which of the tenant's numbers.
    pub channel_id: ChannelId,
    /// `sms_` and the digits of the customer's number.
    #[schema(example = "sms_15551234567")]
    pub remote_jid: String,
    /// The customer's number, or the short code or name that they text from.
    pub remote_address: String,
    /// Whether the customer can be answered: a short code or a name can't.
    pub can_reply: bool,
    /// The person.
    pub lead: Lead,
    /// Where it stands.
    pub status: ConversationStatus,
    /// When a snoozed one comes back.
    #[serde(serialize_with = "time::serialize")]
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Who looks after it.
    pub assigned_user_id: Option<UserId>,
    /// Who answers: the assistant or a person.
    pub control: Control,
    /// Since when a person does.
    #[serde(serialize_with = "time::serialize")]
    pub control_since: Option<DateTime<Utc>>,
    /// Which person.
    pub control_user_id: Option<UserId>,
    /// Texts from the customer that nobody has read.
    pub unread_count: i32,
    /// The latest message.
    pub last_message: Option<Message>,
    /// When it came or was written.
    #[serde(serialize_with = "time::serialize")]
    pub last_message_at: DateTime<Utc>,
    /// Since when the customer waits for an answer.
    #[serde(serialize_with = "time::serialize")]
    pub waiting_since: Option<DateTime<Utc>>,
    /// How pressing it is.
    pub priority: ConversationPriority,
    /// The names of its labels, in their order.
    pub labels: Vec<String>,
    /// When it began.
    #[serde(serialize_with = "time::serialize")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "time::serialize")]
    pub updated_at: DateTime<Utc>,
}

impl Conversation {
    fn new(view: ThreadView, shown: &Shown<'_>) -> Self {
        let row = view.conversation;
        Self {
            id: row.id,
            channel: ChannelType::TwilioSms,
            channel_id: row.channel_id,
            remote_jid: row.remote_jid,
            can_reply: Sender::parse(&row.remote_address).phone().is_some(),
            remote_address: row.remote_address,
            lead: Lead::from(view.lead),
            status: row.status,
            snoozed_until: row.snoozed_until,
            assigned_user_id: row.assigned_user_id,
            control: row.control,
            control_since: row.control_since,
            control_user_id: row.control_user_id,
            unread_count: row.unread_count,
            last_message: view.last_message.map(|row| Message::new(row, shown)),
            last_message_at: row.last_message_at,
            waiting_since: row.waiting_since,
            priority: row.priority,
            labels: view.labels,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A page of conversations.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationPage {
    /// The rows of this page.
    pub data: Vec<Conversation>,
    /// `cursor` for the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
    /// `updated_since` of the next poll, where there was one in this.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "time::serialize"
    )]
    pub next_updated_since: Option<DateTime<Utc>>,
}

/// How the inbox is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SortBy {
    /// Latest activity first.
    #[default]
    Newest,
    /// Who waits longest for an answer first.
    Waiting,
    /// Unread first.
    Unread,
}

/// Which conversations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ConversationQuery {
    /// Where they stand.
    status: Option<ConversationStatus>,
    /// `me`, `none` or a user's id.
    assigned: Option<String>,
    /// Whether there is something unread.
    unread: Option<bool>,
    /// By one of the tenant's numbers.
    channel_id: Option<ChannelId>,
    /// With this person.
    lead_id: Option<LeadId>,
    /// With the label of this name, however it is capitalised.
    label: Option<String>,
    /// Beginnings of words of the person's name or e-mail address, or digits of their number. A page may
    /// have fewer than `limit` then, and yet a next one.
    q: Option<String>,
    /// The order.
    #[serde(default)]
    #[param(inline)]
    sort: SortBy,
    /// Only what has changed since then, oldest change first.
    updated_since: Option<DateTime<Utc>>,
}

impl ConversationQuery {
    fn filter(&self, me: UserId) -> Result<ThreadFilter, ApiError> {
        let nobody = || ApiError::field("assigned", "must be `me`, `none` or a user's id");
        let assigned = match self.assigned.as_deref() {
            None => None,
            Some("none") => Some(Assigned::Nobody),
            Some("me") => Some(Assigned::To(me)),
            Some(id) => Some(Assigned::To(id.parse().map_err(|_| nobody())?)),
        };
        let label = self.label.as_deref().map(LabelName::parse).transpose();
        Ok(ThreadFilter {
            status: self.status,
            assigned,
            unread: self.unread,
            channel: self.channel_id,
            lead: self.lead_id,
            label: label.map_err(|error| ApiError::field("label", error.to_string()))?,
            q: self.q.clone(),
        })
    }

    fn sort(&self) -> Sort {
        match self.sort {
            SortBy::Newest => Sort::Newest,
            SortBy::Waiting => Sort::Waiting,
            SortBy::Unread => Sort::Unread,
        }
    }

    /// The list that cursors belong to: each order is one of its own.
    fn list(&self) -> &'static str {
        match (self.updated_since, self.sort) {
            (Some(_), _) => "conversations:changed",
            (None, SortBy::Newest) => "conversations:newest",
            (None, SortBy::Waiting) => "conversations:waiting",
            (None, SortBy::Unread) => "conversations:unread",
        }
    }
}

/// The inbox.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "list_conversations",
    params(ConversationQuery, crate::extract::PageParameters),
    responses((status = 200, body = ConversationPage)),
)]
#[get("/conversations")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
    Query(query): Query<ConversationQuery>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key, kind) = (caller.tenant_id, &state.cursor_key, query.list());
    let filter = query.filter(caller.user_id())?;
    let sort = query.sort();
    let from = page.after::<(i32, DateTime<Utc>, ConversationId)>(key, tenant, kind)?;
    let order = match query.updated_since {
        Some(since) => ThreadOrder::Changed {
            since,
            after: from.map(|(_, at, id)| (at, id)),
        },
        None => ThreadOrder::Inbox(sort, from.map(|(rank, at, id)| Position { rank, at, id })),
    };
    let turn = index_turn(&state, tenant, filter.q.as_deref()).await?;
    read_beside(&state, &caller, &request, &turn, async |conn| {
        let now = state.clock.now();
        let Listed { rows, stopped } =
            threads::list(conn, tenant, &filter, order, page.fetch()).await?;
        let position = |row: &conversation::Model| {
            let Position { rank, at, id } = sort.position(row);
            let changed = query.updated_since.map(|_| row.updated_at);
            (rank, changed.unwrap_or(at), id)
        };
        let (rows, next) = page.cut(rows, key, tenant, kind, |row| position(&row.conversation));
        let from_there = |row| page.cursor(key, tenant, kind, &position(row));
        let next_cursor = next.or_else(|| stopped.as_ref().and_then(from_there));
        let last = stopped
            .as_ref()
            .or(rows.last().map(|row| &row.conversation));
        let last = last.map(|row| row.updated_at);
        let last = last.filter(|_| next_cursor.is_some());
        let next_updated_since = query
            .updated_since
            .map(|since| changes::next(since, now, last));
        let shown = state.shown();
        let data = rows
            .into_iter()
            .map(|row| Conversation::new(row, &shown))
            .collect();
        Ok(ConversationPage {
            data,
            next_cursor,
            next_updated_since,
        })
    })
    .await
}

/// One conversation.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "get_conversation",
    params(("id" = ConversationId, Path)),
    responses((status = 200, body = Conversation)),
)]
#[get("/conversations/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
    Path(id): Path<ConversationId>,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        let row = threads::get(conn, caller.tenant_id, id).await?;
        Ok(Conversation::new(row, &state.shown()))
    })
    .await
}

/// What to change about a conversation; what is left out stays, `null` empties.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ConversationPatch {
    /// Where it stands.
    pub status: Option<ConversationStatus>,
    /// When a snoozed one comes back; without it, when the customer writes.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub snoozed_until: Option<Option<DateTime<Utc>>>,
    /// Who looks after it.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<UserId>)]
    pub assigned_user_id: Option<Option<UserId>>,
    /// Who answers: `human` takes over, `ai` gives back.
    pub control: Option<Control>,
    /// How pressing it is.
    pub priority: Option<ConversationPriority>,
    /// The names of its labels; the whole list. Those that don't exist yet are made.
    #[schema(max_items = 50)]
    pub labels: Option<Vec<String>>,
}

/// Change a conversation.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "update_conversation",
    params(("id" = ConversationId, Path)),
    request_body = ConversationPatch,
    responses((status = 200, body = Conversation)),
)]
#[patch("/conversations/{id}")]
async fn change(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<ConversationId>,
    command: Command<ConversationPatch>,
) -> Result<HttpResponse, ApiError> {
    let patch = command.body;
    let change = ThreadChange {
        status: patch.status,
        snoozed_until: patch.snoozed_until,
        assigned_user_id: patch.assigned_user_id,
        control: patch.control,
        priority: patch.priority,
        labels: patch.labels.as_deref().map(labels::names).transpose()?,
    };
    write(&state, &caller, &command.meta, async |tx, outbox| {
        let (tenant, by) = (caller.tenant_id, Some(caller.user_id()));
        let view = threads::update(tx, &state.clock, outbox, tenant, by, id, change).await?;
        Answer::ok(&Conversation::new(view, &state.shown()))
    })
    .await
}

/// Mark a conversation as read.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "mark_conversation_read",
    params(("id" = ConversationId, Path)),
    responses((status = 200, body = Conversation)),
)]
#[post("/conversations/{id}/read")]
async fn mark_read(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<ConversationId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        let tenant = caller.tenant_id;
        let view = threads::set_read(tx, &state.clock, outbox, tenant, id, true).await?;
        Answer::ok(&Conversation::new(view, &state.shown()))
    })
    .await
}

/// Mark a conversation as unread.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "mark_conversation_unread",
    params(("id" = ConversationId, Path)),
    responses((status = 200, body = Conversation)),
)]
#[post("/conversations/{id}/unread")]
async fn mark_unread(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<ConversationId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    write(&state, &caller, &meta, async |tx, outbox| {
        let tenant = caller.tenant_id;
        let view = threads::set_read(tx, &state.clock, outbox, tenant, id, false).await?;
        Answer::ok(&Conversation::new(view, &state.shown()))
    })
    .await
}

/// A conversation's messages, newest first.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "list_conversation_messages",
    params(("id" = ConversationId, Path), MessageChangesQuery, crate::extract::PageParameters),
    responses((status = 200, body = message_resource::MessagePage)),
)]
#[get("/conversations/{id}/messages")]
async fn list_messages(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Path(id): Path<ConversationId>,
    Query(query): Query<MessageChangesQuery>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let filter = conversations::messages::MessageFilter {
        conversation: Some(id),
        ..Default::default()
    };
    let messages = message_resource::List::new(&state, caller.tenant_id, filter, &query, page)?;
    read(&state, &caller, &request, async |conn| {
        let found = messages.read(conn).await?;
        if found.data.is_empty() {
            threads::expect(conn, caller.tenant_id, id).await?;
        }
        Ok(found)
    })
    .await
}

/// Answer the customer.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "send_conversation_message",
    params(("id" = ConversationId, Path)),
    request_body = Compose,
    responses((status = 202, body = Message)),
)]
#[post("/conversations/{id}/messages")]
async fn send(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    Path(id): Path<ConversationId>,
    command: Command<Compose>,
) -> Result<HttpResponse, ApiError> {
    let recipient = conversations::outbound::Recipient::Conversation(id);
    let draft = command
        .body
        .draft(&caller, recipient, SendPriority::Reply)?;
    message_resource::submit(&state, &caller, &command.meta, draft).await
}
