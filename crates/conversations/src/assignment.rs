//! Who looks after conversations, when people leave.

use entity::clock::Clock;
use entity::id::{ConversationId, TenantId, UserId};
use entity::{TenantScoped, conversation};
use events::{Kind, Outbox};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

/// Gives the conversations that somebody looked after back to the whole team. That they left is
/// told once, and not again in each conversation.
///
/// # Errors
/// When the database is away.
pub async fn unassign(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    user: UserId,
) -> Result<(), DbErr> {
    let theirs = conversation::Column::AssignedUserId.eq(user);
    let given_back: Vec<ConversationId> = conversation::Entity::of(tenant)
        .filter(theirs.clone())
        .select_only()
        .column(conversation::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    conversation::Entity::update_many()
        .col_expr(conversation::Column::AssignedUserId, None::<UserId>.into())
        .col_expr(conversation::Column::UpdatedAt, clock.now().into())
        .filter(conversation::Column::TenantId.eq(tenant))
        .filter(theirs)
        .exec(tx)
        .await?;
    for id in given_back {
        let ids = json!({ "conversation_id": id });
        outbox.push(tenant, Kind::ConversationUpdated, ids);
    }
    Ok(())
}
