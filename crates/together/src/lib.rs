//! Whatever has come in by the time that something begins is done in one go.
//!
//! A commit costs the same for one row and for a hundred, and so does a query. What comes in while one
//! transaction is being written is written together in the next; alone, nothing waits, unless its kind
//! says that it may for a moment. It also bounds what the items of one kind take of the database: a
//! connection or two, however many come in, so that people's requests find one too.
//!
//! Nobody is answered before the commit, and one bad item never fails its neighbours: when a batch
//! fails, each of its items is done alone.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use db::Db;
use entity::clock::Clock;
use entity::id::TenantId;
use events::{Bell, Outbox};
use sea_orm::{DatabaseTransaction, DbBackend, DbErr};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// So many are done in one go: a transaction has to end well within a webhook's time.
const AT_ONCE: usize = 64;

/// So many have to wait for a batch to be begun beside another one: a few are done sooner and for less by
/// waiting for it.
const WORTH_ANOTHER: usize = 8;

/// Does something with items of one kind.
pub trait Batch: Send + Sync + 'static {
    /// With what.
    type Item: Clone + Send + Sync + 'static;
    /// What becomes of one.
    type Outcome: Send + 'static;

    /// So many may wait; one that comes then is refused.
    const MOST_WAITING: usize;

    /// For how long others are waited for before something begins, where nobody minds.
    const GATHERING: Duration = Duration::ZERO;

    /// How many batches may be under way at once.
    fn side_by_side(&self) -> usize {
        1
    }

    /// What has the same is done in the order in which it came: never in two batches at once.
    fn order(_: &Self::Item) -> Option<u64> {
        None
    }

    /// Whose it is, if one may keep its others waiting; among several, whichever.
    fn tenant(item: &Self::Item) -> Option<TenantId>;

    /// Does it, and gives an outcome for each, in order of arrival.
    fn run(
        &self,
        items: &[Self::Item],
    ) -> impl Future<Output = Result<Vec<Self::Outcome>, DbErr>> + Send;
}

/// Writes items of one kind.
pub trait Write: Send + Sync + 'static {
    /// What is written.
    type Item: Clone + Send + Sync + 'static;
    /// What becomes of one.
    type Outcome: Send + 'static;

    /// So many may wait; one that comes then is refused.
    const MOST_WAITING: usize;

    /// For how long others are waited for before a transaction begins, where nobody minds.
    const GATHERING: Duration = Duration::ZERO;

    /// How many transactions may be under way at once, where a database lets two write: while it works
    /// on one, the program does on the other. As between two replicas, none may wait crosswise.
    const SIDE_BY_SIDE: usize = 1;

    /// What has the same is written in the order in which it came, also where two transactions are under
    /// way.
    fn order(_: &Self::Item) -> Option<u64> {
        None
    }

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

/// Writes each batch in a transaction of its own.
#[derive(Debug)]
pub struct Committed<W> {
    desk: Desk,
    writer: W,
}

impl<W: Write> Batch for Committed<W> {
    type Item = W::Item;
    type Outcome = W::Outcome;

    const MOST_WAITING: usize = W::MOST_WAITING;
    const GATHERING: Duration = W::GATHERING;

    fn side_by_side(&self) -> usize {
        match self.desk.db.backend() {
            DbBackend::Sqlite => 1,
            _ => W::SIDE_BY_SIDE,
        }
    }

    fn order(item: &W::Item) -> Option<u64> {
        W::order(item)
    }

    fn tenant(item: &W::Item) -> Option<TenantId> {
        W::tenant(item)
    }

