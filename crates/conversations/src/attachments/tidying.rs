//! Removing what nothing needs any more.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::id::{MessageId, TenantId};
use entity::value::{MediaStatus, MessageStatus};
use entity::{TenantScoped, blob, media, message};
use events::Outbox;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::unused_since;
use crate::outbound::touch_thread;
use crate::{leads, rows};

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

/// Removes the files of messages of before `before`, of 100 messages at most; the messages show that
/// there was one. Says how many.
///
/// A file's time begins anew when its message changes, so what was scheduled long ago stays for as
/// long after it was sent, or could not be sent, as what is sent at once.
///
/// # Errors
/// When the database is away.
pub async fn remove_old(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    before: DateTime<Utc>,
) -> Result<u64, DbErr> {
    use media::Column::{
        Digest, FittedDigest, FittedSize, NextTryMs, SourceUrl, Status, ThumbnailDigest, UpdatedAt,
    };
    let messages = with_old_files(tx, before).await?;
    if messages.is_empty() {
        return Ok(0);
    }
    let people = messages.iter().map(|row| (row.tenant_id, row.lead_id));
    // Whoever sends one of them again does so before or after, and then finds its files gone.
    leads::lock_each(tx, people).await?;
    let now = clock.now();
    let removed = media::Entity::update_many()
        .col_expr(Status, MediaStatus::Removed.into())
        .col_expr(Digest, Expr::value(None::<String>))
        .col_expr(FittedDigest, Expr::value(None::<String>))
        .col_expr(FittedSize, Expr::value(None::<i64>))
        .col_expr(ThumbnailDigest, Expr::value(None::<String>))
        .col_expr(SourceUrl, Expr::value(None::<String>))
        .col_expr(NextTryMs, Expr::value(None::<i64>))
        .col_expr(UpdatedAt, now.into())
        .filter(of_these(&messages))
        .filter(is_old(before))
        .exec_with_returning(tx)
        .await?;
    let changed: HashSet<_> = removed.iter().filter_map(|file| file.message_id).collect();
    for message in messages.into_iter().filter(|row| changed.contains(&row.id)) {
        outbox.touch(message.tenant_id);
        let mut row = message.into_active_model();
        row.updated_at = Set(now);
        touch_thread(tx, &row.update(tx).await?).await?;
    }
    Ok(removed.len() as u64)
}

/// What comes with these messages.
fn of_these(messages: &[message::Model]) -> Condition {
    let mut by_tenant: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for message in messages {
        by_tenant
            .entry(message.tenant_id)
            .or_default()
            .push(message.id);
    }
    media::Entity::of_each(media::Column::MessageId, &by_tenant)
}

/// So many messages change at once; their leads are locked.
const MESSAGES_AT_ONCE: u64 = 100;

async fn with_old_files(
    tx: &impl ConnectionTrait,
    before: DateTime<Utc>,
) -> Result<Vec<message::Model>, DbErr> {
    let of: Vec<(TenantId, MessageId)> = media::Entity::find()
        .select_only()
        .columns([media::Column::TenantId, media::Column::MessageId])
        .filter(is_old(before))
        .limit(MESSAGES_AT_ONCE)
        .into_tuple()
        .all(tx)
        .await?;
    rows::messages(tx, of.into_iter()).await
}

/// What is here although its time is over.
fn is_old(before: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(media::Column::CreatedAt.lt(before))
        .add(media::Column::Digest.is_not_null())
        .add(is_of_a_message_at_rest(before))
}

/// Whether the message has not changed since `before`, and is not still to leave.
fn is_of_a_message_at_rest(before: DateTime<Utc>) -> Expr {
    let of = |column: message::Column| Expr::col((message::Entity, column));
    Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from(message::Entity)
            .and_where(
                of(message::Column::TenantId)
                    .eq(Expr::col((media::Entity, media::Column::TenantId))),
            )
            .and_where(
                of(message::Column::Id).eq(Expr::col((media::Entity, media::Column::MessageId))),
            )
            .and_where(of(message::Column::UpdatedAt).lt(before))
            .and_where(of(message::Column::Status).is_not_in([
                MessageStatus::Scheduled,
                MessageStatus::Queued,
                MessageStatus::Sending,
            ]))
            .take(),
    )
}

/// What one look at the blobs came to.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// The keys of files that nothing needs any more, to be removed after the commit.
    pub keys: Vec<String>,
    /// Where the next look goes on; nothing when this was the last.
    pub next: Option<(TenantId, String)>,
}

/// Forgets blobs that nothing has shown for an hour, among the 500 that come next after `after`. Each
/// is asked about, so a whole pass costs as much as there are.
///
/// # Errors
/// When the database is away.
pub async fn remove_unneeded_blobs(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    after: Option<&(TenantId, String)>,
) -> Result<Passed, DbErr> {
    use blob::Column::{Digest, Key, TenantId as Tenant, UsedAt};
    let mut these = blob::Entity::find()
        .order_by_asc(Tenant)
        .order_by_asc(Digest)
        .limit(AT_ONCE);
    if let Some((tenant, digest)) = after {
        let later = Expr::tuple([Expr::col(Tenant), Expr::col(Digest)])
            .gt(Expr::tuple([Expr::value(*tenant), Expr::value(digest)]));
        these = these.filter(later);
    }
    let these = these.all(tx).await?;
    let Some(last) = these.last() else {
        return Ok(Passed::default());
    };
    let next = (these.len() as u64 == AT_ONCE).then(|| (last.tenant_id, last.digest.clone()));
    let shown = [
        media::Column::Digest,
        media::Column::FittedDigest,
        media::Column::ThumbnailDigest,
    ];
    let before = unused_since(clock.now());
    let keys = these.into_iter().map(|row| row.key);
    let unneeded = shown.into_iter().fold(
        Condition::all().add(Key.is_in(keys)).add(UsedAt.lt(before)),
        |condition, column| condition.add(is_shown_by(column).not()),
    );
    let removed = blob::Entity::delete_many()
        .filter(unneeded)
        .exec_with_returning(tx)
        .await?;
    for row in &removed {
        // How much room the tenant's files take is shown.
        outbox.touch(row.tenant_id);
    }
    Ok(Passed {
        keys: removed.into_iter().map(|row| row.key).collect(),
        next,
    })
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
