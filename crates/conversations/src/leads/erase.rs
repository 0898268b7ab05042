//! Erasing a person: nothing of theirs is left but that they must not be texted, if so.

use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ConversationId, LeadId, MessageId, TenantId};
use entity::{TenantScoped, conversation, message, message_attempt, message_event};
use events::{Activity, Kind, Outbox};
use sea_orm::sea_query::{LockType, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use search::entry;
use serde_json::json;

use super::locked;
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
    let waiting: Vec<MessageId> = message::Entity::of(tenant)
        .filter(message::Column::LeadId.eq(id))
        .filter(message::Column::Status.is_in(crate::outbound::WAITING))
        .select_only()
        .column(message::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    for message in waiting {
        queue::cancel(tx, tenant, message.0).await?;
    }
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

/// Erases what Twilio told of the texts that went to a lead.
async fn erase_reports(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    lead: LeadId,
) -> Result<(), DbErr> {
    use message_attempt::Column::{MessageId, Sid, TenantId};
    // As the texts themselves go: by their conversation, which may have been somebody else's before.
    let conversations = Query::select()
        .column(conversation::Column::Id)
        .from(conversation::Entity)
        .and_where(conversation::Column::TenantId.eq(tenant))
        .and_where(conversation::Column::LeadId.eq(lead))
        .take();
    let texts = Query::select()
        .column(message::Column::Id)
        .from(message::Entity)
        .and_where(message::Column::TenantId.eq(tenant))
        .and_where(message::Column::ConversationId.in_subquery(conversations))
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