    async fn run(&self, items: &[W::Item]) -> Result<Vec<W::Outcome>, DbErr> {
        let Desk { db, clock, bell } = &self.desk;
        let tx = db.write_tx_in_haste().await?;
        let mut outbox = Outbox::new();
        let outcomes = self.writer.write(&tx, &mut outbox, items).await?;
        outbox.commit(tx, clock.now(), bell).await?;
        Ok(outcomes)
    }
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

/// Does together what waits together.
pub struct Together<B: Batch> {
    shared: Arc<Shared<B>>,
    /// What is begun must outlive the request, and the thread, that set it off.
    runtime: Handle,
}

struct Shared<B: Batch> {
    batch: B,
    queue: Mutex<Queue<B>>,
}

struct Queue<B: Batch> {
    waiting: VecDeque<Waiting<B>>,
    /// How many are at it.
    at_work: usize,
    /// What those have at hand whose order is to be kept.
    at_hand: HashSet<u64>,
}

impl<B: Batch> Queue<B> {
    /// Whether there is enough for one more beside those who are at it.
    fn is_worth(&self, others: usize) -> bool {
        self.waiting.len() > others * WORTH_ANOTHER
    }

    /// Takes what may be done now, the first come first.
    fn take(&mut self) -> Vec<Waiting<B>> {
        let (mut batch, mut left) = (Vec::new(), VecDeque::new());
        for waiting in self.waiting.drain(..) {
            let follows = waiting
                .order()
                .is_some_and(|order| self.at_hand.contains(&order));
            if follows || batch.len() >= AT_ONCE {
                left.push_back(waiting);
            } else {
                batch.push(waiting);
            }
        }
        self.waiting = left;
        self.at_hand.extend(batch.iter().filter_map(Waiting::order));
        batch
    }
}

struct Waiting<B: Batch> {
    item: B::Item,
    tell: oneshot::Sender<Result<B::Outcome, Arc<DbErr>>>,
}

impl<B: Batch> Waiting<B> {
    fn order(&self) -> Option<u64> {
        B::order(&self.item)
    }
}

/// Why nothing was done with an item.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotDone {
    /// As many wait as may.
    #[error("{0} items of its kind wait already")]
    Full(usize),
    /// The task panicked, or its runtime has ended.
    #[error("the task that does it has ended")]
    Ended,
    /// What the database says.
    #[error(transparent)]
    Database(Arc<DbErr>),
}

impl<B: Batch> std::fmt::Debug for Together<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What waits may be what customers write.
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

impl<W: Write> Together<Committed<W>> {
    /// Writes in transactions of its own, on the runtime that this is called on.
    #[must_use]
    pub fn committed(desk: Desk, writer: W) -> Self {
        Self::new(Committed { desk, writer })
    }
}

impl<B: Batch> Together<B> {
    /// Writes on the runtime that this is called on.
    #[must_use]
    pub fn new(batch: B) -> Self {
        let queue = Mutex::new(Queue {
            waiting: VecDeque::new(),
            at_work: 0,
            at_hand: HashSet::new(),
        });
        Self {
            shared: Arc::new(Shared { batch, queue }),
            runtime: Handle::current(),
        }
    }

    /// Does it with the item and whatever else is there, and answers when it is done.
    ///
    /// Nothing is done with an item whose caller stops waiting before its turn.
    ///
    /// # Errors
    /// [`NotDone`].
    pub async fn run(&self, item: B::Item) -> Result<B::Outcome, NotDone> {
        let (tell, told) = oneshot::channel();
        let at_work = {
            let mut queue = self.shared.queue();
            if queue.waiting.len() >= B::MOST_WAITING {
                return Err(NotDone::Full(B::MOST_WAITING));
            }
            queue.waiting.push_back(Waiting { item, tell });
            let others = queue.at_work;
            if others < self.shared.batch.side_by_side() && queue.is_worth(others) {
                queue.at_work += 1;
                // From now on, as a runtime that ends may drop the task before it begins.
                Some(AtWork {
                    shared: Arc::clone(&self.shared),
                    at_hand: Vec::new(),
                    has_ended: false,
                })
            } else {
                None
            }
        };
        // Not under the lock, which it takes when it is dropped.
        if let Some(at_work) = at_work {
            self.runtime.spawn(at_work.run());
        }
        match told.await {
            Ok(outcome) => outcome.map_err(NotDone::Database),
            Err(_) => Err(NotDone::Ended),
        }
    }
}

