//! Following a tenant's events, without a gap.
//!
//! However many follow a tenant, its log is read once: one task a tenant reads what is new when
//! the bell rings and passes it on. A follower reads the log itself only for what it has missed:
//! from where it resumes, and when it was too slow.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use db::Db;
use entity::event;
use entity::id::TenantId;
use sea_orm::DbErr;
use tokio::runtime::Handle;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;

use crate::{Bell, log};

/// How many events one look at the log reads.
const PAGE: u64 = 200;

/// How many events a follower may be behind before it reads the log itself. Every tenant that is
/// followed takes room for so many.
const ROOM: usize = 64;

/// How long to leave the database alone after it failed.
const AFTER_ERROR: Duration = Duration::from_millis(500);

/// An event as followers get it: one copy for all.
pub type Event = Arc<event::Model>;

/// The tenants that somebody follows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feeds {
    db: Db,
    bell: Bell,
    runtime: Handle,
    open: Arc<Mutex<HashMap<TenantId, broadcast::Sender<Event>>>>,
}

impl Feeds {
    /// None yet. What is read, is read on the runtime that this is called on.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn new(db: Db, bell: Bell) -> Self {
        Self {
            db,
            bell,
            runtime: Handle::current(),
            open: Arc::default(),
        }
    }

    /// Follows the tenant: all that comes after the event of this number, or after now.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn follow(&self, tenant: TenantId, after: Option<i64>) -> Result<Follower, DbErr> {
        // Listened to before the log is looked at, so that nothing falls between.
        let rung = self.bell.listen(tenant);
        let live = self.join(tenant);
        let kept = log::kept(self.db.read(), tenant).await?;
        let live = match live {
            Some(live) => live,
            None => self.open(tenant, kept.last, rung),
        };
        let resumes = after.is_none_or(|after| (kept.forgotten..=kept.last).contains(&after));
        let seen = after.filter(|_| resumes).unwrap_or(kept.last);
        Ok(Follower {
            db: self.db.clone(),
            tenant,
            seen,
            missed: !resumes,
            // A feed that was joined just now may have passed on more than was kept a moment ago.
            behind: true,
            backlog: VecDeque::new(),
            live,
        })
    }

    fn join(&self, tenant: TenantId) -> Option<broadcast::Receiver<Event>> {
        Some(self.open_feeds().get(&tenant)?.subscribe())
    }

    /// Joins the feed of the tenant, or begins it after `seq`.
    fn open(
        &self,
        tenant: TenantId,
        seq: i64,
        rung: watch::Receiver<i64>,
    ) -> broadcast::Receiver<Event> {
        let mut open = self.open_feeds();
        if let Some(there) = open.get(&tenant) {
            return there.subscribe();
        }
        let (feed, live) = broadcast::channel(ROOM);
        open.insert(tenant, feed.clone());
        let feeds = self.clone();
        self.runtime.spawn(async move {
            feeds.run(tenant, seq, rung, &feed).await;
        });
        live
    }

    /// Reads what is new and passes it on, until nobody follows any more.
    async fn run(
        &self,
        tenant: TenantId,
        mut seq: i64,
        mut rung: watch::Receiver<i64>,
        feed: &broadcast::Sender<Event>,
    ) {
        loop {
            let latest = *rung.borrow_and_update();
            if latest > seq {
                seq = self.pass_on(tenant, seq, latest, feed).await;
                continue;
            }
            tokio::select! {
                changed = rung.changed() => if changed.is_err() { return },
                () = feed.closed() => if self.close(tenant, feed) { return },
            }
        }
    }

    /// Passes a page on and gives how far it went.
    async fn pass_on(
        &self,
        tenant: TenantId,
        seq: i64,
        latest: i64,
        feed: &broadcast::Sender<Event>,
    ) -> i64 {
        let rows = match log::after(self.db.read(), tenant, seq, PAGE).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "Events can't be read; trying again",
                );
                tokio::time::sleep(AFTER_ERROR).await;
                return seq;
            }
        };
        let whole = (rows.len() as u64) < PAGE;
        let read = rows.last().map_or(seq, |row| row.seq);
        for row in rows {
            // Nobody there: the loop sees it.
            let _ = feed.send(Arc::new(row));
        }
        // The latest numbers may be no events.
        if whole { Ord::max(read, latest) } else { read }
    }

    /// Closes the feed, unless somebody has joined it in the meantime.
    fn close(&self, tenant: TenantId, feed: &broadcast::Sender<Event>) -> bool {
        let mut open = self.open_feeds();
        let alone = feed.receiver_count() == 0;
        if alone {
            open.remove(&tenant);
        }
        alone
    }

    fn open_feeds(&self) -> MutexGuard<'_, HashMap<TenantId, broadcast::Sender<Event>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who follows a tenant's events.
#[derive(Debug)]
pub struct Follower {
    db: Db,
    tenant: TenantId,
    /// The number of the latest event that was given out, or passed over.
    seen: i64,
    missed: bool,
    /// Whether the log is to be read: not all that came before is in `live`.
    behind: bool,
    backlog: VecDeque<Event>,
    live: broadcast::Receiver<Event>,
}

impl Follower {
    /// From where a later follower would go on.
    #[must_use]
    pub fn cursor(&self) -> i64 {
        self.seen
    }

    /// Whether there is a gap before the first event: from where it was to go on is not kept any
    /// more, or never was.
    #[must_use]
    pub fn has_missed(&self) -> bool {
        self.missed
    }

    /// The next event, as soon as there is one. May be dropped at any time: nothing is lost.
    ///
    /// # Errors
    /// When the database is away; it can be called again.
    pub async fn next(&mut self) -> Result<Event, DbErr> {
        loop {
            if let Some(event) = self.backlog.pop_front() {
                self.seen = event.seq;
                return Ok(event);
            }
            if self.behind {
                self.read_log().await?;
                continue;
            }
            match self.live.recv().await {
                Ok(event) if event.seq > self.seen => {
                    self.seen = event.seq;
                    return Ok(event);
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.behind = true,
                // Its task panicked, which the log of the process tells.
                Err(RecvError::Closed) => {
                    return Err(DbErr::Custom("the feed has ended".to_owned()));
                }
            }
        }
    }

    /// The next event, if it is at hand.
    pub fn at_hand(&mut self) -> Option<Event> {
        let event = match self.backlog.pop_front() {
            Some(event) => event,
            None if self.behind => return None,
            None => loop {
                match self.live.try_recv() {
                    Ok(event) if event.seq > self.seen => break event,
                    Ok(_) => {}
                    Err(broadcast::error::TryRecvError::Lagged(_)) => {
                        self.behind = true;
                        return None;
                    }
                    Err(_) => return None,
                }
            },
        };
        self.seen = event.seq;
        Some(event)
    }

    async fn read_log(&mut self) -> Result<(), DbErr> {
        let rows = log::after(self.db.read(), self.tenant, self.seen, PAGE).await?;
        self.behind = rows.len() as u64 == PAGE;
        self.backlog = rows.into_iter().map(Arc::new).collect();
        Ok(())
    }
}
