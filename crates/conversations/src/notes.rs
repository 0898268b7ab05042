//! Notes: what the team writes down about a conversation. They are never sent to anybody.

use entity::clock::Clock;
use entity::id::{ConversationId, NoteId, TenantId, UserId};
use entity::json::Person;
use entity::text::is_blank;
use entity::{TenantScoped, conversation, note};
use events::{Kind, Outbox};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::{Error, people};

/// The longest note, in characters.
pub const LONGEST: usize = 5_000;

/// A note with the name of who wrote it.
#[derive(Clone, Debug)]
pub struct NoteView {
    /// The note.
    pub note: note::Model,
    /// Who wrote it; nobody where they are unknown by now.
    pub author: Option<Person>,
}

/// Who wants to change a note.
#[derive(Clone, Copy, Debug)]
pub struct Editor {
    /// The person.
    pub user: UserId,
    /// Whether notes of others are theirs to change too.
    pub any: bool,
}

/// A conversation's notes, newest first, at most `limit`, older than `before`.
///
/// # Errors
/// [`Error::NotFound`] for the conversation; when the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    conversation: ConversationId,
    before: Option<NoteId>,
    limit: u64,
) -> Result<Vec<NoteView>, Error> {
    let row = conversation::Entity::of(tenant)
        .filter(conversation::Column::Id.eq(conversation))
        .one(conn)
        .await?;
    let row = row.ok_or(Error::NotFound("conversation"))?;
    let rows = of_conversation(conn, &row, before, limit).await?;
    Ok(views(conn, rows).await?)
}

pub(crate) async fn of_conversation(
    conn: &impl ConnectionTrait,
    conversation: &conversation::Model,
    before: Option<NoteId>,
    limit: u64,
) -> Result<Vec<note::Model>, DbErr> {
    let mut query = note::Entity::of(conversation.tenant_id)
        .filter(note::Column::ConversationId.eq(conversation.id));
    if let Some(before) = before {
        query = query.filter(note::Column::Id.lt(before));
    }
    query
        .order_by_desc(note::Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// Notes with the names of their authors.
pub(crate) async fn views(
    conn: &impl ConnectionTrait,
    rows: Vec<note::Model>,
) -> Result<Vec<NoteView>, DbErr> {
    let people = people::named(conn, rows.iter().filter_map(|row| row.author_id)).await?;
    let view = |note: note::Model| NoteView {
        author: note.author_id.and_then(|id| people.get(&id).cloned()),
        note,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// One note of the tenant.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: NoteId,
) -> Result<NoteView, Error> {
    let row = note::Entity::find_by_id((tenant, id)).one(conn).await?;
    view(conn, row.ok_or(Error::NotFound("note"))?).await
}

async fn view(conn: &impl ConnectionTrait, row: note::Model) -> Result<NoteView, Error> {
    let mut views = views(conn, vec![row]).await?;
    views.pop().ok_or(Error::NotFound("note"))
}

/// Writes a note.
///
/// # Errors
/// [`Error::NotFound`] for the conversation, [`Error::Invalid`]; when the database is away.
pub async fn create(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    author: UserId,
    conversation: ConversationId,
    body: String,
) -> Result<NoteView, Error> {
    check(&body)?;
    // The weakest lock that keeps the conversation from being erased meanwhile.
    conversation::Entity::of(tenant)
        .filter(conversation::Column::Id.eq(conversation))
        .lock(LockType::KeyShare)
        .one(tx)
        .await?
        .ok_or(Error::NotFound("conversation"))?;
    let now = clock.now();
    let row = note::Model {
        tenant_id: tenant,
        id: NoteId::new(clock),
        conversation_id: conversation,
        author_id: Some(author),
        body,
        created_at: now,
        updated_at: now,
    };
    note::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    tell(outbox, &row);
    view(tx, row).await
}

/// Changes what a note says.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotYours`], [`Error::Invalid`]; when the database is away.
pub async fn change(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    editor: Editor,
    id: NoteId,
    body: String,
) -> Result<NoteView, Error> {
    let current = locked(tx, tenant, editor, id).await?;
    check(&body)?;
    if current.body == body {
        return view(tx, current).await;
    }
    let mut row = current.into_active_model();
    row.body = Set(body);
    row.updated_at = Set(clock.now());
    let row = row.update(tx).await?;
    tell(outbox, &row);
    view(tx, row).await
}

/// Removes a note for good.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotYours`]; when the database is away.
pub async fn delete(
    tx: &impl ConnectionTrait,
    outbox: &mut Outbox,
    tenant: TenantId,
    editor: Editor,
    id: NoteId,
) -> Result<(), Error> {
    let row = locked(tx, tenant, editor, id).await?;
    tell(outbox, &row);
    row.delete(tx).await?;
    Ok(())
}

/// The note, if it is the editor's to change, locked for the rest of the transaction.
async fn locked(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    editor: Editor,
    id: NoteId,
) -> Result<note::Model, Error> {
    let row = note::Entity::find_by_id((tenant, id))
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or(Error::NotFound("note"))?;
    if editor.any || row.author_id == Some(editor.user) {
        Ok(row)
    } else {
        Err(Error::NotYours)
    }
}

fn check(body: &str) -> Result<(), Error> {
    if is_blank(body) {
        return Err(Error::invalid("/body", "must not be empty"));
    }
    if body.chars().count() > LONGEST {
        let detail = format!("must have at most {LONGEST} characters");
        return Err(Error::invalid("/body", detail));
    }
    Ok(())
}

fn tell(outbox: &mut Outbox, note: &note::Model) {
    let ids = json!({ "conversation_id": note.conversation_id, "note_id": note.id });
    outbox.push(note.tenant_id, Kind::NoteChanged, ids);
}

/// Erases the notes of conversations.
pub(crate) async fn erase(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    conversations: &[ConversationId],
) -> Result<(), DbErr> {
    note::Entity::delete_many()
        .filter(note::Column::TenantId.eq(tenant))
        .filter(note::Column::ConversationId.is_in(conversations.iter().copied()))
        .exec(tx)
        .await
        .map(drop)
}
