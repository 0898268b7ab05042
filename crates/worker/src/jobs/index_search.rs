//! Keeps the search index up with what happens, and fills in what was there before it.

use std::time::Duration;

use chrono::TimeDelta;
use conversations::search::indexing::{self, State};
use db::Db;
use entity::clock::Clock;
use sea_orm::DbErr;
use search::progress::{self, Among};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Job, Round};

/// How many tenants one round looks after. Finding them may go through the counters of all tenants, so it
/// has to be for many.
const FOUND: u64 = 2000;

/// It takes no more than one part in so many of the time, however many tenants there are.
const LOOKING: u32 = 5;

/// How often all tenants are looked at. In between those are about whom there was news lately; who is found
/// only now had trouble, or news by a clock that is wrong.
const ALL_EVERY: Duration = Duration::from_secs(60);

/// How long news counts as such: longer than it takes to be committed and looked for.
const LATELY: TimeDelta = TimeDelta::minutes(1);

/// How many tenants are indexed in one transaction.
const TOGETHER: usize = 250;

/// For how many tenants a round fills in what was there before; news of all others goes before it.
const FILLED: usize = 50;

/// Indexes what is new, of many tenants in one transaction. Comes round every 400 ms, so that what came in
/// is found within a second.
#[derive(Debug)]
pub(crate) struct IndexSearch {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    /// When all tenants were looked at and none had news left.
    pub(crate) all_looked_at: Mutex<Option<Instant>>,
}

impl Job for IndexSearch {
    const NAME: &'static str = "index_search";
    const EVERY: Duration = Duration::from_millis(400);

    async fn round(&self) -> Result<Round, DbErr> {
        let began = Instant::now();
        let among = self.among().await;
        let behind = progress::behind(self.db.read(), among, FOUND).await?;
        let looked = began.elapsed();
        let mut more = behind.len() as u64 >= FOUND;
        let mut filling = Vec::new();
        for behind in behind.chunks(TOGETHER) {
            let states = progress::of_each(self.db.writer(), behind, self.clock.now()).await?;
            let (to_fill, whole): (Vec<_>, Vec<_>) =
                states.into_iter().partition(indexing::is_filling);
            filling.extend(to_fill);
            if !whole.is_empty() {
                more |= self.try_index(whole).await?;
            }
        }
        if among == Among::All && !more {
            // Those that are being filled in are found in any case.
            *self.all_looked_at.lock().await = Some(began);
        }
        more |= filling.len() > FILLED;
        for state in filling.into_iter().take(FILLED) {
            more |= self.try_index(vec![state]).await?;
        }
        if !more {
            return Ok(Round::Done);
        }
        let rest = (looked * LOOKING).saturating_sub(began.elapsed());
        tokio::time::sleep(rest).await;
        Ok(Round::More)
    }
}

impl IndexSearch {
    async fn among(&self) -> Among {
        let looked_at = *self.all_looked_at.lock().await;
        if looked_at.is_some_and(|at| at.elapsed() < ALL_EVERY) {
            return Among::NewsSince(self.clock.now() - LATELY);
        }
        Among::All
    }

    /// Indexes a group, and when that fails each of its tenants by itself: one tenant's trouble keeps no
    /// other's texts from being found. Says whether there is more.
    async fn try_index(&self, group: Vec<State>) -> Result<bool, DbErr> {
        let mut more = false;
        let mut groups = vec![group];
        while let Some(group) = groups.pop() {
            match self.index(&group).await {
                Ok(rest) => more |= rest,
                Err(error) if db::is_unavailable(&error) && !db::is_contention(&error) => {
                    return Err(error);
                }
                Err(_) if group.len() > 1 => {
                    groups.extend(group.into_iter().map(|state| vec![state]));
                }
                Err(error) => tracing::error!(
                    tenant.id = group.first().map(|(of, _)| of.tenant_id.to_string()),
                    error = &error as &dyn std::error::Error,
                    "A tenant's texts can't be indexed; it is tried again"
                ),
            }
        }
        Ok(more)
    }

    /// One transaction's worth; says whether there is more.
    async fn index(&self, group: &[State]) -> Result<bool, DbErr> {
        let batch = indexing::read(self.db.read(), group).await?;
        let began = Instant::now();
        let tx = self.db.write_tx().await?;
        let whole = indexing::write(&tx, &batch, self.clock.now()).await?;
        tx.commit().await?;
        if batch.filled_in && batch.more {
            // There is no hurry with what is old: others get as much time to write as this takes.
            tokio::time::sleep(began.elapsed()).await;
        }
        Ok(batch.more || !whole)
    }
}
