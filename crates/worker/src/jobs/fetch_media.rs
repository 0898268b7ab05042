//! Fetches the files of texts that came in, and deletes them at Twilio where the tenant wants that.
//!
//! A few are in hand at once, and of each tenant fewer, so that neither a slow file nor a tenant with
//! many keeps the others waiting: whatever ends makes room at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use conversations::attachments;
use db::Db;
use entity::clock::Clock;
use entity::id::TenantId;
use sea_orm::DbErr;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use super::{Job, Round};

mod errand;

pub(crate) use errand::Errand;

/// How many are fetched at once.
const AT_ONCE: usize = 8;

/// How many of one tenant.
const OF_ONE: usize = 4;

/// How long one may take before somebody else begins it anew: its request, the store, and what is
/// written down.
const LEASE: Duration = Duration::from_secs(180);

/// Fetches what is due. Comes round every half second.
#[derive(Debug)]
pub(crate) struct FetchMedia {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    errand: Arc<Errand>,
    places: Arc<Semaphore>,
    busy: Busy,
    tasks: TaskTracker,
}

/// How many files of each tenant are in hand.
type Busy = Arc<Mutex<HashMap<TenantId, usize>>>;

/// A file in hand; when it is dropped, there is room for another.
struct Place {
    tenant: TenantId,
    busy: Busy,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn new(tenant: TenantId, busy: &Busy, permit: OwnedSemaphorePermit) -> Self {
        let mut counts = busy.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(tenant).or_default() += 1;
        Self {
            tenant,
            busy: Arc::clone(busy),
            _permit: permit,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.tenant);
            }
        }
    }
}

impl FetchMedia {
    /// `tasks` are waited for at the end; what does not end in time comes back when its lease is over.
    pub(crate) fn new(errand: Errand, tasks: TaskTracker) -> Self {
        Self {
            db: errand.db.clone(),
            clock: errand.clock.clone(),
            errand: Arc::new(errand),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            busy: Busy::default(),
            tasks,
        }
    }

    /// All places that are free, once there is one.
    async fn room(&self) -> Vec<OwnedSemaphorePermit> {
        let places = || Arc::clone(&self.places);
        let first = tokio::time::timeout(Self::EVERY, places().acquire_owned()).await;
        let Ok(Ok(first)) = first else {
            return Vec::new();
        };
        let mut room = vec![first];
        while let Ok(more) = places().try_acquire_owned() {
            room.push(more);
        }
        room
    }
}

impl Job for FetchMedia {
    const NAME: &'static str = "fetch_media";
    const EVERY: Duration = Duration::from_millis(500);

    async fn round(&self) -> Result<Round, DbErr> {
        if !attachments::is_any_due(self.db.read(), &self.clock).await? {
            return Ok(Round::Done);
        }
        let room = self.room().await;
        let busy = self
            .busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let tx = self.db.write_tx().await?;
        let taken =
            attachments::take_due(&tx, &self.clock, room.len(), OF_ONE, &busy, LEASE).await?;
        tx.commit().await?;
        let round = if taken.is_empty() {
            Round::Done
        } else {
            Round::More
        };
        for (row, permit) in taken.into_iter().zip(room) {
            let place = Place::new(row.tenant_id, &self.busy, permit);
            let errand = Arc::clone(&self.errand);
            self.tasks.spawn(async move {
                errand.run(&row).await;
                drop(place);
            });
        }
        Ok(round)
    }
}
