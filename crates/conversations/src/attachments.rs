//! Files of messages: kept once for each tenant, found by their content, removed when nothing needs
//! them any more.
//!
//! The store has files under keys that are never used twice; `blobs` says which content is under
//! which key; `media` says which message shows which content. A blob that nothing shows goes after
//! an hour, and so does a file that no blob names: whatever dies in the middle leaves nothing behind.

use std::collections::HashSet;

use ::media::kind::{self, Kind};
use ::media::picture::Picture;
use ::media::{Spooled, Store, StoreError, Variant};
use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{MediaId, TenantId};
use entity::value::MediaStatus;
use entity::{TenantScoped, blob, media};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    ExprTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

mod fetching;
mod sweeping;
mod tidying;

pub(crate) use fetching::expect;
pub use fetching::{
    Fetched, ask_again, begin_decoding, deleted_at_twilio, give_up, is_any_due, leave_at_twilio,
    stored, take_due, try_again,
};
pub use sweeping::{installation, take_sweep, unknown_keys};
pub use tidying::{Passed, remove_old, remove_unneeded_blobs, remove_unused};

/// A file that is kept, and what was made of it.
#[derive(Clone, Debug)]
pub struct Kept {
    content_type: String,
    digest: String,
    size: i64,
    width: Option<i32>,
    height: Option<i32>,
    fitted: Option<(String, i64)>,
    thumbnail: Option<String>,
}

/// Why a file can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What a file made for us is.
const JPEG: &str = "image/jpeg";

/// Keeps a file of a tenant's, and what was made of it if it is a picture. Nothing shows it yet: that
/// takes a row, within the hour.
///
/// It writes outside of any transaction, as a file may take its time on the way to its store.
///
/// # Errors
/// [`KeepError`]; what was kept by then is removed later.
pub async fn keep(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    store: &Store,
    tenant: TenantId,
    file: &Spooled,
    kind: Option<Kind>,
    picture: Option<Picture>,
) -> Result<Kept, KeepError> {
    let content_type = kind.map_or(kind::UNKNOWN, |kind| kind.content_type);
    let place = Place {
        conn,
        clock,
        store,
        tenant,
    };
    let digest = hex::encode(file.digest);
    place
        .keep(&digest, content_type, Source::File(file))
        .await?;
    let mut kept = Kept {
        content_type: content_type.to_owned(),
        digest,
        size: signed(file.size),
        width: None,
        height: None,
        fitted: None,
        thumbnail: None,
    };
    if let Some(picture) = picture {
        kept.width = i32::try_from(picture.width).ok();
        kept.height = i32::try_from(picture.height).ok();
        if let Some(bytes) = picture.fitted {
            let size = signed(bytes.len() as u64);
            kept.fitted = Some((place.keep_made(bytes).await?, size));
        }
        kept.thumbnail = Some(place.keep_made(picture.thumbnail).await?);
    }
    Ok(kept)
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Where a tenant's files go.
struct Place<'a, C> {
    conn: &'a C,
    clock: &'a Clock,
    store: &'a Store,
    tenant: TenantId,
}

enum Source<'a> {
    File(&'a Spooled),
    Bytes(Vec<u8>),
}

