//! Notes: what the team writes down about a conversation. Customers never see them.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web::Data};
use auth::Principal;
use auth::permission::{ReadConversations, WriteConversations};
use chrono::{DateTime, Utc};
use conversations::notes::{self, Editor, NoteView};
use entity::id::{ConversationId, NoteId};
use entity::json::Person;
use entity::value::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Command, Page, Path, page};
use crate::state::State;
use crate::write::{Answer, write};

/// The list that cursors belong to.
const LIST: &str = "notes";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(create)
        .service(show)
        .service(change)
        .service(remove);
}

/// What somebody of the team wrote down about a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Note {
    /// The note.
    pub id: NoteId,
    /// About which conversation.
    pub conversation_id: ConversationId,
    /// The text.
    pub body: String,
    /// Who wrote it; null where they have left and are not known any more.
    #[schema(required = true)]
    pub author: Option<Person>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl From<NoteView> for Note {
    fn from(NoteView { note, author }: NoteView) -> Self {
        Self {
            id: note.id,
            conversation_id: note.conversation_id,
            body: note.body,
            author,
            created_at: note.created_at,
            updated_at: note.updated_at,
        }
    }
}

page!(
    /// A page of notes.
    NotePage of Note
);

/// A conversation's notes, newest first.
#[utoipa::path(
    tag = "Notes",
    operation_id = "list_conversation_notes",
    params(("id" = ConversationId, Path), crate::extract::PageParameters),
    responses((status = 200, body = NotePage)),
)]
#[get("/conversations/{id}/notes")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
    Path(id): Path<ConversationId>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let before = page.after(key, tenant, LIST)?;
    read(&state, &caller, &request, async |conn| {
        let rows = notes::list(conn, tenant, id, before, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, LIST, |row| row.note.id);
        Ok(NotePage {
            data: rows.into_iter().map(Note::from).collect(),
            next_cursor,
        })
    })
    .await
}

/// A note to write.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewNote {
    /// The text, as it is to be read.
    #[schema(
        min_length = 1,
        max_length = 5000,
        example = "Prefers to be called after five."
    )]
    pub body: String,
}

/// Write a note. It is never sent to the customer.
#[utoipa::path(
    tag = "Notes",
    operation_id = "create_conversation_note",
    params(("id" = ConversationId, Path)),
    request_body = NewNote,
    responses((status = 201, body = Note)),
)]
#[post("/conversations/{id}/notes")]
async fn create(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<ConversationId>,
    command: Command<NewNote>,
) -> Result<HttpResponse, ApiError> {
    let Command { body, meta } = command;
    let (tenant, author) = (caller.tenant_id, caller.user_id());
    write(&state, &caller, &meta, async |tx, outbox| {
        let note = notes::create(tx, &state.clock, outbox, tenant, author, id, body.body).await?;
        let note = Note::from(note);
        Answer::created(&format!("/notes/{}", note.id), &note)
    })
    .await
}

/// One note.
#[utoipa::path(
    tag = "Notes",
    operation_id = "get_note",
    params(("id" = NoteId, Path)),
    responses((status = 200, body = Note)),
)]
#[get("/notes/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadConversations>,
    request: HttpRequest,
    Path(id): Path<NoteId>,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        Ok(Note::from(notes::get(conn, caller.tenant_id, id).await?))
    })
    .await
}

/// What to change about a note.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NotePatch {
    /// The text, as it is to be read.
    #[schema(min_length = 1, max_length = 5000)]
    pub body: String,
}

/// Change a note: one's own, or as an admin anybody's.
#[utoipa::path(
    tag = "Notes",
    operation_id = "update_note",
    params(("id" = NoteId, Path)),
    request_body = NotePatch,
    responses((status = 200, body = Note)),
)]
#[patch("/notes/{id}")]
async fn change(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<NoteId>,
    command: Command<NotePatch>,
) -> Result<HttpResponse, ApiError> {
    let Command { body, meta } = command;
    let (tenant, editor) = (caller.tenant_id, editor(&caller));
    write(&state, &caller, &meta, async |tx, outbox| {
        let note = notes::change(tx, &state.clock, outbox, tenant, editor, id, body.body).await?;
        Answer::ok(&Note::from(note))
    })
    .await
}

/// Remove a note for good: one's own, or as an admin anybody's.
#[utoipa::path(
    tag = "Notes",
    operation_id = "delete_note",
    params(("id" = NoteId, Path)),
    responses((status = 204)),
)]
#[delete("/notes/{id}")]
async fn remove(
    state: Data<State>,
    caller: Allowed<WriteConversations>,
    Path(id): Path<NoteId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    let editor = editor(&caller);
    write(&state, &caller, &meta, async |tx, outbox| {
        notes::delete(tx, outbox, caller.tenant_id, editor, id).await?;
        Ok(Answer::no_content())
    })
    .await
}

fn editor(caller: &Principal) -> Editor {
    Editor {
        user: caller.user_id(),
        any: caller.role >= Role::Admin,
    }
}
