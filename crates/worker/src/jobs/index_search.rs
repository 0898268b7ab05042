//! Keeps the search index up with what happens, and fills in what was there before it.

use std::time::Duration;

use conversations::search::indexing::{self, State};
use db::Db;
use entity::clock::Clock;
use sea_orm::DbErr;
use search::progress;
use tokio::time::Instant;

use super::{Job, Round};

/// How many tenants one round looks after.
const TENANTS: u64 = 250;

/// Indexes what is new, of many tenants in one transaction. Comes round every 400 ms, so that what came in
/// is found within a second.
#[derive(Debug)]
pub(crate) struct IndexSearch {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

impl Job for IndexSearch {
    const NAME: &'static str = "index_search";
    const EVERY: Duration = Duration::from_millis(400);

    async fn round(&self) -> Result<Round, DbErr> {
        let behind = progress::behind(self.db.read(), TENANTS).await?;
        let mut more = behind.len() as u64 >= TENANTS;
        let now = self.clock.now();
        let states = progress::of_each(self.db.writer(), &behind, now).await?;
        for group in indexing::groups(states) {
            more |= self.try_index(group).await?;
        }
        Ok(if more { Round::More } else { Round::Done })
    }
}

impl IndexSearch {
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
