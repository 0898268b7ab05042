//! Where files are kept: a folder, or a bucket of an S3-compatible service.

use std::io::{self, Read};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    Attribute, Attributes, GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, RetryConfig,
};
use tokio::sync::Semaphore;
use uuid::Uuid;

mod staged;

use crate::spool::{Spool, SpoolError, Spooled, is_full};

/// What is read, sent and written at once. S3 takes no smaller part than the larger of these.
const BUCKET_PART: u64 = 5 * 1024 * 1024;
const FOLDER_PART: u64 = 256 * 1024;

/// How many files are put at once: each takes a part's memory.
const AT_ONCE: usize = 4;

/// Where it stands whose the files are.
const OWNER: &str = "installation";

/// How long a bucket that does not work is tried again: somebody waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither of the two.
    #[error("media.url is file://folder or s3://bucket/prefix")]
    Url,
    /// The folder can't be made or entered.
    #[error("the folder {folder} for media can't be used: {source}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The settings of the bucket are not complete.
    #[error("the bucket for media can't be used: {0}")]
    Settings(#[from] object_store::Error),
}

/// Why a file can't be kept or had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is not there.
    #[error("the file is not in the store")]
    NotFound,
    /// There is no room for it.
    #[error("there is no room left for files")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store does not answer as it should.
    #[error("the store for files does not work")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Self::NotFound;
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(current) = cause {
            if current.downcast_ref::<io::Error>().is_some_and(is_full) {
                return Self::Full(Box::new(error));
            }
            cause = current.source();
        }
        Self::Broken(Box::new(error))
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        if is_full(&error) {
            Self::Full(Box::new(error))
        } else {
            Self::Broken(Box::new(error))
        }
    }
}

/// A part of a file, or all of it.
pub struct Piece {
    /// Its bytes as they come.
    pub bytes: BoxStream<'static, Result<Bytes, StoreError>>,
    /// Which of the file's bytes these are.
    pub range: std::ops::Range<u64>,
    /// How many bytes the file has.
    pub size: u64,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Piece")
            .field("range", &self.range)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// A store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Where files are written while they come in.
    spool: PathBuf,
    /// Where they are kept, if that is a folder.
    folder: Option<PathBuf>,
    /// How much of a file is put at once.
    part: u64,
    /// Whether the store wants to know types; a folder does not.
    typed: bool,
    places: Arc<Semaphore>,
}