impl<C: ConnectionTrait> Place<'_, C> {
    async fn keep_made(&self, bytes: Vec<u8>) -> Result<String, KeepError> {
        use sha2::Digest;
        let digest = hex::encode(sha2::Sha256::digest(&bytes));
        self.keep(&digest, JPEG, Source::Bytes(bytes)).await?;
        Ok(digest)
    }

    /// Keeps a content, unless it is here already.
    async fn keep(
        &self,
        digest: &str,
        content_type: &str,
        source: Source<'_>,
    ) -> Result<(), KeepError> {
        let known = self.touch(digest).await?;
        let lost = match known {
            Some(key) if self.store.has(&key).await? => return Ok(()),
            known => known,
        };
        let key = sweeping::new_key(self.clock, self.tenant);
        let size = match source {
            Source::File(file) => {
                self.store.put(&key, content_type, file).await?;
                file.size
            }
            Source::Bytes(bytes) => {
                let size = bytes.len() as u64;
                self.store.put_bytes(&key, content_type, bytes).await?;
                size
            }
        };
        if let Some(lost) = lost
            && self.replace(digest, &lost, &key).await?
        {
            tracing::warn!(lost, "A file was missing in the store; it has come again");
            return Ok(());
        }
        let row = blob::Model {
            tenant_id: self.tenant,
            digest: digest.to_owned(),
            key: key.clone(),
            content_type: content_type.to_owned(),
            size: signed(size),
            used_at: self.clock.now(),
        };
        let same = [blob::Column::TenantId, blob::Column::Digest];
        // Somebody may have brought the same meanwhile: theirs stays, as something may show it by
        // now, and it counts as used just now.
        let used = OnConflict::columns(same)
            .update_column(blob::Column::UsedAt)
            .to_owned();
        let stored = blob::Entity::insert(row.into_active_model())
            .on_conflict(used)
            .exec_with_returning(self.conn)
            .await?;
        if stored.key != key {
            self.store.delete(&key).await?;
        }
        Ok(())
    }

    /// Where the content is, if it is here; then it stays for another hour at least.
    async fn touch(&self, digest: &str) -> Result<Option<String>, DbErr> {
        let touched = blob::Entity::update_many()
            .col_expr(blob::Column::UsedAt, Expr::value(self.clock.now()))
            .filter(blob::Column::TenantId.eq(self.tenant))
            .filter(blob::Column::Digest.eq(digest))
            .exec_with_returning(self.conn)
            .await?;
        Ok(touched.into_iter().next().map(|row| row.key))
    }

    /// Puts a file in the place of one that the store has lost; false when there is none to replace.
    async fn replace(&self, digest: &str, lost: &str, key: &str) -> Result<bool, DbErr> {
        let replaced = blob::Entity::update_many()
            .col_expr(blob::Column::Key, Expr::value(key))
            .filter(blob::Column::TenantId.eq(self.tenant))
            .filter(blob::Column::Digest.eq(digest))
            .filter(blob::Column::Key.eq(lost))
            .exec(self.conn)
            .await?;
        Ok(replaced.rows_affected > 0)
    }
}

/// Writes down that a file was uploaded. It belongs to no message yet.
///
/// # Errors
/// When the database is away.
pub async fn add(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    kept: Kept,
    filename: Option<String>,
) -> Result<media::Model, DbErr> {
    let row = media::Model {
        filename,
        ..blank(MediaId::new(clock), tenant, clock.now())
    };
    let mut row = row.into_active_model();
    kept.write(&mut row);
    row.insert(tx).await
}

/// A file of which nothing is known yet.
pub(crate) fn blank(id: MediaId, tenant: TenantId, now: DateTime<Utc>) -> media::Model {
    media::Model {
        id,
        tenant_id: tenant,
        message_id: None,
        position: 0,
        content_type: kind::UNKNOWN.to_owned(),
        filename: None,
        size: None,
        digest: None,
        width: None,
        height: None,
        fitted_digest: None,
        fitted_size: None,
        thumbnail_digest: None,
        sent_as: None,
        source_url: None,
        status: MediaStatus::Stored,
        reason: None,
        tries: 0,
        next_try_ms: None,
        decoding: false,
        created_at: now,
        updated_at: now,
    }
}

impl Kept {
    fn write(self, row: &mut media::ActiveModel) {
        row.content_type = Set(self.content_type);
        row.size = Set(Some(self.size));
        row.digest = Set(Some(self.digest));
        row.width = Set(self.width);
        row.height = Set(self.height);
        let (fitted, size) = self.fitted.unzip();
        row.fitted_digest = Set(fitted);
        row.fitted_size = Set(size);
        row.thumbnail_digest = Set(self.thumbnail);
    }
}

