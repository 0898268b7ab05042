//! Brings files of leads in.

use std::fs::File;
use std::io;
use std::time::Duration;

use ::media::{SpoolError, Store, StoreError};
use conversations::imports::{self, Conflict, Mistake, Outcome, Person, Reader, Seen};
use db::Db;
use entity::clock::Clock;
use entity::import;
use entity::value::ImportStatus;
use events::{Bell, Outbox};
use futures_util::StreamExt;
use futures_util::future::join_all;
use sea_orm::DbErr;
use tokio::time::Instant;

use super::{Job, Round};

/// How many imports are worked at side by side.
const AT_ONCE: u64 = 2;

/// How many rows one transaction takes: SQLite's writers wait while it does.
const CHUNK: usize = 500;

/// How many transactions an import gets before it is another one's turn.
const SLICE: usize = 20;

/// For how long an import is nobody else's, counted from its last transaction.
const LEASE: Duration = Duration::from_secs(15);

/// How often it is told how far an import is.
const TOLD_EVERY: Duration = Duration::from_millis(400);

/// How often in a row working at an import may fail.
const MOST_FAILURES: i32 = 10;

/// The largest file that is taken.
const LARGEST: u64 = 20 * 1024 * 1024;

/// How often a transaction is tried again that was in somebody's way.
const AGAIN: usize = 5;

/// Takes imports on that are due. Comes round every half second; a round ends with a slice of each, so
/// that a long file keeps no short one waiting.
#[derive(Debug)]
pub(crate) struct ImportLeads {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bell: Bell,
    pub(crate) store: Store,
}