/// The task that does what waits. When it panics or its runtime ends, the next item sets off a new one.
struct AtWork<B: Batch> {
    shared: Arc<Shared<B>>,
    /// What it has at hand whose order is to be kept.
    at_hand: Vec<u64>,
    has_ended: bool,
}

impl<B: Batch> AtWork<B> {
    async fn run(mut self) {
        while let Some(batch) = self.gathered().await {
            self.shared.run_batch(batch).await;
        }
        // `next` has said so, under the lock of the look that found nothing.
        self.has_ended = true;
    }

    async fn gathered(&mut self) -> Option<Vec<Waiting<B>>> {
        if !B::GATHERING.is_zero() && self.shared.queue().waiting.len() < AT_ONCE {
            tokio::time::sleep(B::GATHERING).await;
        }
        self.next()
    }

    /// What waits, or nothing: then there is one fewer at work, and what is too little for two, or has to
    /// follow what others have at hand, is left to them.
    fn next(&mut self) -> Option<Vec<Waiting<B>>> {
        let shared = Arc::clone(&self.shared);
        let mut queue = shared.queue();
        for order in self.at_hand.drain(..) {
            queue.at_hand.remove(&order);
        }
        queue.waiting.retain(|waiting| !waiting.tell.is_closed());
        let batch = match queue.is_worth(queue.at_work - 1) {
            true => queue.take(),
            false => Vec::new(),
        };
        if batch.is_empty() {
            queue.at_work -= 1;
            return None;
        }
        self.at_hand.extend(batch.iter().filter_map(Waiting::order));
        Some(batch)
    }
}

impl<B: Batch> Drop for AtWork<B> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let mut queue = self.shared.queue();
        for order in &self.at_hand {
            queue.at_hand.remove(order);
        }
        queue.at_work -= 1;
        if queue.at_work == 0 {
            // They are told by their dropped senders.
            queue.waiting.clear();
        }
    }
}

impl<B: Batch> Shared<B> {
    fn queue(&self) -> MutexGuard<'_, Queue<B>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run_batch(&self, batch: Vec<Waiting<B>>) {
        let items: Vec<B::Item> = batch.iter().map(|waiting| waiting.item.clone()).collect();
        match self.batch.run(&items).await {
            Ok(outcomes) => {
                for (waiting, outcome) in batch.into_iter().zip(outcomes) {
                    tell(waiting, Ok(outcome));
                }
            }
            Err(error) if batch.len() > 1 && may_work_alone(&error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    items = batch.len(),
                    of = std::any::type_name::<B>(),
                    "What could not be done together is done one by one",
                );
                self.run_each(batch).await;
            }
            Err(error) => fail(batch, &Arc::new(error)),
        }
    }

    async fn run_each(&self, batch: Vec<Waiting<B>>) {
        let mut batch = VecDeque::from(batch);
        // Whose rows are held by somebody else for long must not keep the others waiting again and
        // again.
        let mut held: Vec<(TenantId, Arc<DbErr>)> = Vec::new();
        while let Some(waiting) = batch.pop_front() {
            let tenant = B::tenant(&waiting.item);
            let same = held.iter().find(|(holder, _)| Some(*holder) == tenant);
            if let Some((_, error)) = same {
                tell(waiting, Err(Arc::clone(error)));
                continue;
            }
            let outcome = self.batch.run(std::slice::from_ref(&waiting.item)).await;
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
}

/// Whether the fault may lie with one item or in their being together, and not with the database.
fn may_work_alone(error: &DbErr) -> bool {
    db::is_contention(error) || !db::is_unavailable(error)
}

fn fail<B: Batch>(batch: impl IntoIterator<Item = Waiting<B>>, error: &Arc<DbErr>) {
    for waiting in batch {
        tell(waiting, Err(Arc::clone(error)));
    }
}

fn tell<B: Batch>(waiting: Waiting<B>, outcome: Result<B::Outcome, Arc<DbErr>>) {
    // Who has left is not told: what was done stays.
    let _ = waiting.tell.send(outcome);
}

#[cfg(test)]
mod tests;
