//! What was done, for people to read: the functions that do something record it in their
//! [`events::Outbox`], and this reads it.
//!
//! It is kept for as long as the tenant is: a row is small, and one is written where somebody acts,
//! not with every text. It holds ids, our own numbers and names of the team and its things, and
//! nothing of a lead. What happened in the conversations of a lead goes when the lead is erased; that
//! they came, opted out and were erased stays.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use entity::happening::Happening;
use entity::id::{ActivityId, ChannelId, ConversationId, LeadId, TenantId};
use entity::json::Person;
use entity::value::ActivityKind;
use entity::{TenantScoped, activity, conversation};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::people;

/// Something that was done, and by whom.
#[derive(Clone, Debug)]
pub struct ActivityView {
    /// The entry.
    pub id: ActivityId,
    /// What it was.
    pub happening: Happening,
    /// Who did it; nobody where it came about by itself, or where they are unknown by now.
    pub actor: Option<Person>,
    /// In which conversation.
    pub conversation_id: Option<ConversationId>,
    /// About which lead.
    pub lead_id: Option<LeadId>,
    /// About which channel.
    pub channel_id: Option<ChannelId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Which activity to list.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// What concerns one conversation: what happened in it, and to its lead as such.
    pub conversation: Option<ConversationId>,
    /// About one lead, in their conversations too.
    pub lead: Option<LeadId>,
    /// Of one kind.
    pub kind: Option<ActivityKind>,
    /// None of these kinds.
    pub hidden: Vec<ActivityKind>,
}

/// The tenant's activity, newest first, at most `limit`, older than `before`.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    filter: &ActivityFilter,
    before: Option<ActivityId>,
    limit: u64,
) -> Result<Vec<activity::Model>, DbErr> {
    use activity::Column::{Kind, LeadId};
    let mut which = Condition::all();
    if let Some(lead) = filter.lead {
        which = which.add(LeadId.eq(lead));
    }
    if let Some(kind) = filter.kind {
        which = which.add(Kind.eq(kind.as_str()));
    }
    if !filter.hidden.is_empty() {
        which = which.add(Kind.is_not_in(filter.hidden.iter().map(|kind| kind.as_str())));
    }
    let Some(id) = filter.conversation else {
        return newest(conn, tenant, which, before, limit).await;
    };
    let conversation = conversation::Entity::of(tenant)
        .filter(conversation::Column::Id.eq(id))
        .one(conn)
        .await?;
    match conversation {
        Some(row) => concerning(conn, &row, which, before, limit).await,
        None => Ok(Vec::new()),
    }
}

/// What happened in a conversation and to its lead as such: two walks along an index.
pub(crate) async fn concerning(
    conn: &impl ConnectionTrait,
    conversation: &conversation::Model,
    which: Condition,
    before: Option<ActivityId>,
    limit: u64,
) -> Result<Vec<activity::Model>, DbErr> {
    use activity::Column::{ConversationId, LeadId};
    let tenant = conversation.tenant_id;
    let within = which.clone().add(ConversationId.eq(conversation.id));
    let wide = which
        .add(LeadId.eq(conversation.lead_id))
        .add(ConversationId.is_null());
    let mut rows = newest(conn, tenant, within, before, limit).await?;
    rows.extend(newest(conn, tenant, wide, before, limit).await?);
    rows.sort_unstable_by_key(|row| Reverse(row.id));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

async fn newest(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    which: Condition,
    before: Option<ActivityId>,
    limit: u64,
) -> Result<Vec<activity::Model>, DbErr> {
    let which = which.add_option(before.map(|before| activity::Column::Id.lt(before)));
    activity::Entity::of(tenant)
        .filter(which)
        .order_by_desc(activity::Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// Rows with the names of who did it. What another release has written in a way of its own is left
/// out.
///
/// # Errors
/// When the database is away.
pub async fn views(
    conn: &impl ConnectionTrait,
    rows: Vec<activity::Model>,
) -> Result<Vec<ActivityView>, DbErr> {
    let people = people::named(conn, rows.iter().filter_map(|row| row.actor_id)).await?;
    let view = |row: activity::Model| {
        Some(ActivityView {
            id: row.id,
            happening: Happening::read(&row.kind, &row.data)?,
            actor: row.actor_id.and_then(|id| people.get(&id).cloned()),
            conversation_id: row.conversation_id,
            lead_id: row.lead_id,
            channel_id: row.channel_id,
            created_at: row.created_at,
        })
    };
    Ok(rows.into_iter().filter_map(view).collect())
}

/// Erases what happened in conversations.
pub(crate) async fn erase(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    conversations: &[ConversationId],
) -> Result<(), DbErr> {
    activity::Entity::delete_many()
        .filter(activity::Column::TenantId.eq(tenant))
        .filter(activity::Column::ConversationId.is_in(conversations.iter().copied()))
        .exec(tx)
        .await
        .map(drop)
}
