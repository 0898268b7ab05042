//! Lists of messages, by time or by what has changed.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadMessages;
use chrono::{DateTime, Utc};
use conversations::messages as store;
use conversations::messages::{MessageFilter, MessageOrder};
use entity::id::{ChannelId, ConversationId, LeadId, TenantId};
use entity::value::{Direction, MessageSource, MessageStatus};
use sea_orm::DatabaseConnection;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Message, MessagePage};
use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Page, Query};
use crate::state::State;
use crate::v1::changes;

/// The lists that cursors belong to: each order is one of its own.
const CHANGED: &str = "messages:changed";
const DUE: &str = "messages:due";
const NEWEST: &str = "messages:newest";

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
pub(crate) struct List<'a> {
    state: &'a State,
    tenant: TenantId,
    filter: MessageFilter,
    order: MessageOrder,
    since: Option<DateTime<Utc>>,
    page: Page,
}

impl<'a> List<'a> {
    pub(crate) fn new(
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

    pub(crate) async fn read(&self, conn: &DatabaseConnection) -> Result<MessagePage, ApiError> {
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
        let shown = self.state.shown();
        Ok(MessagePage {
            next_updated_since: self.since.map(|since| changes::next(since, now, last)),
            data: rows
                .into_iter()
                .map(|row| Message::new(row, &shown))
                .collect(),
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
pub(super) async fn list(
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
