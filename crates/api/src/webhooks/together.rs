//! One transaction for whatever has come in by the time it begins.
//!
//! A commit costs the same for one row and for a hundred. What comes in while one transaction is
//! being written is written together in the next; alone, nothing waits. It also bounds what
//! webhooks take of the database: one connection for each kind, however many arrive, so that
//! people's requests find one too.
//!
//! Nobody is answered before the commit, and one bad item never fails its neighbours: when a batch
//! fails, each of its items is written alone.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use conversations::sending::RetryPolicy;
use db::Db;
use entity::clock::Clock;
use entity::id::TenantId;
use events::{Bell, Outbox};
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::error::ApiError;

/// So many are written in one transaction: it has to end well within a webhook's time.
const AT_ONCE: usize = 64;

/// So many may wait. Twilio asks again for what it is told to, and whoever waits at the end of a
/// longer queue would not be answered in time.
const MOST_WAITING: usize = 1024;

/// What can be written with others of its kind.
pub(crate) trait Item: Clone + Send + Sync + 'static {
    /// What became of it.
    type Outcome: Send + 'static;

    /// Whose it is; among several, whichever.
    fn tenant(&self) -> Option<TenantId>;

    /// Writes a batch, in order of arrival, and gives an outcome for each.
    fn write(
        tools: &Tools,
        tx: &DatabaseTransaction,
        outbox: &mut Outbox,
        batch: &[Self],
    ) -> impl Future<Output = Result<Vec<Self::Outcome>, DbErr>> + Send;
}

/// What it takes to write.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bell: Bell,
    pub(crate) policy: RetryPolicy,
}

/// Writes items together.
pub(crate) struct Together<I: Item> {
    shared: Arc<Shared<I>>,
    /// The writer must outlive the request, and the thread, that set it off.
    runtime: Handle,
}

struct Shared<I: Item> {
    tools: Tools,
    queue: Mutex<Queue<I>>,
}

struct Queue<I: Item> {
    waiting: VecDeque<Waiting<I>>,
    /// Whether somebody is at it.
    written: bool,
}

struct Waiting<I: Item> {
    item: I,
    tell: oneshot::Sender<Result<I::Outcome, Arc<DbErr>>>,
}

/// Why an item was not written.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("{MOST_WAITING} webhooks wait already")]
    Full,
    #[error("the task that writes webhooks has ended")]
    Ended,
    #[error(transparent)]
    Database(Arc<DbErr>),
}

impl From<NotWritten> for ApiError {
    fn from(error: NotWritten) -> Self {
        match &error {
            NotWritten::Database(cause) if !db::is_unavailable(cause) => {
                Self::Internal(Box::new(error))
            }
            _ => Self::Unavailable(Some(Box::new(error))),
        }
    }
}

impl<I: Item> std::fmt::Debug for Together<I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What waits is what customers write.
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

impl<I: Item> Together<I> {
    /// Writes on the runtime that this is called on.
    pub(crate) fn new(tools: Tools) -> Self {
        let queue = Mutex::new(Queue {
            waiting: VecDeque::new(),
            written: false,
        });
        Self {
            shared: Arc::new(Shared { tools, queue }),
            runtime: Handle::current(),
        }
    }

    /// Writes the item, with whatever else is there, and answers after the commit.
    ///
    /// # Errors
    /// 503 when too much waits or the database is away. An item whose caller stops waiting before
    /// its turn is not written.
    pub(crate) async fn write(&self, item: I) -> Result<I::Outcome, ApiError> {
        let (tell, told) = oneshot::channel();
        {
            let mut queue = self.shared.queue();
            if queue.waiting.len() >= MOST_WAITING {
                return Err(NotWritten::Full.into());
            }
            queue.waiting.push_back(Waiting { item, tell });
            if !queue.written {
                queue.written = true;
                self.runtime.spawn(Arc::clone(&self.shared).run());
            }
        }
        match told.await {
            Ok(outcome) => outcome.map_err(|error| NotWritten::Database(error).into()),
            Err(_) => Err(NotWritten::Ended.into()),
        }
    }
}

/// Lets the next item set off a new writer when this one panics or its runtime ends.
struct AtWork<'shared, I: Item>(&'shared Shared<I>);

impl<I: Item> Drop for AtWork<'_, I> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.written = false;
        // They are told by their dropped senders.
        queue.waiting.clear();
    }
}

impl<I: Item> Shared<I> {
    fn queue(&self) -> MutexGuard<'_, Queue<I>> {
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
    fn next(&self) -> Option<Vec<Waiting<I>>> {
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

    async fn write_batch(&self, batch: Vec<Waiting<I>>) {
        let items: Vec<I> = batch.iter().map(|waiting| waiting.item.clone()).collect();
        match self.commit(&items).await {
            Ok(outcomes) => {
                for (waiting, outcome) in batch.into_iter().zip(outcomes) {
                    tell(waiting, Ok(outcome));
                }
            }
            Err(error) if batch.len() > 1 && may_work_alone(&error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    webhooks = batch.len(),
                    "Webhooks could not be written together; each is written alone",
                );
                self.write_each(batch).await;
            }
            Err(error) => fail(batch, &Arc::new(error)),
        }
    }

    async fn write_each(&self, batch: Vec<Waiting<I>>) {
        let mut batch = VecDeque::from(batch);
        // Whose rows are held by somebody else for long must not keep the others waiting again and
        // again.
        let mut held: Vec<(TenantId, Arc<DbErr>)> = Vec::new();
        while let Some(waiting) = batch.pop_front() {
            let tenant = waiting.item.tenant();
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

    async fn commit(&self, items: &[I]) -> Result<Vec<I::Outcome>, DbErr> {
        let tx = self.tools.db.write_tx_in_haste().await?;
        let mut outbox = Outbox::new();
        let outcomes = I::write(&self.tools, &tx, &mut outbox, items).await?;
        outbox
            .commit(tx, self.tools.clock.now(), &self.tools.bell)
            .await?;
        Ok(outcomes)
    }
}

/// Whether the fault may lie with one item or in their being together, and not with the database.
fn may_work_alone(error: &DbErr) -> bool {
    db::is_contention(error) || !db::is_unavailable(error)
}

fn fail<I: Item>(batch: impl IntoIterator<Item = Waiting<I>>, error: &Arc<DbErr>) {
    for waiting in batch {
        tell(waiting, Err(Arc::clone(error)));
    }
}

fn tell<I: Item>(waiting: Waiting<I>, outcome: Result<I::Outcome, Arc<DbErr>>) {
    // Who has left is not told: what was written stays, and Twilio asks again.
    let _ = waiting.tell.send(outcome);
}

#[cfg(test)]
mod tests;
