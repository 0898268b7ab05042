//! One transaction for whatever has come in by the time it begins.
//!
//! A commit costs the same for one row and for a hundred. What comes in while one transaction is
//! being written is written together in the next; alone, nothing waits. It also bounds what the
//! items of one kind take of the database: one connection, however many come in, so that people's
//! requests find one too.
//!
//! Nobody is answered before the commit, and one bad item never fails its neighbours: when a batch
//! fails, each of its items is written alone.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::Db;
use entity::clock::Clock;
use entity::id::TenantId;
use events::{Bell, Outbox};
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// So many are written in one transaction: it has to end well within a webhook's time.
const AT_ONCE: usize = 64;

/// Writes items of one kind.
pub trait Write: Send + Sync + 'static {
    /// What is written.
    type Item: Clone + Send + Sync + 'static;
    /// What becomes of one.
    type Outcome: Send + 'static;

    /// So many may wait; one that comes then is refused.
    const MOST_WAITING: usize;

    /// Whose it is; among several, whichever.
    fn tenant(item: &Self::Item) -> Option<TenantId>;

    /// Writes a batch, in order of arrival, and gives an outcome for each.
    fn write(
        &self,
        tx: &DatabaseTransaction,
        outbox: &mut Outbox,
        batch: &[Self::Item],
    ) -> impl Future<Output = Result<Vec<Self::Outcome>, DbErr>> + Send;
}

/// Where and when it is written, and who hears of it.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The database.
    pub db: Db,
    /// What time it is.
    pub clock: Clock,
    /// Rung after the commit.
    pub bell: Bell,
}

/// Writes items together.
pub struct Together<W: Write> {
    shared: Arc<Shared<W>>,
    /// The writer must outlive the request, and the thread, that set it off.
    runtime: Handle,
}

struct Shared<W: Write> {
    desk: Desk,
    writer: W,
    queue: Mutex<Queue<W>>,
}

struct Queue<W: Write> {
    waiting: VecDeque<Waiting<W>>,
    /// Whether somebody is at it.
    written: bool,
}

struct Waiting<W: Write> {
    item: W::Item,
    tell: oneshot::Sender<Result<W::Outcome, Arc<DbErr>>>,
}

/// Why an item was not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotWritten {
    /// As many wait as may.
    #[error("{0} items of its kind wait to be written already")]
    Full(usize),
    /// The writer panicked, or its runtime has ended.
    #[error("the task that writes has ended")]
    Ended,
    /// What the database says.
    #[error(transparent)]
    Database(Arc<DbErr>),
}

impl<W: Write> std::fmt::Debug for Together<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What waits may be what customers write.
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

impl<W: Write> Together<W> {
    /// Writes on the runtime that this is called on.
    #[must_use]
    pub fn new(desk: Desk, writer: W) -> Self {
        let queue = Mutex::new(Queue {
            waiting: VecDeque::new(),
            written: false,
        });
        Self {
            shared: Arc::new(Shared {
                desk,
                writer,
                queue,
            }),
            runtime: Handle::current(),
        }
    }

    /// Writes the item, with whatever else is there, and answers after the commit.
    ///
    /// An item whose caller stops waiting before its turn is not written.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub async fn write(&self, item: W::Item) -> Result<W::Outcome, NotWritten> {
        let (tell, told) = oneshot::channel();
        {
            let mut queue = self.shared.queue();
            if queue.waiting.len() >= W::MOST_WAITING {
                return Err(NotWritten::Full(W::MOST_WAITING));
            }
            queue.waiting.push_back(Waiting { item, tell });
            if !queue.written {
                queue.written = true;
                self.runtime.spawn(Arc::clone(&self.shared).run());
            }
        }
        match told.await {
            Ok(outcome) => outcome.map_err(NotWritten::Database),
            Err(_) => Err(NotWritten::Ended),
        }
    }
}

/// Lets the next item set off a new writer when this one panics or its runtime ends.
struct AtWork<'shared, W: Write>(&'shared Shared<W>);

