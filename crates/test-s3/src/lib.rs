//! An S3-compatible server with one bucket, for one test.
//!
//! It is somebody else's, not ours: it checks signatures and takes parts as the protocol says, so that
//! our understanding of S3 is not compared with itself. It listens on loopback and is gone, with all it
//! was given, when it is dropped.

use std::io;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

/// The name of the bucket.
pub const BUCKET: &str = "files";
/// The key that is let in.
pub const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// Its secret.
pub const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A running server.
#[derive(Debug)]
pub struct Server {
    url: String,
    task: JoinHandle<()>,
    folder: TempDir,
}

impl Server {
    /// Starts one with an empty bucket.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn start() -> io::Result<Self> {
        let folder = TempDir::with_prefix("test-s3-")?;
        std::fs::create_dir(folder.path().join(BUCKET))?;
        let files = s3s_fs::FileSystem::new(folder.path())
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let task = tokio::spawn(async move {
            // Ended with this task, so that who is connected is let go too.
            let mut connections = JoinSet::new();
            while let Ok((connection, _)) = listener.accept().await {
                let service = service.clone();
                connections.spawn(async move {
                    // A connection that breaks is the client's to notice.
                    let _ = Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(connection), service)
                        .await;
                });
            }
        });
        Ok(Self { url, task, folder })
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many files the bucket has.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn files(&self) -> io::Result<usize> {
        count(&self.folder.path().join(BUCKET))
    }

    /// Lets nobody in any more.
    pub fn stop(&self) {
        self.task.abort();
    }
}

fn count(folder: &std::path::Path) -> io::Result<usize> {
    let mut files = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files += if entry.file_type()?.is_dir() {
            count(&entry.path())?
        } else {
            // What begins with a dot is the server's own.
            usize::from(!entry.file_name().as_encoded_bytes().starts_with(b"."))
        };
    }
    Ok(files)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
