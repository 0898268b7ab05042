//! One file: fetched and kept, or deleted at Twilio.

use std::sync::Arc;
use std::time::Duration;

use ::media::picture::{PictureError, Studio};
use ::media::{SpoolError, Spooled, Store, StoreError, kind};
use channels::{KeyRing, OpenError, Opened};
use chrono::TimeDelta;
use conversations::attachments::{self, Fetched, KeepError, Kept};
use db::Db;
use entity::clock::Clock;
use entity::value::{MediaReason, MediaStatus};
use entity::{TenantScoped, channel, media, message};
use events::{Bell, Outbox};
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use tokio::sync::Mutex;
use tokio::time::timeout;
use twilio::CallError;
use twilio::client::MediaAddress;

use crate::figures;

/// How long Twilio has to give a file, and the store to keep it: together less than the lease.
const FETCHING: Duration = Duration::from_secs(90);
const KEEPING: Duration = Duration::from_secs(60);

/// How long a picture may be looked at, of that.
const LOOKING: Duration = Duration::from_secs(30);

/// The largest file that is taken. Twilio's own limit is 5 MB.
const LARGEST: u64 = 20 * 1024 * 1024;

/// How long to wait after each time that it did not work, in seconds; after the last it is given up.
const WAITS: [i64; 8] = [2, 10, 30, 120, 600, 3600, 4 * 3600, 12 * 3600];

/// How long to wait where the fault is ours.
const OWN_WAIT: TimeDelta = TimeDelta::seconds(60);

/// How long after its text a file may not be there yet.
const MAY_COME: TimeDelta = TimeDelta::minutes(10);

/// What it takes to fetch a file.
#[derive(Debug)]
pub(crate) struct Errand {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bell: Bell,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) twilio: twilio::Client,
    pub(crate) store: Store,
    pub(crate) studio: Studio,
    /// Held while a picture is decoded, so that only one is written down as being so.
    pub(crate) decoding: Mutex<()>,
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
    #[error("Twilio took too long to give it")]
    Slow,
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("whoever tried to fetch it died of it")]
    Deadly,
    #[error("our own store does not take it")]
    Ours(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<SpoolError> for FetchError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLarge { .. } => Self::TooLarge,
            SpoolError::Full(_) | SpoolError::Io(_) => Self::Ours(Box::new(error)),
        }
    }
}

impl From<StoreError> for FetchError {
    fn from(error: StoreError) -> Self {
        Self::Ours(Box::new(error))
    }
}

impl From<KeepError> for FetchError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Store(error) => error.into(),
            KeepError::Database(error) => error.into(),
        }
    }
}

/// What is to be done after a try that failed.
enum Next {
    GiveUp(MediaReason),
    /// Again after so long; whether it counts as a try.
    Again(TimeDelta, bool),
}

impl FetchError {
    fn next(&self, row: &media::Model, age: TimeDelta) -> Next {
        let wait = usize::try_from(row.tries - 1).ok();
        let wait = wait.and_then(|tries| WAITS.get(tries));
        let or = |reason| match wait {
            Some(seconds) => Next::Again(TimeDelta::seconds(*seconds), true),
            None => Next::GiveUp(reason),
        };
        match self {
            Self::NoChannel | Self::Open(OpenError::Wiped) => Next::GiveUp(MediaReason::Refused),
            Self::Address | Self::Call(CallError::Invalid(_)) => {
                Next::GiveUp(MediaReason::Misplaced)
            }
            Self::TooLarge => Next::GiveUp(MediaReason::TooLarge),
            Self::Deadly => Next::GiveUp(MediaReason::Unreachable),
            Self::Ours(_) | Self::Database(_) => Next::Again(OWN_WAIT, false),
            Self::Call(CallError::Refused(refusal)) => match refusal.http_status {
                404 | 410 if age >= MAY_COME => Next::GiveUp(MediaReason::Gone),
                404 | 410 => or(MediaReason::Gone),
                401 | 403 => or(MediaReason::Refused),
                _ => or(MediaReason::Unreachable),
            },
            // Perhaps Twilio has a new host, and we will know it by then.
            Self::Call(CallError::Elsewhere(_)) => or(MediaReason::Misplaced),
            Self::Open(_) => or(MediaReason::Refused),
            Self::Call(_) | Self::Slow => or(MediaReason::Unreachable),
        }
    }
}