impl<W: Write> Drop for AtWork<'_, W> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.written = false;
        // They are told by their dropped senders.
        queue.waiting.clear();
    }
}

impl<W: Write> Shared<W> {
    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>) {
        while let Some(batch) = self.next() {
            let at_work = AtWork(&self);
            self.write_batch(batch).await;
            // `next` says that nobody is at work under the lock of the look that finds nothing.
            std::mem::forget(at_work);
        }
    }

    /// What waits, or nothing: then the next item finds nobody at work.
    fn next(&self) -> Option<Vec<Waiting<W>>> {
        let mut queue = self.queue();
        queue.waiting.retain(|waiting| !waiting.tell.is_closed());
        let count = queue.waiting.len().min(AT_ONCE);
        let batch: Vec<_> = queue.waiting.drain(..count).collect();
        if batch.is_empty() {
            queue.written = false;
            return None;
        }
        Some(batch)
    }

    async fn write_batch(&self, batch: Vec<Waiting<W>>) {
        let items: Vec<W::Item> = batch.iter().map(|waiting| waiting.item.clone()).collect();
        match self.commit(&items).await {
            Ok(outcomes) => {
                for (waiting, outcome) in batch.into_iter().zip(outcomes) {
                    tell(waiting, Ok(outcome));
                }
            }
            Err(error) if batch.len() > 1 && may_work_alone(&error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    items = batch.len(),
                    of = std::any::type_name::<W>(),
                    "What could not be written together is written one by one",
                );
                self.write_each(batch).await;
            }
            Err(error) => fail(batch, &Arc::new(error)),
        }
    }

    async fn write_each(&self, batch: Vec<Waiting<W>>) {
        let mut batch = VecDeque::from(batch);
        // Whose rows are held by somebody else for long must not keep the others waiting again and
        // again.
        let mut held: Vec<(TenantId, Arc<DbErr>)> = Vec::new();
        while let Some(waiting) = batch.pop_front() {
            let tenant = W::tenant(&waiting.item);
            let same = held.iter().find(|(holder, _)| Some(*holder) == tenant);
            if let Some((_, error)) = same {
                tell(waiting, Err(Arc::clone(error)));
                continue;
            }
            let outcome = self.commit(std::slice::from_ref(&waiting.item)).await;
            match outcome.map(|mut outcomes| outcomes.pop()) {
                Ok(Some(outcome)) => tell(waiting, Ok(outcome)),
                Ok(None) => drop(waiting),
                Err(error) => {
                    let contended = db::is_contention(&error);
                    let away = db::is_unavailable(&error) && !contended;
                    let error = Arc::new(error);
                    tell(waiting, Err(Arc::clone(&error)));
                    if away {
                        return fail(batch, &error);
                    }
                    held.extend(tenant.filter(|_| contended).map(|tenant| (tenant, error)));
                }
            }
        }
    }

    async fn commit(&self, items: &[W::Item]) -> Result<Vec<W::Outcome>, DbErr> {
        let Desk { db, clock, bell } = &self.desk;
        let tx = db.write_tx_in_haste().await?;
        let mut outbox = Outbox::new();
        let outcomes = self.writer.write(&tx, &mut outbox, items).await?;
        outbox.commit(tx, clock.now(), bell).await?;
        Ok(outcomes)
    }
}

/// Whether the fault may lie with one item or in their being together, and not with the database.
fn may_work_alone(error: &DbErr) -> bool {
    db::is_contention(error) || !db::is_unavailable(error)
}

fn fail<W: Write>(batch: impl IntoIterator<Item = Waiting<W>>, error: &Arc<DbErr>) {
    for waiting in batch {
        tell(waiting, Err(Arc::clone(error)));
    }
}

fn tell<W: Write>(waiting: Waiting<W>, outcome: Result<W::Outcome, Arc<DbErr>>) {
    // Who has left is not told: what was written stays.
    let _ = waiting.tell.send(outcome);
}

#[cfg(test)]
mod tests;
