//! Moving every credential to the current master key.

use db::Db;
use entity::channel;
use entity::clock::Clock;
use entity::id::ChannelId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::credentials::{OpenError, Stored, open};
use crate::{KeyRing, sealed_key_ids};

/// What a rotation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Channels that were sealed anew.
    pub resealed: u64,
    /// Channels that are still sealed under another key, those that failed among them.
    pub remaining: u64,
    /// Channels that could not be opened: their key is missing, or they were tampered with.
    pub failed: u64,
}

/// Seals anew what is sealed under any other key than the current one, reading `batch` channels
/// at a time.
///
/// Every channel is written by itself and only if nobody changed it meanwhile, so the service goes
/// on, several rotations may run at once, and one that was interrupted just starts again. What
/// somebody else changed was sealed by them, or remains for the next run. All replicas have to
/// know the new key before.
///
/// # Errors
/// When the database is away; what was done stays done.
pub async fn rotate(db: &Db, ring: &KeyRing, clock: &Clock, batch: u64) -> Result<Report, DbErr> {
    let mut report = Report::default();
    let current = ring.current().id();
    for key_id in sealed_key_ids(db.read()).await? {
        if key_id != current {
            rotate_from(db, ring, clock, batch.max(1), &key_id, &mut report).await?;
        }
    }
    report.remaining = sealed_otherwise(db, current).await?;
    Ok(report)
}

async fn rotate_from(
    db: &Db,
    ring: &KeyRing,
    clock: &Clock,
    batch: u64,
    key_id: &str,
    report: &mut Report,
) -> Result<(), DbErr> {
    let mut after = None;
    loop {
        let page = sealed_under(db, key_id, after, batch).await?;
        for channel in &page {
            match reseal(ring, clock, channel) {
                Ok(credentials) => report.resealed += write(db, ring, channel, credentials).await?,
                Err(error) => {
                    report.failed += 1;
                    tracing::error!(
                        channel.id = %channel.id,
                        error = &error as &dyn std::error::Error,
                        "A channel's credentials could not be sealed under the current key",
                    );
                }
            }
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

async fn sealed_under(
    db: &Db,
    key_id: &str,
    after: Option<ChannelId>,
    batch: u64,
) -> Result<Vec<channel::Model>, DbErr> {
    let mut query = channel::Entity::find()
        .filter(channel::Column::KeyId.eq(key_id))
        .order_by_asc(channel::Column::Id)
        .limit(batch);
    if let Some(after) = after {
        query = query.filter(channel::Column::Id.gt(after));
    }
    query.all(db.read()).await
}

fn reseal(
    ring: &KeyRing,
    clock: &Clock,
    channel: &channel::Model,
) -> Result<serde_json::Value, OpenError> {
    let mut opened = open(ring, channel)?;
    opened.forget_expired(clock.now());
    let stored = Stored::seal(&opened, ring.current(), channel.tenant_id, channel.id)?;
    Ok(serde_json::to_value(stored)?)
}

/// Writes unless the row has another version by now; the number of rows written.
///
/// `updated_at` stays: nothing that a tenant can see has changed.
async fn write(
    db: &Db,
    ring: &KeyRing,
    channel: &channel::Model,
    credentials: serde_json::Value,
) -> Result<u64, DbErr> {
    let result = channel::Entity::update_many()
        .col_expr(channel::Column::Credentials, Expr::value(credentials))
        .col_expr(channel::Column::KeyId, Expr::value(ring.current().id()))
        .col_expr(channel::Column::Version, Expr::value(channel.version + 1))
        .filter(channel::Column::Id.eq(channel.id))
        .filter(channel::Column::Version.eq(channel.version))
        .exec(db.writer())
        .await?;
    Ok(result.rows_affected)
}

async fn sealed_otherwise(db: &Db, current: &str) -> Result<u64, DbErr> {
    channel::Entity::find()
        // A deleted channel has nothing sealed.
        .filter(channel::Column::KeyId.is_not_in(["", current]))
        .count(db.read())
        .await
}

#[cfg(test)]
mod tests;
