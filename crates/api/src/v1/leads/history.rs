//! What has been said between a lead and the tenant.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadMessages;
use chrono::{DateTime, Utc};
use conversations::leads;
use conversations::messages::{self, MessageFilter, MessageOrder};
use entity::id::{ConversationId, LeadId, MessageId};
use entity::value::{Direction, MessageSource, MessageStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Page, Path, page};
use crate::state::State;
use crate::v1::messages::Message;

const INTERACTIONS: &str = "interactions";

/// How much of a thread `GET leads/{id}/sms` gives, which knows no pages: its latest messages.
const THREAD: u64 = 1000;

/// A lead's texts, over all of the tenant's numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeadThread {
    /// Always true.
    pub ok: bool,
    /// The latest 1000 texts, oldest first.
    pub messages: Vec<Message>,
}

/// A lead's texts, oldest first.
#[utoipa::path(
    tag = "Leads",
    operation_id = "get_lead_sms",
    params(("id" = LeadId, Path)),
    responses((status = 200, body = LeadThread)),
)]
#[get("/leads/{id}/sms")]
pub(super) async fn thread(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Path(id): Path<LeadId>,
) -> Result<HttpResponse, ApiError> {
    let tenant = caller.tenant_id;
    let filter = MessageFilter {
        lead: Some(id),
        ..MessageFilter::default()
    };
    read(&state, &caller, &request, async |conn| {
        leads::get(conn, tenant, id).await?;
        let order = MessageOrder::Newest(None);
        let shown = state.shown();
        let rows = messages::list(conn, tenant, &filter, order, THREAD).await?;
        let messages = rows
            .into_iter()
            .rev()
            .map(|row| Message::new(row, &shown))
            .collect();
        Ok(LeadThread { ok: true, messages })
    })
    .await
}

/// One contact with a lead.
#[derive(Debug, Serialize, ToSchema)]
pub struct Interaction {
    /// The message.
    pub id: MessageId,
    /// What it was: `sms`.
    pub kind: &'static str,
    /// Which way it went.
    pub direction: Direction,
    /// What was said.
    pub body: String,
    /// What became of it.
    pub status: MessageStatus,
    /// Who wrote it.
    pub source: MessageSource,
    /// Where it stands.
    pub conversation_id: ConversationId,
    /// When it came or was written.
    pub occurred_at: DateTime<Utc>,
}

page!(
    /// A page of contacts with a lead.
    InteractionPage of Interaction
);

/// Every contact with a lead, newest first.
#[utoipa::path(
    tag = "Leads",
    operation_id = "list_lead_interactions",
    params(("id" = LeadId, Path), crate::extract::PageParameters),
    responses((status = 200, body = InteractionPage)),
)]
#[get("/leads/{id}/interactions")]
pub(super) async fn interactions(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Path(id): Path<LeadId>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let order = MessageOrder::Newest(page.after(key, tenant, INTERACTIONS)?);
    let filter = MessageFilter {
        lead: Some(id),
        ..MessageFilter::default()
    };
    read(&state, &caller, &request, async |conn| {
        leads::get(conn, tenant, id).await?;
        let rows = messages::list(conn, tenant, &filter, order, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, INTERACTIONS, |row| row.message.id);
        let data = rows
            .into_iter()
            .map(|row| interaction(row.message))
            .collect();
        Ok(InteractionPage { data, next_cursor })
    })
    .await
}

fn interaction(message: entity::message::Model) -> Interaction {
    Interaction {
        id: message.id,
        kind: "sms",
        direction: message.direction,
        body: message.body,
        status: message.status,
        source: message.source,
        conversation_id: message.conversation_id,
        occurred_at: message.created_at,
    }
}