/// Why an import does not get on.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("its file can't be had")]
    Store(#[from] StoreError),
    #[error("its file can't be put down here")]
    Spool(#[from] SpoolError),
    #[error("its file can't be read")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Conflict(#[from] Conflict),
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Job for ImportLeads {
    const NAME: &'static str = "import_leads";
    const EVERY: Duration = Duration::from_millis(500);

    async fn round(&self) -> Result<Round, DbErr> {
        self.tidy().await?;
        if !imports::is_any_due(self.db.read(), &self.clock).await? {
            return Ok(Round::Done);
        }
        let tx = self.db.write_tx().await?;
        let taken = imports::take_due(&tx, &self.clock, AT_ONCE, LEASE).await?;
        tx.commit().await?;
        join_all(taken.iter().map(|import| self.attend_to(import))).await;
        Ok(Round::More)
    }
}

impl ImportLeads {
    async fn attend_to(&self, import: &import::Model) {
        let ended = if import.failures > MOST_FAILURES {
            let words = "it could not be brought to its end; the log of the service says why";
            self.end(import, ImportStatus::Failed, Some(words)).await
        } else {
            self.slice(import).await
        };
        match ended {
            Ok(()) => {}
            Err(ImportError::Store(StoreError::NotFound)) => {
                let words = Some("its file is not there any more");
                let ended = self.end(import, ImportStatus::Failed, words).await;
                if let Err(error) = ended {
                    tell(import, &error);
                }
            }
            // When the lease is over, somebody goes on where this ended.
            Err(error) => tell(import, &error),
        }
    }

    /// The next rows; all that are left where nothing is written, as who is known by then is known here
    /// alone.
    async fn slice(&self, import: &import::Model) -> Result<(), ImportError> {
        let mut held = import.clone();
        let mut work = Work::begin(self, import).await?;
        let mut told = Instant::now();
        let mut chunks = 0;
        while import.dry_run || chunks < SLICE {
            let part = work.next().await?;
            let is_last = part.rows < CHUNK;
            let tells = told.elapsed() >= TOLD_EVERY && !is_last;
            if tells {
                told = Instant::now();
            }
            let Some(next) = self.commit(&held, &mut work.seen, &part, tells).await? else {
                return Ok(());
            };
            held = next;
            if is_last {
                return self.end(&held, ImportStatus::Done, None).await;
            }
            chunks += 1;
        }
        Ok(imports::give_back(self.db.writer(), &self.clock, &held).await?)
    }

    /// As [`ImportLeads::try_commit`], again where somebody was in the way.
    async fn commit(
        &self,
        held: &import::Model,
        seen: &mut Seen,
        part: &Part,
        tells: bool,
    ) -> Result<Option<import::Model>, ImportError> {
        let mut attempt = 1;
        loop {
            match self.try_commit(held, seen, part, tells).await {
                Err(ImportError::Conflict(error)) if attempt < AGAIN && may_work_again(&error) => {
                    attempt += 1;
                }
                ended => return ended,
            }
        }
    }

    /// Writes some rows, their mistakes and how far the import has come, all or nothing. Nothing when
    /// it was stopped or taken over.
    async fn try_commit(
        &self,
        held: &import::Model,
        seen: &mut Seen,
        part: &Part,
        tells: bool,
    ) -> Result<Option<import::Model>, ImportError> {
        let clock = &self.clock;
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        let outcome = if held.dry_run {
            let rehearsed = imports::rehearse(&tx, clock, held, &part.people, seen).await;
            rehearsed.map_err(Conflict::from)?
        } else {
            imports::write(&tx, clock, &mut outbox, held, &part.people).await?
        };
        let outcome = Outcome {
            failed: part.failed,
            ..outcome
        };
        let Some(row) = imports::hold(&tx, held).await? else {
            return Ok(None);
        };
        let mistakes = &part.mistakes;
        let row = imports::advance(&tx, clock, row, part.rows, &outcome, mistakes, LEASE).await?;
        if tells {
            imports::tell(&mut outbox, &row);
        }
        outbox.touch(row.tenant_id);
        outbox.commit(tx, clock.now(), &self.bell).await?;
        Ok(Some(row))
    }

    async fn end(
        &self,
        held: &import::Model,
        status: ImportStatus,
        detail: Option<&str>,
    ) -> Result<(), ImportError> {
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::by(held.user_id);
        let Some(row) = imports::hold(&tx, held).await? else {
            return Ok(());
        };
        let row = imports::end(&tx, &self.clock, &mut outbox, row, status, detail).await?;
        outbox.commit(tx, self.clock.now(), &self.bell).await?;
        tracing::info!(
            import.id = %row.id,
            rows = row.done_rows,
            failed = row.failed,
            status = row.status.as_str(),
            "An import has ended"
        );
        Ok(())
    }

    /// Removes the files of imports that have ended.
    async fn tidy(&self) -> Result<(), DbErr> {
        for import in imports::with_files_to_remove(self.db.read(), 20).await? {
            let key = import.file_key.as_deref().unwrap_or_default();
            match self.store.delete(key).await {
                Ok(()) => imports::file_removed(self.db.writer(), &import).await?,
                Err(error) => tell(&import, &error.into()),
            }
        }
        Ok(())
    }
}

fn may_work_again(error: &Conflict) -> bool {
    match error {
        Conflict::Again => true,
        Conflict::Database(error) => db::is_contention(error),
    }
}

fn tell(import: &import::Model, error: &ImportError) {
    tracing::warn!(
        import.id = %import.id,
        failures = import.failures,
        error = error as &dyn std::error::Error,
        "An import does not get on; it is tried again",
    );
}

/// A file that is being read, from where the import is.
struct Work {
    /// Elsewhere while rows are being read.
    reader: Option<Reader>,
    seen: Seen,
}

impl Work {
    async fn begin(job: &ImportLeads, import: &import::Model) -> Result<Self, ImportError> {
        let file = fetch(&job.store, import).await?;
        let country = imports::country(job.db.read(), import.tenant_id).await?;
        let done = usize::try_from(import.done_rows).unwrap_or(0);
        let (layout, rehearsed) = (imports::layout(import), import.dry_run);
        let begin = move || -> io::Result<Self> {
            let mut reader = Reader::new(file, layout, country)?;
            let mut seen = Seen::new();
            if rehearsed {
                let rows = reader.next(done)?;
                seen.extend(rows.iter().flatten().filter_map(imports::key));
            } else {
                reader.skip(done)?;
            }
            Ok(Self {
                reader: Some(reader),
                seen,
            })
        };
        Ok(blocking(begin).await?)
    }

    async fn next(&mut self) -> io::Result<Part> {
        let lost = || io::Error::other("an earlier row could not be read");
        let mut reader = self.reader.take().ok_or_else(lost)?;
        let (reader, rows) = blocking(move || {
            let rows = reader.next(CHUNK)?;
            Ok((reader, rows))
        })
        .await?;
        self.reader = Some(reader);
        let mut part = Part {
            rows: rows.len(),
            ..Part::default()
        };
        for row in rows {
            match row {
                Ok(person) => part.people.push(person),
                Err(wrong) => {
                    part.failed += 1;
                    part.mistakes.extend(wrong);
                }
            }
        }
        Ok(part)
    }
}

/// Some rows of a file.
#[derive(Debug, Default)]
struct Part {
    rows: usize,
    people: Vec<Person>,
    /// How many rows can't be used.
    failed: usize,
    mistakes: Vec<Mistake>,
}

/// The file as one of this machine's, to be read more than once and in steps.
async fn fetch(store: &Store, import: &import::Model) -> Result<File, ImportError> {
    let key = import.file_key.as_deref().ok_or(StoreError::NotFound)?;
    let mut piece = store.get(key, None).await?;
    let mut spool = store.spool(LARGEST)?;
    while let Some(bytes) = piece.bytes.next().await {
        spool.write(&bytes?).await?;
    }
    Ok(spool.finish().await?.rewound()?)
}

/// Away from the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