/// The contents that a file shows.
pub(crate) fn digests(file: &media::Model) -> impl Iterator<Item = &String> {
    let forms = [&file.digest, &file.fitted_digest, &file.thumbnail_digest];
    forms.into_iter().flatten()
}

/// Holds the contents of files that something is about to show, until the end of the transaction:
/// who removes what nothing shows waits, and then finds them in use. Says which are there.
pub(crate) async fn hold(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    files: &[media::Model],
) -> Result<HashSet<String>, DbErr> {
    let wanted: HashSet<_> = files.iter().flat_map(digests).collect();
    let found = blob::Entity::of(tenant)
        .filter(blob::Column::Digest.is_in(wanted))
        // One order for all who hold several.
        .order_by_asc(blob::Column::Digest)
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    let found: HashSet<_> = found.into_iter().map(|row| row.digest).collect();
    blob::Entity::update_many()
        .col_expr(blob::Column::UsedAt, Expr::value(clock.now()))
        .filter(blob::Column::TenantId.eq(tenant))
        .filter(blob::Column::Digest.is_in(&found))
        .exec(tx)
        .await?;
    Ok(found)
}

/// A file that can be handed out.
#[derive(Clone, Debug)]
pub struct Found {
    /// The item.
    pub media: media::Model,
    /// Where the wanted form of it is.
    pub blob: blob::Model,
}

/// One of the tenant's files in the wanted form.
///
/// # Errors
/// When the database is away.
pub async fn find(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: MediaId,
    variant: Variant,
) -> Result<Option<Found>, DbErr> {
    let row = media::Entity::of(tenant)
        .filter(media::Column::Id.eq(id))
        .one(conn)
        .await?;
    with_blob(conn, row, variant).await
}

/// The file that a signed link names. The link is the proof, and says nothing of the tenant.
///
/// # Errors
/// When the database is away.
pub async fn find_granted(
    conn: &impl ConnectionTrait,
    id: MediaId,
    variant: Variant,
) -> Result<Option<Found>, DbErr> {
    let row = media::Entity::find_by_id(id).one(conn).await?;
    with_blob(conn, row, variant).await
}

async fn with_blob(
    conn: &impl ConnectionTrait,
    row: Option<media::Model>,
    variant: Variant,
) -> Result<Option<Found>, DbErr> {
    let Some(media) = row else { return Ok(None) };
    let digest = match variant {
        Variant::Original => &media.digest,
        Variant::Fitted => &media.fitted_digest,
        Variant::Thumbnail => &media.thumbnail_digest,
    };
    let Some(digest) = digest else {
        return Ok(None);
    };
    let blob = blob::Entity::of(media.tenant_id)
        .filter(blob::Column::Digest.eq(digest))
        .one(conn)
        .await?;
    Ok(blob.map(|blob| Found { media, blob }))
}

/// What a tenant has in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Usage {
    /// How many files.
    pub files: i64,
    /// How many bytes they have together.
    pub bytes: i64,
}

/// What a tenant has in the store, each content counted once.
///
/// # Errors
/// When the database is away.
pub async fn usage(conn: &impl ConnectionTrait, tenant: TenantId) -> Result<Usage, DbErr> {
    // PostgreSQL's sum of BIGINT is NUMERIC.
    let bytes = Expr::cust("CAST(COALESCE(SUM(size), 0) AS BIGINT)");
    let usage = blob::Entity::of(tenant)
        .select_only()
        .expr_as(Expr::col(blob::Column::Digest).count(), "files")
        .expr_as(bytes, "bytes")
        .into_model::<Usage>()
        .one(conn)
        .await?;
    Ok(usage.unwrap_or_default())
}

/// How long something may be without use before it is removed.
const UNUSED_FOR: TimeDelta = TimeDelta::hours(1);

fn unused_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - UNUSED_FOR
}