impl Errand {
    /// Does what is due for a file. What goes wrong with the database is left to the next who has it.
    pub(super) async fn run(&self, row: &media::Model) {
        let ended = match row.status {
            MediaStatus::Pending => self.fetch_or_wait(row).await,
            _ => self.delete_or_wait(row).await,
        };
        if let Err(error) = ended {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                media.id = %row.id,
                error,
                "The database is away; a file is fetched again when its time is over",
            );
        }
    }

    async fn fetch_or_wait(&self, row: &media::Model) -> Result<(), DbErr> {
        let error = match self.fetch(row).await {
            Ok(()) => return Ok(()),
            Err(FetchError::Database(error)) => return Err(error),
            Err(error) => error,
        };
        let now = self.clock.now();
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        match error.next(row, now - row.created_at) {
            Next::Again(wait, counts) => {
                tell_again(row, &error, counts);
                attachments::try_again(&tx, row, now + wait, counts).await?;
            }
            Next::GiveUp(reason) => {
                tell_given_up(row, &error, reason);
                attachments::give_up(&tx, &self.clock, &mut outbox, row, reason).await?;
            }
        }
        outbox.commit(tx, now, &self.bell).await
    }

    async fn fetch(&self, row: &media::Model) -> Result<(), FetchError> {
        if usize::try_from(row.tries).is_ok_and(|tries| tries > WAITS.len() + 1) {
            return Err(FetchError::Deadly);
        }
        let (channel, opened) = self.channel(row).await?;
        let address = address(row, &channel)?;
        let file = timeout(FETCHING, self.receive(&opened, &address)).await;
        let file = file.unwrap_or(Err(FetchError::Slow))?;
        let kept = timeout(KEEPING, self.keep(row, &file)).await;
        let kept = kept.map_err(|slow| FetchError::Ours(Box::new(slow)))??;
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

    async fn receive(
        &self,
        opened: &Opened,
        address: &MediaAddress,
    ) -> Result<Spooled, FetchError> {
        let mut bytes = self.twilio.open_media(&opened.twilio(), address).await?;
        if bytes.length().is_some_and(|length| length > LARGEST) {
            return Err(FetchError::TooLarge);
        }
        let mut spool = self.store.spool(LARGEST)?;
        while let Some(piece) = bytes.next().await? {
            spool.write(&piece).await?;
        }
        Ok(spool.finish().await?)
    }

    /// Keeps a file whatever it is: a picture that can't be shown is kept as bytes.
    async fn keep(&self, row: &media::Model, file: &Spooled) -> Result<Kept, FetchError> {
        let kind = kind::of(&file.head, None);
        let picture = match kind.filter(Studio::knows) {
            // Whoever decoded it before did not live to tell.
            Some(_) if row.decoding => None,
            Some(kind) => {
                let _alone = self.decoding.lock().await;
                attachments::begin_decoding(self.db.writer(), row).await?;
                let source = file.rewound().map_err(StoreError::from)?;
                match timeout(LOOKING, self.studio.look(source, file.size, kind)).await {
                    Ok(Err(PictureError::Io(error))) => return Err(StoreError::from(error).into()),
                    Ok(looked) => looked.ok(),
                    // Nobody can wait for it.
                    Err(_) => None,
                }
            }
            None => None,
        };
        let (conn, tenant) = (self.db.writer(), row.tenant_id);
        let kept = attachments::keep(conn, &self.clock, &self.store, tenant, file, kind, picture);
        Ok(kept.await?)
    }

    async fn delete_or_wait(&self, row: &media::Model) -> Result<(), DbErr> {
        let error = match self.delete(row).await {
            Ok(()) => return Ok(()),
            Err(FetchError::Database(error)) => return Err(error),
            Err(error) => error,
        };
        let tx = self.db.write_tx().await?;
        // It is here, so nothing is too early.
        match error.next(row, TimeDelta::zero()) {
            Next::Again(wait, counts) => {
                tell_kept_at_twilio(row, &error, true);
                attachments::try_again(&tx, row, self.clock.now() + wait, counts).await?;
            }
            Next::GiveUp(_) => {
                tell_kept_at_twilio(row, &error, false);
                attachments::leave_at_twilio(&tx, row).await?;
            }
        }
        tx.commit().await
    }

    async fn delete(&self, row: &media::Model) -> Result<(), FetchError> {
        let (channel, opened) = self.channel(row).await?;
        let address = address(row, &channel)?;
        let (message, media) = (address.message_sid(), address.media_sid());
        let credentials = opened.twilio();
        match self.twilio.delete_media(&credentials, message, media).await {
            Err(CallError::Refused(refusal)) if refusal.http_status == 404 => {}
            ended => ended?,
        }
        attachments::deleted_at_twilio(self.db.writer(), row).await?;
        figures::deleted("deleted");
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

fn tell_given_up(row: &media::Model, error: &FetchError, reason: MediaReason) {
    figures::fetched("failed");
    tracing::warn!(
        media.id = %row.id,
        reason = reason.as_str(),
        tries = row.tries,
        error = error as &dyn std::error::Error,
        "A file of a text can't be had",
    );
}

fn tell_again(row: &media::Model, error: &FetchError, counts: bool) {
    figures::fetched("again");
    let error = error as &dyn std::error::Error;
    if counts {
        tracing::info!(
            media.id = %row.id,
            tries = row.tries,
            error,
            "A file of a text did not come; it is tried again",
        );
    } else {
        tracing::warn!(
            media.id = %row.id,
            error,
            "A file of a text can't be kept here; it is tried again until it can",
        );
    }
}

fn tell_kept_at_twilio(row: &media::Model, error: &FetchError, again: bool) {
    let error = error as &dyn std::error::Error;
    if again {
        figures::deleted("again");
        tracing::info!(
            media.id = %row.id,
            tries = row.tries,
            error,
            "A file was not deleted at Twilio; it is tried again",
        );
    } else {
        figures::deleted("failed");
        tracing::warn!(
            media.id = %row.id,
            tries = row.tries,
            error,
            "A file stays at Twilio, although the tenant wants it deleted there",
        );
    }
}

#[cfg(test)]
mod tests;
