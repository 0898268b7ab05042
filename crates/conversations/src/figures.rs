//! How the queue is doing: how many texts wait, went out and failed.

use std::collections::HashMap;

use entity::id::{ChannelId, TenantId};
use entity::value::{Direction, MessageStatus};
use entity::{TenantScoped, channel, message};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};

mod outcomes;

pub use outcomes::{Outcomes, outcomes};

/// Outbound texts by what became of them. Those that were taken back are in none of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting for their time or their turn, or on their way to Twilio.
    pub pending: i64,
    /// At Twilio, delivered, or read.
    pub sent: i64,
    /// Not sent, or not delivered.
    pub failed: i64,
}

impl Counts {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.pending + self.sent + self.failed
    }

    fn add(&mut self, status: MessageStatus, count: i64) {
        match status {
            MessageStatus::Scheduled | MessageStatus::Queued | MessageStatus::Sending => {
                self.pending += count;
            }
            MessageStatus::Sent | MessageStatus::Delivered | MessageStatus::Read => {
                self.sent += count;
            }
            MessageStatus::Undelivered | MessageStatus::Failed => self.failed += count,
            MessageStatus::Received | MessageStatus::Canceled => {}
        }
    }
}

/// A tenant's queue.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Over all channels, removed ones too.
    pub all: Counts,
    /// For each channel that is there, oldest first.
    pub per_channel: Vec<(channel::Model, Counts)>,
}

/// Counts a tenant's outbound texts.
///
/// # Errors
/// When the database is away.
pub async fn queue(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Figures, DbErr> {
    let rows: Vec<(ChannelId, MessageStatus, i64)> = message::Entity::of(tenant)
        .select_only()
        .column(message::Column::ChannelId)
        .column(message::Column::Status)
        .column_as(message::Column::Id.count(), "count")
        .filter(message::Column::Direction.eq(Direction::Outbound))
        .group_by(message::Column::ChannelId)
        .group_by(message::Column::Status)
        .into_tuple()
        .all(conn)
        .await?;
    let mut all = Counts::default();
    let mut of: HashMap<ChannelId, Counts> = HashMap::new();
    for (channel, status, count) in rows {
        all.add(status, count);
        of.entry(channel).or_default().add(status, count);
    }
    let channels = channel::Entity::of(tenant)
        .filter(channel::Column::DeletedAt.is_null())
        .order_by_asc(channel::Column::Id)
        .all(conn)
        .await?;
    let counted = |channel: channel::Model| {
        let counts = of.get(&channel.id).copied().unwrap_or_default();
        (channel, counts)
    };
    let per_channel = channels.into_iter().map(counted).collect();
    Ok(Figures { all, per_channel })
}