impl Store {
    /// Opens `file://folder`, which is made if it is not there, or `s3://bucket/prefix` with the
    /// usual `AWS_…` variables (`AWS_ENDPOINT` for another service, and `AWS_ALLOW_HTTP=true` where
    /// that speaks no TLS).
    ///
    /// # Errors
    /// [`OpenError`]; a bucket is not asked before the first file.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        if let Some(folder) = url.strip_prefix("file://") {
            return Self::folder(FilePath::new(folder));
        }
        let rest = url.strip_prefix("s3://").ok_or(OpenError::Url)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(OpenError::Url);
        }
        let bucket = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(RetryConfig {
                max_retries: 3,
                retry_timeout: PATIENCE,
                ..RetryConfig::default()
            })
            .build()?;
        Ok(Self::bucket(bucket, prefix))
    }

    /// A folder. Whoever may not look into its parent's files may not look into it either.
    fn folder(folder: &FilePath) -> Result<Self, OpenError> {
        let cannot = |source| OpenError::Folder {
            folder: folder.to_owned(),
            source,
        };
        // Beside each other, so that both are on one disk.
        let (kept, spool) = (folder.join("kept"), folder.join("coming"));
        private_folder(&kept).map_err(cannot)?;
        private_folder(&spool).map_err(cannot)?;
        let objects = LocalFileSystem::new_with_prefix(&kept)?
            .with_automatic_cleanup(true)
            // What was answered for must outlive a power cut.
            .with_fsync(true);
        Ok(Self {
            typed: false,
            part: FOLDER_PART,
            folder: Some(kept),
            ..Self::new(Arc::new(objects), spool)
        })
    }

    /// A bucket that somebody else has set up.
    pub fn bucket(bucket: impl ObjectStore, prefix: &str) -> Self {
        let objects: Arc<dyn ObjectStore> = if prefix.is_empty() {
            Arc::new(bucket)
        } else {
            Arc::new(PrefixStore::new(bucket, prefix))
        };
        Self::new(objects, std::env::temp_dir())
    }

    fn new(objects: Arc<dyn ObjectStore>, spool: PathBuf) -> Self {
        Self {
            objects,
            spool,
            folder: None,
            part: BUCKET_PART,
            typed: true,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// A file that is about to come, of at most `limit` bytes.
    ///
    /// # Errors
    /// When no file can be made.
    pub fn spool(&self, limit: u64) -> Result<Spool, SpoolError> {
        Spool::new(&self.spool, limit)
    }

    /// Keeps a file under a key that is new.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not there.
    pub async fn put(
        &self,
        key: &str,
        content_type: &str,
        file: &Spooled,
    ) -> Result<(), StoreError> {
        let _place = self.places.acquire().await;
        let mut source = file.rewound()?;
        let first = part(&mut source, self.part).await?;
        if (first.len() as u64) == file.size {
            return self.put_bytes(key, content_type, first).await;
        }
        let options = PutMultipartOptions {
            attributes: self.attributes(content_type),
            ..PutMultipartOptions::default()
        };
        let mut upload = self
            .objects
            .put_multipart_opts(&Path::from(key), options)
            .await?;
        let ended = match parts(&mut *upload, first, source, self.part).await {
            Ok(()) => upload.complete().await.map(drop).map_err(StoreError::from),
            Err(error) => Err(error),
        };
        if ended.is_err() {
            // What can't be taken back, the store forgets by itself.
            let _ = upload.abort().await;
        }
        ended
    }

    /// Keeps a small file under a key that is new.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not there.
    pub async fn put_bytes(
        &self,
        key: &str,
        content_type: &str,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        let options = PutOptions {
            attributes: self.attributes(content_type),
            ..PutOptions::default()
        };
        self.objects
            .put_opts(&Path::from(key), PutPayload::from(bytes), options)
            .await?;
        Ok(())
    }

    /// A file, or the bytes of it that are asked for.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; when the store does not work.
    pub async fn get(
        &self,
        key: &str,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<Piece, StoreError> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = self.objects.get_opts(&Path::from(key), options).await?;
        Ok(Piece {
            range: found.range.clone(),
            size: found.meta.size,
            bytes: found.into_stream().map_err(StoreError::from).boxed(),
        })
    }

    /// Removes a file; one that is not there is removed.
    ///
    /// # Errors
    /// When the store does not work.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        match self
            .objects
            .delete(&Path::from(key))
            .await
            .map_err(StoreError::from)
        {
            Ok(()) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// When the store does not work.
    pub async fn has(&self, key: &str) -> Result<bool, StoreError> {
        match self
            .objects
            .head(&Path::from(key))
            .await
            .map_err(StoreError::from)
        {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says whose the store is: whoever came first. One that was nobody's is `who`'s from now on.
    ///
    /// # Errors
    /// When the store does not work.
    pub async fn claim(&self, who: Uuid) -> Result<String, StoreError> {
        if let Some(owner) = self.owner().await? {
            return Ok(owner);
        }
        let options = PutOptions {
            mode: PutMode::Create,
            attributes: self.attributes("text/plain"),
            ..PutOptions::default()
        };
        let name = PutPayload::from(who.to_string());
        match self
            .objects
            .put_opts(&Path::from(OWNER), name, options)
            .await
        {
            // Somebody was faster; they are asked below.
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.owner().await?.ok_or(StoreError::NotFound)
    }

    async fn owner(&self) -> Result<Option<String>, StoreError> {
        let found = match self.objects.get(&Path::from(OWNER)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(String::from_utf8_lossy(&found).into_owned()))
    }

    /// Removes what somebody left behind, before `before`, who died while they wrote a file to a
    /// folder. Of a bucket, that is for a rule of the bucket's (`AbortIncompleteMultipartUpload`).
    ///
    /// # Errors
    /// When the folder can't be read.
    pub async fn remove_staged(&self, before: DateTime<Utc>) -> Result<(), StoreError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(());
        };
        let work = move || staged::remove(&folder, before.into());
        let removed = tokio::task::spawn_blocking(work).await;
        removed.map_err(io::Error::other)??;
        Ok(())
    }

    /// The keys of all files that were kept before `before`, as they come.
    pub fn kept_before(
        &self,
        before: DateTime<Utc>,
    ) -> BoxStream<'static, Result<String, StoreError>> {
        self.objects
            .list(None)
            .map_err(StoreError::from)
            .try_filter_map(move |object| async move {
                let old = object.last_modified < before;
                Ok(old.then(|| object.location.to_string()))
            })
            .boxed()
    }

    fn attributes(&self, content_type: &str) -> Attributes {
        let mut attributes = Attributes::new();
        if self.typed {
            attributes.insert(Attribute::ContentType, content_type.to_owned().into());
        }
        attributes
    }
}

async fn parts(
    upload: &mut dyn MultipartUpload,
    first: Vec<u8>,
    source: std::fs::File,
    length: u64,
) -> Result<(), StoreError> {
    let (mut bytes, mut source) = (first, source);
    while !bytes.is_empty() {
        upload.put_part(PutPayload::from(bytes)).await?;
        bytes = part(&mut source, length).await?;
    }
    Ok(())
}

/// The next part of a file; empty at its end.
async fn part(source: &mut std::fs::File, length: u64) -> io::Result<Vec<u8>> {
    let source = source.try_clone()?;
    let read = move || {
        let mut bytes = Vec::new();
        source.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(io::Error::other)?
}

fn private_folder(folder: &FilePath) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests;
