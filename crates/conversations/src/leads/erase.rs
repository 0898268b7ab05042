//! Erasing a person: nothing of theirs is left but that they must not be texted, if so.

use std::collections::BTreeMap;

use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ConversationId, LeadId, TenantId};
use entity::{TenantScoped, conversation, message, message_attempt, message_event};
use events::{Activity, Kind, Outbox};
use sea_orm::sea_query::{LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use search::entry;
use serde_json::json;
use uuid::Uuid;

use super::locked;
use crate::outbound::{WAITING, take_back};
use crate::{Error, activity, catch_up, labels, notes};

/// Erases a lead with its thread and cancels what waits to be sent. The opt-out stays.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn delete(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: LeadId,
) -> Result<(), Error> {
    let lead = locked(tx, tenant, id).await?;
    let texts = lock_texts(tx, tenant, id).await?;
    queue::cancel_each(tx, &BTreeMap::from([(tenant, texts)])).await?;
    take_back_elsewhere(tx, clock, outbox, tenant, id).await?;
    catch_up::remember_erased(tx, clock, tenant, id).await?;
    erase_reports(tx, tenant, id).await?;
    erase_conversations(tx, tenant, id).await?;
    entry::forget_lead(tx, tenant, id, clock.now()).await?;
    lead.delete(tx).await?;
    let deleted = Activity::new(tenant, Happening::LeadDeleted {}).about(id);
    outbox.record(clock, deleted);
    let data = json!({ "lead_id": id, "deleted": true });
    outbox.push(tenant, Kind::LeadUpdated, data);
    Ok(())
}

/// The conversations of a lead. Texts go with these: a conversation may have been somebody else's before,
/// and its texts name whom they were for.
fn conversations(tenant: TenantId, lead: LeadId) -> SelectStatement {
    Query::select()
        .column(conversation::Column::Id)
        .from(conversation::Entity)
        .and_where(conversation::Column::TenantId.eq(tenant))
        .and_where(conversation::Column::LeadId.eq(lead))
        .take()
}

/// Locks the texts of a lead's conversations, so that none of them is begun before it is gone: one that was
/// for somebody else is begun under that person's lock.
async fn lock_texts(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    lead: LeadId,
) -> Result<Vec<Uuid>, DbErr> {
    message::Entity::of(tenant)
        .filter(message::Column::ConversationId.in_subquery(conversations(tenant, lead)))
        .order_by_asc(message::Column::Id)
        .select_only()
        .column(message::Column::Id)
        .lock(LockType::Update)
        .into_tuple()
        .all(tx)
        .await
}

/// Takes back what waits to be sent to the lead in a conversation that is somebody else's by now: it stays
/// there.
async fn take_back_elsewhere(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    lead: LeadId,
) -> Result<(), DbErr> {
    let theirs = conversations(tenant, lead);
    let waiting = message::Entity::of(tenant)
        .filter(message::Column::LeadId.eq(lead))
        .filter(message::Column::Status.is_in(WAITING))
        .filter(message::Column::ConversationId.not_in_subquery(theirs))
        .all(tx)
        .await?;
    for message in waiting {
        take_back(tx, clock, outbox, message, None).await?;
    }
    Ok(())
}

/// Erases what Twilio told of the texts that went to a lead.
async fn erase_reports(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    lead: LeadId,
) -> Result<(), DbErr> {
    use message_attempt::Column::{MessageId, Sid, TenantId};
    let texts = Query::select()
        .column(message::Column::Id)
        .from(message::Entity)
        .and_where(message::Column::TenantId.eq(tenant))
        .and_where(message::Column::ConversationId.in_subquery(conversations(tenant, lead)))
        .take();
    let sids = Query::select()
        .column(Sid)
        .from(message_attempt::Entity)
        .and_where(TenantId.eq(tenant))
        .and_where(MessageId.in_subquery(texts))
        .take();
    message_event::Entity::delete_many()
        .filter(message_event::Column::TenantId.eq(tenant))
        .filter(message_event::Column::Sid.in_subquery(sids))
        .exec(tx)
        .await
        .map(drop)
}

/// Erases what was written and done about a lead's conversations. The conversations are locked, so
/// that nobody adds to it before they are gone with the lead.
async fn erase_conversations(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    lead: LeadId,
) -> Result<(), DbErr> {
    let conversations: Vec<ConversationId> = conversation::Entity::of(tenant)
        .filter(conversation::Column::LeadId.eq(lead))
        .order_by_asc(conversation::Column::Id)
        .select_only()
        .column(conversation::Column::Id)
        .lock(LockType::Update)
        .into_tuple()
        .all(tx)
        .await?;
    erase_texts(tx, tenant, &conversations).await?;
    notes::erase(tx, tenant, &conversations).await?;
    labels::erase(tx, tenant, &conversations).await?;
    activity::erase(tx, tenant, &conversations).await
}

/// Erases the texts of conversations and the tries at sending them; files of theirs go with them.
async fn erase_texts(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    conversations: &[ConversationId],
) -> Result<(), DbErr> {
    let texts = Query::select()
        .column(message::Column::Id)
        .from(message::Entity)
        .and_where(message::Column::TenantId.eq(tenant))
        .and_where(message::Column::ConversationId.is_in(conversations.iter().copied()))
        .take();
    message_attempt::Entity::delete_many()
        .filter(message_attempt::Column::TenantId.eq(tenant))
        .filter(message_attempt::Column::MessageId.in_subquery(texts))
        .exec(tx)
        .await?;
    message::Entity::delete_many()
        .filter(message::Column::TenantId.eq(tenant))
        .filter(message::Column::ConversationId.is_in(conversations.iter().copied()))
        .exec(tx)
        .await
        .map(drop)
}
