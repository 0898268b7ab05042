//! Who waits for a tenant's events is woken, in this process at once and in others by a relay.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::id::TenantId;
use tokio::sync::{Notify, watch};

/// Wakes those who wait for a tenant's events. Cheap to clone: clones are one bell.
///
/// It is rung after the commit with the number of the latest event, and rings for nobody when
/// nobody waits.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The latest number that was rung, for each tenant for whom somebody waits.
    waiting: Mutex<HashMap<TenantId, watch::Sender<i64>>>,
    /// What other processes are still to be told; nothing where there are none.
    far: Option<Far>,
}

#[derive(Debug, Default)]
struct Far {
    untold: Mutex<BTreeMap<TenantId, i64>>,
    any: Notify,
}

impl Bell {
    /// One whose ringing is to be carried to other processes, by a [`crate::Relay`].
    #[must_use]
    pub fn heard_afar() -> Self {
        Self(Arc::new(Inner {
            far: Some(Far::default()),
            ..Inner::default()
        }))
    }

    /// Says that the tenant's events up to `seq` have been committed by this process.
    pub fn ring(&self, tenant: TenantId, seq: i64) {
        self.ring_here(tenant, seq);
        if let Some(far) = &self.0.far {
            let mut untold = lock(&far.untold);
            let known = untold.entry(tenant).or_insert(seq);
            *known = Ord::max(*known, seq);
            far.any.notify_one();
        }
    }

    /// As [`Bell::ring`], for what another process has committed.
    pub(crate) fn ring_here(&self, tenant: TenantId, seq: i64) {
        if let Some(rung) = self.waiting().get(&tenant) {
            rung.send_if_modified(|known| {
                let later = seq > *known;
                *known = Ord::max(*known, seq);
                later
            });
        }
    }

    /// Hears the tenant's bell from now on.
    pub(crate) fn listen(&self, tenant: TenantId) -> watch::Receiver<i64> {
        let mut waiting = self.waiting();
        waiting.entry(tenant).or_default().subscribe()
    }

    /// The tenants for whom somebody waits; those for whom nobody does any more are forgotten.
    pub(crate) fn tenants(&self) -> Vec<TenantId> {
        let mut waiting = self.waiting();
        waiting.retain(|_, rung| rung.receiver_count() > 0);
        waiting.keys().copied().collect()
    }

    /// What has been rung here since the last call, as soon as there is anything. Never, where
    /// there is nobody to tell.
    pub(crate) async fn untold(&self) -> BTreeMap<TenantId, i64> {
        let Some(far) = &self.0.far else {
            return std::future::pending().await;
        };
        loop {
            let untold = std::mem::take(&mut *lock(&far.untold));
            if !untold.is_empty() {
                return untold;
            }
            far.any.notified().await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<TenantId, watch::Sender<i64>>> {
        lock(&self.0.waiting)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
