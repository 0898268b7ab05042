//! A conversation as people read it: messages, notes and what was done, in one line.
//!
//! The ids of all three tell when they were made, so they sort into one another: each is read by a
//! walk along an index, from where the page before ended.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use entity::id::{ActivityId, ConversationId, MessageId, NoteId, TenantId};
use entity::{TenantScoped, activity, conversation, message, note};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::Error;
use crate::activity::{self as activities, ActivityView};
use crate::messages::{MessageView, with_media};
use crate::notes::{self, NoteView};

/// A row of a timeline, as it is stored.
#[derive(Clone, Debug)]
pub enum Row {
    /// A text.
    Message(Box<message::Model>),
    /// A note.
    Note(note::Model),
    /// Something that was done.
    Activity(activity::Model),
}

impl Row {
    /// Its id, by which rows are in order.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Message(row) => row.id.0,
            Self::Note(row) => row.id.0,
            Self::Activity(row) => row.id.0,
        }
    }
}

/// Something in a timeline.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id, in whatever table it is.
    pub id: Uuid,
    /// When it came about.
    pub at: DateTime<Utc>,
    /// What it is.
    pub entry: Entry,
}

/// What is in a timeline, with all that is shown of it.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A text.
    Message(Box<MessageView>),
    /// A note.
    Note(NoteView),
    /// Something that was done.
    Activity(ActivityView),
}

/// A conversation's timeline, newest first, at most `limit`, older than `before`.
///
/// # Errors
/// [`Error::NotFound`] for the conversation; when the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ConversationId,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Row>, Error> {
    let conversation = conversation::Entity::of(tenant)
        .filter(conversation::Column::Id.eq(id))
        .one(conn)
        .await?
        .ok_or(Error::NotFound("conversation"))?;
    let written = notes::of_conversation(conn, &conversation, before.map(NoteId), limit).await?;
    let (every, from) = (Condition::all(), before.map(ActivityId));
    let done = activities::concerning(conn, &conversation, every, from, limit).await?;
    let said = texts(conn, &conversation, before.map(MessageId), limit).await?;
    let mut rows: Vec<Row> = said.into_iter().map(Box::new).map(Row::Message).collect();
    rows.extend(written.into_iter().map(Row::Note));
    rows.extend(done.into_iter().map(Row::Activity));
    rows.sort_unstable_by_key(|row| Reverse(row.id()));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

async fn texts(
    conn: &impl ConnectionTrait,
    conversation: &conversation::Model,
    before: Option<MessageId>,
    limit: u64,
) -> Result<Vec<message::Model>, DbErr> {
    let which = Condition::all()
        .add(message::Column::ConversationId.eq(conversation.id))
        .add_option(before.map(|before| message::Column::Id.lt(before)));
    message::Entity::rows_of(conversation.tenant_id)
        .filter(which)
        .order_by_desc(message::Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// Rows with all that is shown of them, in a query for each kind of thing. Activity that another
/// release has written in a way of its own is left out.
///
/// # Errors
/// When the database is away.
pub async fn items(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    rows: Vec<Row>,
) -> Result<Vec<Item>, DbErr> {
    let (mut said, mut written, mut done) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        match row {
            Row::Message(row) => said.push(*row),
            Row::Note(row) => written.push(row),
            Row::Activity(row) => done.push(row),
        }
    }
    let said = with_media(conn, tenant, said).await?;
    let written = notes::views(conn, written).await?;
    let done = activities::views(conn, done).await?;
    let mut items: Vec<Item> = said.into_iter().map(Item::from).collect();
    items.extend(written.into_iter().map(Item::from));
    items.extend(done.into_iter().map(Item::from));
    items.sort_unstable_by_key(|item| Reverse(item.id));
    Ok(items)
}

impl From<MessageView> for Item {
    fn from(view: MessageView) -> Self {
        Self {
            id: view.message.id.0,
            at: view.message.created_at,
            entry: Entry::Message(Box::new(view)),
        }
    }
}

impl From<NoteView> for Item {
    fn from(view: NoteView) -> Self {
        Self {
            id: view.note.id.0,
            at: view.note.created_at,
            entry: Entry::Note(view),
        }
    }
}

impl From<ActivityView> for Item {
    fn from(view: ActivityView) -> Self {
        Self {
            id: view.id.0,
            at: view.created_at,
            entry: Entry::Activity(view),
        }
    }
}
