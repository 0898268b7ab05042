//! Ids, each a type of its own, so that a lead's can't be taken for a message's.

use chrono::{DateTime, Utc};
use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Clock;
use crate::row::{Cell, FromCell};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            Serialize, Deserialize, DeriveValueType, ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id; later ones sort later.
            #[must_use]
            pub fn new(clock: &Clock) -> Self {
                Self(clock.uuid())
            }

            /// What sorts before every id made at `time` or later, and after those made in an
            /// earlier millisecond: ids tell when they were made, so they find rows by time.
            #[must_use]
            pub fn before(time: DateTime<Utc>) -> Self {
                // 48 bits reach into the year 10889.
                let millis = time.timestamp_millis().clamp(0, (1 << 48) - 1);
                let millis = u128::try_from(millis).unwrap_or(0);
                Self(Uuid::from_u128(millis << 80))
            }
        }

        // Asked for of every primary key; only auto-increment would use it.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl FromCell for $name {
            fn from_cell(cell: Cell<'_>) -> Result<Self, DbErr> {
                cell.decode().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A tenant: a business with its own Twilio account.
    TenantId,
    /// A person who logs in.
    UserId,
    /// One login, from password to logout.
    SessionId,
    /// An API key.
    ApiKeyId,
    /// A channel: one number of one tenant.
    ChannelId,
    /// A lead: a person the tenant talks to.
    LeadId,
    /// A conversation: one lead on one channel.
    ConversationId,
    /// A message, in or out.
    MessageId,
    /// One status callback.
    MessageEventId,
    /// A picture, video or document.
    MediaId,
    /// An entry of a lane.
    LaneEntryId,
    /// A note about a conversation.
    NoteId,
    /// An entry of what was done.
    ActivityId,
    /// A label.
    LabelId,
    /// A file of leads on its way in.
    ImportId,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_instant_parts_what_was_made_before_it_from_what_was_made_since() {
        let start = DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        let clock = Clock::manual(start);
        let first = MessageId::new(&clock);
        clock.advance(TimeDelta::milliseconds(1));
        let second = MessageId::new(&clock);
        let edge = MessageId::before(clock.now());
        assert!(first < edge && edge < second);
        assert!(MessageId::before(start) < first);
        assert!(MessageId::before(DateTime::UNIX_EPOCH - TimeDelta::days(1)) < first);
        assert!(MessageId::before(DateTime::<Utc>::MAX_UTC) > second);
    }
}
