//! How long a text makes sense: after a long outage, or a clock that jumped, nobody is texted what
//! was meant for the day before yesterday.

use chrono::TimeDelta;
use entity::clock::Clock;
use entity::id::{ChannelId, MessageId, TenantId};
use entity::value::{MessageReason, MessageStatus, SendPriority};
use entity::{TenantScoped, message};
use events::{Kind, Outbox};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, IntoActiveModel,
    QueryFilter,
};

use super::waiting::WAITING;
use super::{ids, touch_thread};
use crate::messages;

/// How long after it was due a text may still be sent, where nobody said anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Answers, and single texts.
    pub usual: TimeDelta,
    /// Bulk: a long queue takes its time.
    pub bulk: TimeDelta,
}

impl Default for Validity {
    /// A day; three for bulk.
    fn default() -> Self {
        Self::hours(24, 72)
    }
}

impl Validity {
    /// So many hours each.
    #[must_use]
    pub fn hours(usual: u16, bulk: u16) -> Self {
        Self {
            usual: TimeDelta::hours(usual.into()),
            bulk: TimeDelta::hours(bulk.into()),
        }
    }

    /// That of a text.
    pub(crate) const fn of(&self, priority: SendPriority) -> TimeDelta {
        match priority {
            SendPriority::Reply | SendPriority::Normal => self.usual,
            SendPriority::Bulk => self.bulk,
        }
    }
}

/// How many are ended at once: as many as do not keep others waiting.
const AT_ONCE: u64 = 100;

/// Ends the stale ones among the next texts of a lane. One that has come up stale is seldom alone,
/// and each would use up an instant at which the number could send.
///
/// # Errors
/// When the database is away.
pub async fn expire_waiting(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    channel: ChannelId,
) -> Result<(), DbErr> {
    let next = queue::waiting(tx, channel, AT_ONCE).await?;
    let stale = message::Entity::of(tenant)
        .filter(message::Column::Id.is_in(next.into_iter().map(MessageId)))
        .filter(message::Column::ValidUntil.lt(clock.now()))
        .filter(message::Column::Status.is_in(WAITING))
        .all(tx)
        .await?;
    let mut stale: Vec<_> = stale.into_iter().map(|row| (row.lead_id, row.id)).collect();
    // One order for all who lock several people.
    stale.sort_unstable();
    for (_, id) in stale {
        let row = messages::lock(tx, tenant, id).await?;
        if let Some(row) = row.filter(|row| WAITING.contains(&row.status) && is_over(row, clock)) {
            expire(tx, clock, outbox, row).await?;
        }
    }
    Ok(())
}

/// Whether it is too late for this text.
pub(crate) fn is_over(message: &message::Model, clock: &Clock) -> bool {
    message.valid_until.is_some_and(|until| until < clock.now())
}

/// Ends a waiting text whose time is over, and tells whoever counts on it.
pub(crate) async fn expire(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    message: message::Model,
) -> Result<(), DbErr> {
    queue::cancel(tx, message.tenant_id, message.id.0).await?;
    let until = message.valid_until.unwrap_or_default();
    let words = format!(
        "It could not be sent in time: it was valid until {} UTC.",
        until.format("%Y-%m-%d %H:%M:%S")
    );
    let mut row = message.into_active_model();
    row.status = Set(MessageStatus::Failed);
    row.reason = Set(Some(MessageReason::Expired));
    row.held_reason = Set(None);
    row.next_attempt_at = Set(None);
    row.error_code = Set(None);
    row.error_message = Set(Some(words));
    row.updated_at = Set(clock.now());
    let row = row.update(tx).await?;
    touch_thread(tx, &row).await?;
    outbox.push(row.tenant_id, Kind::SmsStatusUpdate, ids(&row));
    outbox.push(row.tenant_id, Kind::SmsDeliveryFailed, ids(&row));
    Ok(())
}
