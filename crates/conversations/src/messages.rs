//! Reading messages.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::id::{ChannelId, ConversationId, LeadId, MessageId, TenantId};
use entity::row::Rows;
use entity::value::{Direction, MessageSource, MessageStatus};
use entity::{TenantScoped, media, message, message_attempt};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, IntoCondition};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{Error, leads, minutes};

/// A message with what came with it.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The message.
    pub message: message::Model,
    /// Its pictures, videos and documents, in order.
    pub media: Vec<media::Model>,
}

/// Which messages to list.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// Of one conversation.
    pub conversation: Option<ConversationId>,
    /// With one lead.
    pub lead: Option<LeadId>,
    /// By one of our numbers.
    pub channel: Option<ChannelId>,
    /// One way only.
    pub direction: Option<Direction>,
    /// In one state.
    pub status: Option<MessageStatus>,
    /// Written by one kind of author.
    pub source: Option<MessageSource>,
    /// With this MessageSid, of the latest attempt or an earlier one.
    pub external_id: Option<String>,
}

/// In which order, and from where on.
#[derive(Clone, Copy, Debug)]
pub enum MessageOrder {
    /// Newest first, older than the given one.
    Newest(Option<MessageId>),
    /// Oldest first, newer than the given one.
    Oldest(Option<MessageId>),
    /// By the time for which they are scheduled, the next one first, after the given one: for
    /// those alone that are.
    Due(Option<(DateTime<Utc>, MessageId)>),
    /// By latest change, oldest change first: from a time on, or after a row.
    Changed {
        /// Changed at this time or later.
        since: DateTime<Utc>,
        /// After this row.
        after: Option<(DateTime<Utc>, MessageId)>,
    },
}

/// The tenant's messages, at most `limit`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    filter: &MessageFilter,
    order: MessageOrder,
    limit: u64,
) -> Result<Vec<MessageView>, DbErr> {
    let mut query = message::Entity::rows_of(tenant);
    if let Some(conversation) = filter.conversation {
        query = query.filter(message::Column::ConversationId.eq(conversation));
    }
    if let Some(lead) = filter.lead {
        query = query.filter(message::Column::LeadId.eq(lead));
    }
    if let Some(channel) = filter.channel {
        query = query.filter(message::Column::ChannelId.eq(channel));
    }
    if let Some(direction) = filter.direction {
        query = query.filter(message::Column::Direction.eq(direction));
    }
    if let Some(status) = filter.status {
        query = query.filter(message::Column::Status.eq(status));
        if let Some(where_from) = by_status(conn, tenant, status).await? {
            query = query.filter(where_from);
        }
    }
    if let Some(source) = filter.source {
        query = query.filter(message::Column::Source.eq(source));
    }
    if let Some(sid) = &filter.external_id {
        query = query.filter(has_sid(conn, tenant, sid).await?);
    }
    let backend = conn.get_database_backend();
    let rows = ordered(query, order, backend)
        .limit(limit)
        .all(conn)
        .await?;
    with_media(conn, tenant, rows).await
}

/// How many texts are few enough to be named in a question.
const NAMED: u64 = 1000;

/// Among which texts those of a status are, where that is known: an index has those that are rare, and
/// what is still to be sent is in the queue.
async fn by_status(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    status: MessageStatus,
) -> Result<Option<Condition>, DbErr> {
    use MessageStatus::{Canceled, Delivered, Failed, Queued, Read, Received};
    use MessageStatus::{Scheduled, Sending, Sent, Undelivered};
    match status {
        Scheduled | Undelivered | Failed | Canceled | Read => {
            let rare = Expr::col(Alias::new("rare_status")).eq(status);
            Ok(Some(rare.into_condition()))
        }
        Queued | Sending => {
            let ids = queue::payloads(conn, tenant, NAMED + 1).await?;
            let few = Some(ids).filter(|ids| ids.len() as u64 <= NAMED);
            let backend = conn.get_database_backend();
            let these = |ids| message::Entity::among(backend, tenant, message::Column::Id, ids);
            Ok(few.map(|ids| these(ids).into_condition()))
        }
        Received | Sent | Delivered => Ok(None),
    }
}

/// Asked for by their ids: an alternative of two keys is no key, and all of the tenant's would be read.
async fn has_sid(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    sid: &str,
) -> Result<Condition, DbErr> {
    let sent = message_attempt::Entity::of(tenant)
        .filter(message_attempt::Column::Sid.eq(sid))
        .all(conn)
        .await?;
    let received = message::Entity::of(tenant)
        .filter(message::Column::InboundSid.eq(sid))
        .all(conn)
        .await?;
    let sent = sent.into_iter().map(|attempt| attempt.message_id);
    let ids = sent.chain(received.into_iter().map(|message| message.id));
    let these = message::Entity::among(
        conn.get_database_backend(),
        tenant,
        message::Column::Id,
        ids,
    );
    Ok(these.into_condition())
}

