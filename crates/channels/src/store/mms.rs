//! Whether a channel's number sends files, as Twilio says.

use entity::channel;
use entity::id::{ChannelId, TenantId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

/// Writes down what Twilio says of a number; true if that is news.
///
/// # Errors
/// When the database is away.
pub async fn note_mms(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ChannelId,
    mms: bool,
) -> Result<bool, DbErr> {
    let is_news = Condition::any()
        .add(channel::Column::Mms.is_null())
        .add(channel::Column::Mms.ne(mms));
    let noted = channel::Entity::update_many()
        .col_expr(channel::Column::Mms, mms.into())
        .filter(channel::Column::TenantId.eq(tenant))
        .filter(channel::Column::Id.eq(id))
        .filter(is_news)
        .exec(conn)
        .await?;
    Ok(noted.rows_affected > 0)
}
