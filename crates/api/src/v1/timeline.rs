//! A conversation as people read it: messages, notes and what was done, in one list.

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadTimeline;
use chrono::{DateTime, Utc};
use conversations::timeline::{self, Entry, Item};
use entity::id::ConversationId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::activity::Activity;
use super::messages::Message;
use super::notes::Note;
use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Page, Path, page};
use crate::state::{Shown, State};

/// The list that cursors belong to.
const LIST: &str = "timeline";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list);
}

/// Something in a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineItem {
    /// The id of the message, the note or the activity.
    pub id: Uuid,
    /// When it came about.
    pub at: DateTime<Utc>,
    /// What it is.
    #[serde(flatten)]
    pub entry: TimelineEntry,
}

/// What is in a timeline.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TimelineEntry {
    /// A text.
    Message {
        /// The text.
        message: Box<Message>,
    },
    /// A note.
    Note {
        /// The note.
        note: Note,
    },
    /// Something that was done.
    Activity {
        /// What it was.
        activity: Activity,
    },
}

impl TimelineItem {
    fn new(item: Item, shown: &Shown<'_>) -> Self {
        Self {
            id: item.id,
            at: item.at,
            entry: match item.entry {
                Entry::Message(view) => TimelineEntry::Message {
                    message: Box::new(Message::new(*view, shown)),
                },
                Entry::Note(view) => TimelineEntry::Note { note: view.into() },
                Entry::Activity(view) => TimelineEntry::Activity {
                    activity: view.into(),
                },
            },
        }
    }
}

page!(
    /// A page of a timeline.
    TimelinePage of TimelineItem
);

/// A conversation's messages, notes and activity in one list, newest first. What concerns the lead
/// as such, like an opt-out, is in the timeline of each of their conversations.
#[utoipa::path(
    tag = "Conversations",
    operation_id = "list_conversation_timeline",
    params(("id" = ConversationId, Path), crate::extract::PageParameters),
    responses((status = 200, body = TimelinePage)),
)]
#[get("/conversations/{id}/timeline")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadTimeline>,
    request: HttpRequest,
    Path(id): Path<ConversationId>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let before = page.after(key, tenant, LIST)?;
    read(&state, &caller, &request, async |conn| {
        let rows = timeline::list(conn, tenant, id, before, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, LIST, timeline::Row::id);
        let items = timeline::items(conn, tenant, rows).await?;
        let shown = state.shown();
        let item = |item| TimelineItem::new(item, &shown);
        Ok(TimelinePage {
            data: items.into_iter().map(item).collect(),
            next_cursor,
        })
    })
    .await
}