fn ordered(
    query: Rows<message::Model>,
    order: MessageOrder,
    backend: DbBackend,
) -> Rows<message::Model> {
    use message::Column::{Id, ScheduledAt, UpdatedAt};
    match order {
        MessageOrder::Newest(None) => query.order_by_desc(Id),
        MessageOrder::Newest(Some(before)) => query.filter(Id.lt(before)).order_by_desc(Id),
        MessageOrder::Oldest(None) => query.order_by_asc(Id),
        MessageOrder::Oldest(Some(after)) => query.filter(Id.gt(after)).order_by_asc(Id),
        MessageOrder::Due(after) => by_time(query, ScheduledAt, after),
        MessageOrder::Changed { since, after } => {
            let since = after.map_or(since, |(at, _)| Ord::max(at, since));
            // The index knows minutes: within the first few everything is sorted.
            let query = query
                .filter(minutes::changed_in(backend, since))
                .order_by_asc(Expr::cust(minutes::UPDATED));
            by_time(query.filter(UpdatedAt.gte(since)), UpdatedAt, after)
        }
    }
}

fn by_time(
    query: Rows<message::Model>,
    time: message::Column,
    after: Option<(DateTime<Utc>, MessageId)>,
) -> Rows<message::Model> {
    use message::Column::Id;
    let query = query.order_by_asc(time).order_by_asc(Id);
    let Some((at, id)) = after else {
        return query;
    };
    let same = Condition::all().add(time.eq(at)).add(Id.gt(id));
    query.filter(Condition::any().add(time.gt(at)).add(same))
}

/// One message of the tenant.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: MessageId,
) -> Result<MessageView, Error> {
    let row = message::Entity::of(tenant)
        .filter(message::Column::Id.eq(id))
        .one(conn)
        .await?;
    let row = row.ok_or(Error::NotFound("message"))?;
    view(conn, row).await
}

/// The message with its media.
pub(crate) async fn view(
    conn: &impl ConnectionTrait,
    row: message::Model,
) -> Result<MessageView, Error> {
    let mut views = with_media(conn, row.tenant_id, vec![row]).await?;
    views.pop().ok_or(Error::NotFound("message"))
}

/// One message, locked for the rest of the transaction.
///
/// The lock is the lead's: whatever happens to one person happens one after the other, be it a
/// text that comes in, one that goes out or news of one, and nobody waits crosswise.
pub(crate) async fn lock(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    id: MessageId,
) -> Result<Option<message::Model>, DbErr> {
    let find = || {
        message::Entity::of(tenant)
            .filter(message::Column::Id.eq(id))
            .one(tx)
    };
    let Some(found) = find().await? else {
        return Ok(None);
    };
    leads::lock(tx, tenant, found.lead_id).await?;
    // Read again: it may have changed while the lock was waited for.
    find().await
}

/// Each try at sending the message, first to last.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn attempts(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: MessageId,
) -> Result<Vec<message_attempt::Model>, Error> {
    get(conn, tenant, id).await?;
    let rows = message_attempt::Entity::of(tenant)
        .filter(message_attempt::Column::MessageId.eq(id))
        .order_by_asc(message_attempt::Column::Number)
        .all(conn)
        .await?;
    Ok(rows)
}

/// Adds the media to a page of messages, in one query or none.
pub(crate) async fn with_media(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    rows: Vec<message::Model>,
) -> Result<Vec<MessageView>, DbErr> {
    let ids: Vec<_> = rows
        .iter()
        .filter(|row| row.num_media > 0)
        .map(|row| row.id)
        .collect();
    let mut by_message: HashMap<MessageId, Vec<media::Model>> = HashMap::new();
    if !ids.is_empty() {
        let backend = conn.get_database_backend();
        let items = media::Entity::rows_among(backend, tenant, media::Column::MessageId, ids)
            .order_by_asc(media::Column::Position)
            .all(conn)
            .await?;
        for item in items {
            if let Some(message) = item.message_id {
                by_message.entry(message).or_default().push(item);
            }
        }
    }
    let view = |message: message::Model| MessageView {
        media: by_message.remove(&message.id).unwrap_or_default(),
        message,
    };
    Ok(rows.into_iter().map(view).collect())
}
