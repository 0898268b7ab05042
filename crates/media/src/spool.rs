//! A file on its way in: written to disk as it comes, and measured.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::kind::HEAD;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It is larger than is taken.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The most that is taken.
        limit: u64,
    },
    /// There is no room for it.
    #[error("there is no room left for files")]
    Full(#[source] io::Error),
    /// The disk fails.
    #[error("the file can't be written to disk")]
    Io(#[source] io::Error),
}

impl From<io::Error> for SpoolError {
    fn from(error: io::Error) -> Self {
        if is_full(&error) {
            Self::Full(error)
        } else {
            Self::Io(error)
        }
    }
}

/// Whether an error says that the disk is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// What is gathered before it is hashed and written, away from the async threads: many uploads at once
/// would keep everything else waiting.
const PIECE: usize = 256 * 1024;

/// A file that is being written. It has no name: however the program ends, nothing is left behind.
#[derive(Debug)]
pub struct Spool {
    /// Elsewhere while a piece is being written.
    written: Option<Written>,
    limit: u64,
    size: u64,
    piece: Vec<u8>,
    head: Vec<u8>,
}

#[derive(Debug)]
struct Written {
    file: File,
    hash: Sha256,
}

impl Written {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.hash.update(piece);
        self.file.write_all(piece)
    }
}

impl Spool {
    /// An empty one, on the disk that `folder` is on, for a file of at most `limit` bytes.
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn new(folder: &Path, limit: u64) -> Result<Self, SpoolError> {
        let written = Written {
            file: tempfile::tempfile_in(folder)?,
            hash: Sha256::new(),
        };
        Ok(Self {
            written: Some(written),
            limit,
            size: 0,
            piece: Vec::new(),
            head: Vec::new(),
        })
    }

    /// Adds what has come.
    ///
    /// # Errors
    /// [`SpoolError`], after which the file is of no use.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        self.size += bytes.len() as u64;
        if self.size > self.limit {
            return Err(SpoolError::TooLarge { limit: self.limit });
        }
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), SpoolError> {
        let (mut written, piece) = (self.taken()?, std::mem::take(&mut self.piece));
        let work = move || written.write(&piece).map(|()| (written, piece));
        let (written, mut piece) = tokio::task::spawn_blocking(work)
            .await
            .map_err(io::Error::other)??;
        piece.clear();
        self.piece = piece;
        self.written = Some(written);
        Ok(())
    }

    /// There after every write that went well.
    fn taken(&mut self) -> io::Result<Written> {
        let lost = || io::Error::other("an earlier part of the file could not be written");
        self.written.take().ok_or_else(lost)
    }

    /// All of it has come.
    ///
    /// # Errors
    /// When what was written does not reach the disk.
    pub async fn finish(mut self) -> Result<Spooled, SpoolError> {
        self.flush().await?;
        let written = self.taken()?;
        Ok(Spooled {
            file: written.file,
            size: self.size,
            digest: written.hash.finalize().into(),
            head: self.head,
        })
    }
}

/// A whole file.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub digest: [u8; 32],
    /// How it begins.
    pub head: Vec<u8>,
}

impl Spooled {
    /// The file, to be read from its beginning by one reader at a time.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn rewound(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[tokio::test]
    async fn a_file_is_measured_as_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path(), 1_000_000).unwrap();
        let text: Vec<u8> = (0..900_000_u32).map(|n| (n % 251) as u8).collect();
        for piece in text.chunks(7001) {
            spool.write(piece).await.unwrap();
        }
        let spooled = spool.finish().await.unwrap();
        assert_eq!(spooled.size, 900_000);
        assert_eq!(spooled.head, text[..HEAD]);
        assert_eq!(spooled.digest, <[u8; 32]>::from(Sha256::digest(&text)));
        for _ in 0..2 {
            let mut read = Vec::new();
            spooled.rewound().unwrap().read_to_end(&mut read).unwrap();
            assert!(read == text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_told_from_a_broken_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path(), 1_000_000).unwrap();
        // Whatever is written there finds no room.
        let file = File::options().write(true).open("/dev/full").unwrap();
        spool.written.as_mut().unwrap().file = file;
        let error = spool.write(&[0; PIECE]).await.unwrap_err();
        assert!(matches!(error, SpoolError::Full(_)), "{error:?}");
        // What was lost is not made up for.
        assert!(spool.finish().await.is_err());
    }

    #[tokio::test]
    async fn one_byte_too_many_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path(), 10).unwrap();
        spool.write(&[0; 10]).await.unwrap();
        let error = spool.write(&[0]).await.unwrap_err();
        assert!(matches!(error, SpoolError::TooLarge { limit: 10 }));
    }
}
