//! Who looks after conversations, when people leave.

use entity::clock::Clock;
use entity::conversation;
use entity::id::{TenantId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

/// Gives the conversations that somebody looked after back to the whole team.
///
/// # Errors
/// When the database is away.
pub async fn unassign(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    user: UserId,
) -> Result<(), DbErr> {
    conversation::Entity::update_many()
        .col_expr(conversation::Column::AssignedUserId, None::<UserId>.into())
        .col_expr(conversation::Column::UpdatedAt, clock.now().into())
        .filter(conversation::Column::TenantId.eq(tenant))
        .filter(conversation::Column::AssignedUserId.eq(user))
        .exec(tx)
        .await?;
    Ok(())
}
