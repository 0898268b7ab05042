//! Removing what nothing needs any more.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::value::{MediaStatus, MessageStatus};
use entity::{blob, media, message};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use super::unused_since;

/// So many at once: the transaction holds up others.
const AT_ONCE: u64 = 500;

/// Forgets uploads of before `before` that no message shows; says how many, at most 500.
///
/// # Errors
/// When the database is away.
pub async fn remove_unused(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, DbErr> {
    let unused = media::Entity::find()
        .select_only()
        .column(media::Column::Id)
        .filter(media::Column::CreatedAt.lt(before))
        .filter(media::Column::MessageId.is_null())
        .limit(AT_ONCE)
        .into_query();
    let removed = media::Entity::delete_many()
        .filter(media::Column::Id.in_subquery(unused))
        // A message may have taken it meanwhile.
        .filter(media::Column::MessageId.is_null())
        .exec(tx)
        .await?;
    Ok(removed.rows_affected)
}

/// Removes the files of messages of before `before`, but of those that have not left yet; the messages
/// show that there was one. Says how many, at most 500.
///
/// # Errors
/// When the database is away.
pub async fn remove_old(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    before: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use media::Column::{
        CreatedAt, Digest, FittedDigest, FittedSize, Id, NextTryMs, SourceUrl, Status,
        ThumbnailDigest, UpdatedAt,
    };
    let old = media::Entity::find()
        .select_only()
        .column(Id)
        .filter(CreatedAt.lt(before))
        .filter(Status.ne(MediaStatus::Removed))
        .filter(is_of_a_waiting_message().not())
        .limit(AT_ONCE)
        .into_query();
    let removed = media::Entity::update_many()
        .col_expr(Status, MediaStatus::Removed.into())
        .col_expr(Digest, Expr::value(None::<String>))
        .col_expr(FittedDigest, Expr::value(None::<String>))
        .col_expr(FittedSize, Expr::value(None::<i64>))
        .col_expr(ThumbnailDigest, Expr::value(None::<String>))
        .col_expr(SourceUrl, Expr::value(None::<String>))
        .col_expr(NextTryMs, Expr::value(None::<i64>))
        .col_expr(UpdatedAt, clock.now().into())
        .filter(Id.in_subquery(old))
        .exec(tx)
        .await?;
    Ok(removed.rows_affected)
}

fn is_of_a_waiting_message() -> Expr {
    let of = |column: message::Column| Expr::col((message::Entity, column));
    Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from(message::Entity)
            .and_where(
                of(message::Column::Id).eq(Expr::col((media::Entity, media::Column::MessageId))),
            )
            .and_where(of(message::Column::Status).is_in([
                MessageStatus::Scheduled,
                MessageStatus::Queued,
                MessageStatus::Sending,
            ]))
            .take(),
    )
}

/// Forgets blobs that nothing has shown for an hour and gives the keys of their files, which are to be
/// removed after the commit; at most 500.
///
/// # Errors
/// When the database is away.
pub async fn unneeded_blobs(
    tx: &impl ConnectionTrait,
    clock: &Clock,
) -> Result<Vec<String>, DbErr> {
    let before = unused_since(clock.now());
    let unneeded = || {
        let shown = [
            media::Column::Digest,
            media::Column::FittedDigest,
            media::Column::ThumbnailDigest,
        ];
        shown.into_iter().fold(
            Condition::all().add(blob::Column::UsedAt.lt(before)),
            |condition, column| condition.add(is_shown_by(column).not()),
        )
    };
    let found: Vec<String> = blob::Entity::find()
        .select_only()
        .column(blob::Column::Key)
        .filter(unneeded())
        .order_by_asc(blob::Column::UsedAt)
        .limit(AT_ONCE)
        .into_tuple()
        .all(tx)
        .await?;
    if found.is_empty() {
        return Ok(found);
    }
    // Asked again of each row: it may have come into use.
    let removed = blob::Entity::delete_many()
        .filter(blob::Column::Key.is_in(found))
        .filter(unneeded())
        .exec_with_returning(tx)
        .await?;
    Ok(removed.into_iter().map(|row| row.key).collect())
}

fn is_shown_by(column: media::Column) -> Expr {
    let of = |column: blob::Column| Expr::col((blob::Entity, column));
    Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from(media::Entity)
            .and_where(
                Expr::col((media::Entity, media::Column::TenantId)).eq(of(blob::Column::TenantId)),
            )
            .and_where(Expr::col((media::Entity, column)).eq(of(blob::Column::Digest)))
            .take(),
    )
}

/// Which of these files no blob names.
///
/// # Errors
/// When the database is away.
pub async fn unknown_keys(
    conn: &impl ConnectionTrait,
    keys: Vec<String>,
) -> Result<Vec<String>, DbErr> {
    let known: Vec<String> = blob::Entity::find()
        .select_only()
        .column(blob::Column::Key)
        .filter(blob::Column::Key.is_in(&keys))
        .into_tuple()
        .all(conn)
        .await?;
    let known: HashSet<_> = known.into_iter().collect();
    Ok(keys
        .into_iter()
        .filter(|key| !known.contains(key))
        .collect())
}
