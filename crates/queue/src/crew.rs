//! Who works: how many processes share what an account takes.
//!
//! Every worker says every two seconds that it lives. A group's concurrency is divided by how many
//! do, so that it holds over all of them without a count in the database for every piece; one that
//! has died is out of the count after ten seconds. On SQLite there is one process, and nothing to
//! say.

use entity::clock::Clock;
use entity::worker;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter,
};
use uuid::Uuid;

use crate::time::now_ms;

/// How long somebody who says nothing counts as alive.
const ALIVE_MS: i64 = 10_000;

/// How long the dead are remembered.
const KEPT_MS: i64 = 60_000;

/// Says that this worker lives, and counts those who do: itself at least.
pub(crate) async fn beat(
    conn: &impl ConnectionTrait,
    id: Uuid,
    now_ms: i64,
) -> Result<usize, DbErr> {
    if conn.get_database_backend() == DbBackend::Sqlite {
        return Ok(1);
    }
    let row = worker::ActiveModel {
        id: Set(id),
        seen_at_ms: Set(now_ms),
    };
    worker::Entity::insert(row)
        .on_conflict(
            OnConflict::column(worker::Column::Id)
                .update_column(worker::Column::SeenAtMs)
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await?;
    worker::Entity::delete_many()
        .filter(worker::Column::SeenAtMs.lt(now_ms - KEPT_MS))
        .exec(conn)
        .await?;
    let alive = alive(conn, now_ms).await?;
    Ok(usize::try_from(alive).unwrap_or(usize::MAX).max(1))
}

/// Says that this worker ends.
pub(crate) async fn leave(conn: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    worker::Entity::delete_by_id(id).exec(conn).await.map(drop)
}

async fn alive(conn: &impl ConnectionTrait, now_ms: i64) -> Result<u64, DbErr> {
    worker::Entity::find()
        .filter(worker::Column::SeenAtMs.gt(now_ms - ALIVE_MS))
        .count(conn)
        .await
}

/// Whether any process works the lanes off; nothing on SQLite, where only the process itself knows.
///
/// # Errors
/// When the database is away.
pub async fn anybody_works(
    conn: &impl ConnectionTrait,
    clock: &Clock,
) -> Result<Option<bool>, DbErr> {
    if conn.get_database_backend() == DbBackend::Sqlite {
        return Ok(None);
    }
    let now_ms = now_ms(conn, clock).await?;
    Ok(Some(alive(conn, now_ms).await? > 0))
}
