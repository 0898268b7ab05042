//! Fetches the files of texts that came in, and deletes them at Twilio where the tenant wants that.

use std::sync::Arc;
use std::time::Duration;

use ::media::picture::Studio;
use ::media::{SpoolError, Spooled, Store, StoreError, kind};
use channels::{KeyRing, OpenError, Opened};
use chrono::TimeDelta;
use conversations::attachments::{self, Fetched, KeepError, Kept};
use db::Db;
use entity::clock::Clock;
use entity::value::{MediaReason, MediaStatus};
use entity::{TenantScoped, channel, media, message};
use events::{Bell, Outbox};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use twilio::CallError;
use twilio::client::MediaAddress;

use super::{Job, Round};
use crate::figures;

/// How many are fetched at once.
const AT_ONCE: u64 = 4;

/// How long one may take before somebody else begins it anew: its request, and the store.
const LEASE: Duration = Duration::from_secs(180);

/// The largest file that is taken. Twilio's own limit is 5 MB.
const LARGEST: u64 = 20 * 1024 * 1024;

/// How long to wait after each time that it did not work, in seconds; after the last it is given up.
const WAITS: [i64; 8] = [2, 10, 30, 120, 600, 3600, 4 * 3600, 12 * 3600];

/// Fetches what is due. Comes round every half second.
#[derive(Debug)]
pub(crate) struct FetchMedia {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bell: Bell,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) twilio: twilio::Client,
    pub(crate) store: Store,
    pub(crate) studio: Studio,
}

/// Why a file did not come.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the channel is gone")]
    NoChannel,
    #[error("the address is not one of a file of this account")]
    Address,
    #[error("the channel's credentials can't be opened")]
    Open(#[from] OpenError),
    #[error("Twilio did not give it")]
    Call(#[from] CallError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<KeepError> for FetchError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Store(error) => error.into(),
            KeepError::Database(error) => error.into(),
        }
    }
}

impl FetchError {
    /// Why it can't be had, if that is what it means; `last` when it is not tried again anyway.
    fn is_final(&self, last: bool) -> Option<MediaReason> {
        match self {
            Self::NoChannel | Self::Open(OpenError::Wiped) => Some(MediaReason::Refused),
            Self::Address | Self::Call(CallError::Invalid(_)) => Some(MediaReason::Misplaced),
            Self::Spool(SpoolError::TooLarge { .. }) => Some(MediaReason::TooLarge),
            // A file may not be there yet, and credentials may be mended.
            _ if !last => None,
            Self::Call(CallError::Refused(refusal)) => match refusal.http_status {
                404 | 410 => Some(MediaReason::Gone),
                401 | 403 => Some(MediaReason::Refused),
                _ => Some(MediaReason::Unreachable),
            },
            Self::Open(_) => Some(MediaReason::Refused),
            Self::Call(_) | Self::Spool(_) | Self::Store(_) | Self::Database(_) => {
                Some(MediaReason::Unreachable)
            }
        }
    }
}

impl Job for FetchMedia {
    const NAME: &'static str = "fetch_media";
    const EVERY: Duration = Duration::from_millis(500);

    async fn round(&self) -> Result<Round, DbErr> {
        if !attachments::is_any_due(self.db.read(), &self.clock).await? {
            return Ok(Round::Done);
        }
        let tx = self.db.write_tx().await?;
        let taken = attachments::take_due(&tx, &self.clock, AT_ONCE, LEASE).await?;
        tx.commit().await?;
        for ended in join_all(taken.iter().map(|row| self.attend_to(row))).await {
            ended?;
        }
        Ok(if taken.is_empty() {
            Round::Done
        } else {
            Round::More
        })
    }
}

impl FetchMedia {
    async fn attend_to(&self, row: &media::Model) -> Result<(), DbErr> {
        let ended = match row.status {
            MediaStatus::Pending => self.fetch(row).await,
            _ => self.delete(row).await,
        };
        let Err(error) = ended else { return Ok(()) };
        if let FetchError::Database(error) = error {
            return Err(error);
        }
        let wait = usize::try_from(row.tries - 1).ok();
        let wait = wait.and_then(|tries| WAITS.get(tries));
        let reason = error.is_final(wait.is_none());
        tell(row, &error, reason);
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        match (reason, wait) {
            (None, Some(seconds)) => {
                let at = self.clock.now() + TimeDelta::seconds(*seconds);
                attachments::try_again(&tx, row, at).await?;
            }
            _ => {
                // What is here stays, even if Twilio can't be made to forget it.
                let reason = reason.filter(|_| row.status == MediaStatus::Pending);
                attachments::give_up(&tx, &self.clock, &mut outbox, row, reason).await?;
            }
        }
        outbox.commit(tx, self.clock.now(), &self.bell).await
    }

