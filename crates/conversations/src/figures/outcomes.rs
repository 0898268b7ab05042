//! What became of a tenant's texts.

use chrono::{DateTime, Utc};
use entity::id::{MessageId, TenantId};
use entity::value::{Direction, MessageStatus};
use entity::{TenantScoped, message};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect};

use super::Counts;

/// Outbound texts by what became of them, in more detail than [`Counts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// In the words of the queue.
    pub counts: Counts,
    /// Of those sent: the carrier says that they arrived.
    pub delivered: i64,
    /// Of those delivered: opened.
    pub read: i64,
    /// Of those failed: the carrier says that they did not arrive.
    pub undelivered: i64,
    /// Taken back before they left; among none of the others.
    pub canceled: i64,
}

impl Outcomes {
    /// How many arrived of those whose end is known, from 0 to 1; 0 while none is.
    #[must_use]
    pub fn delivery_rate(&self) -> f64 {
        let ended = self.delivered + self.counts.failed;
        if ended == 0 {
            return 0.0;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a rate needs no more than 52 bits of a count"
        )]
        let rate = self.delivered as f64 / ended as f64;
        rate
    }

    fn add(&mut self, status: MessageStatus, count: i64) {
        self.counts.add(status, count);
        match status {
            MessageStatus::Delivered => self.delivered += count,
            MessageStatus::Read => {
                self.delivered += count;
                self.read += count;
            }
            MessageStatus::Undelivered => self.undelivered += count,
            MessageStatus::Canceled => self.canceled += count,
            MessageStatus::Received
            | MessageStatus::Scheduled
            | MessageStatus::Queued
            | MessageStatus::Sending
            | MessageStatus::Sent
            | MessageStatus::Failed => {}
        }
    }
}

/// Counts the outbound texts that were written from `since` on, and before `until`.
///
/// It costs as much as there are texts in that time: their rows are found by their ids, which
/// hold the time, and read, since no index names their status.
///
/// # Errors
/// When the database is away.
pub async fn outcomes(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    since: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<Outcomes, DbErr> {
    let mut query = message::Entity::of(tenant)
        .select_only()
        .column(message::Column::Status)
        .column_as(message::Column::Id.count(), "count")
        .filter(message::Column::Direction.eq(Direction::Outbound))
        .filter(message::Column::Id.gte(MessageId::before(since)));
    if let Some(until) = until {
        query = query.filter(message::Column::Id.lt(MessageId::before(until)));
    }
    let rows: Vec<(MessageStatus, i64)> = query
        .group_by(message::Column::Status)
        .into_tuple()
        .all(conn)
        .await?;
    let mut outcomes = Outcomes::default();
    for (status, count) in rows {
        outcomes.add(status, count);
    }
    Ok(outcomes)
}