    async fn fetch(&self, row: &media::Model) -> Result<(), FetchError> {
        let (channel, opened) = self.channel(row).await?;
        let address = address(row, &channel)?;
        let mut bytes = self.twilio.open_media(&opened.twilio(), &address).await?;
        if bytes.length().is_some_and(|length| length > LARGEST) {
            return Err(SpoolError::TooLarge { limit: LARGEST }.into());
        }
        let mut spool = self.store.spool(LARGEST)?;
        while let Some(piece) = bytes.next().await? {
            spool.write(&piece).await?;
        }
        let kept = self.keep(row, &spool.finish().await?).await?;
        let fetched = Fetched {
            kept,
            delete_at_twilio: channel.settings.delete_media_at_twilio == Some(true),
        };
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        attachments::stored(&tx, &self.clock, &mut outbox, row, fetched).await?;
        outbox.commit(tx, self.clock.now(), &self.bell).await?;
        figures::fetched("stored");
        tracing::debug!(media.id = %row.id, "A file of a text is here");
        Ok(())
    }

    /// Keeps a file whatever it is: a picture that can't be shown is kept as bytes.
    async fn keep(&self, row: &media::Model, file: &Spooled) -> Result<Kept, FetchError> {
        let kind = kind::of(&file.head, None);
        let picture = match kind.filter(Studio::knows) {
            Some(kind) => {
                let source = file.rewound().map_err(StoreError::from)?;
                self.studio.look(source, file.size, kind).await.ok()
            }
            None => None,
        };
        let (conn, tenant) = (self.db.writer(), row.tenant_id);
        let kept = attachments::keep(conn, &self.clock, &self.store, tenant, file, kind, picture);
        Ok(kept.await?)
    }

    async fn delete(&self, row: &media::Model) -> Result<(), FetchError> {
        let (channel, opened) = self.channel(row).await?;
        let address = address(row, &channel)?;
        let (message, media) = (address.message_sid(), address.media_sid());
        match self
            .twilio
            .delete_media(&opened.twilio(), message, media)
            .await
        {
            Err(CallError::Refused(refusal)) if refusal.http_status == 404 => {}
            ended => ended?,
        }
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        attachments::give_up(&tx, &self.clock, &mut outbox, row, None).await?;
        outbox.commit(tx, self.clock.now(), &self.bell).await?;
        Ok(())
    }

    /// The channel by which the message came, opened.
    async fn channel(&self, row: &media::Model) -> Result<(channel::Model, Opened), FetchError> {
        let message = row.message_id.ok_or(FetchError::NoChannel)?;
        let message = message::Entity::of(row.tenant_id)
            .filter(message::Column::Id.eq(message))
            .one(self.db.read())
            .await?
            .ok_or(FetchError::NoChannel)?;
        let channel = channel::Entity::of(row.tenant_id)
            .filter(channel::Column::Id.eq(message.channel_id))
            .one(self.db.read())
            .await?
            .ok_or(FetchError::NoChannel)?;
        let opened = channels::open(&self.keys, &channel)?;
        Ok((channel, opened))
    }
}

fn address(row: &media::Model, channel: &channel::Model) -> Result<MediaAddress, FetchError> {
    let url = row.source_url.as_deref().unwrap_or_default();
    MediaAddress::read(url, &channel.account_sid).ok_or(FetchError::Address)
}

fn tell(row: &media::Model, error: &FetchError, reason: Option<MediaReason>) {
    let error = error as &dyn std::error::Error;
    match reason {
        Some(reason) => {
            figures::fetched("failed");
            tracing::warn!(
                media.id = %row.id,
                reason = reason.as_str(),
                tries = row.tries,
                error,
                "A file of a text can't be had",
            );
        }
        None => {
            figures::fetched("again");
            tracing::info!(
                media.id = %row.id,
                tries = row.tries,
                error,
                "A file of a text did not come; it is tried again",
            );
        }
    }
}
