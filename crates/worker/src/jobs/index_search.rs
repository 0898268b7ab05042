//! Keeps the search index up with what happens, and fills in what was there before it.

use std::time::Duration;

use conversations::search::indexing;
use db::Db;
use entity::clock::Clock;
use sea_orm::DbErr;
use search::progress::{self, Behind};
use tokio::time::Instant;

use super::{Job, Round};

/// How many tenants one round looks after.
const TENANTS: u64 = 50;

/// Indexes what is new, in a transaction for each tenant. Comes round every 400 ms, so that what came in
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
        for tenant in &behind {
            match self.index(tenant).await {
                Ok(rest) => more |= rest,
                Err(error) if db::is_unavailable(&error) && !db::is_contention(&error) => {
                    return Err(error);
                }
                // One tenant's trouble keeps no other's texts from being found.
                Err(error) => tracing::error!(
                    tenant.id = %tenant.tenant_id,
                    error = &error as &dyn std::error::Error,
                    "A tenant's texts can't be indexed; it is tried again"
                ),
            }
        }
        Ok(if more { Round::More } else { Round::Done })
    }
}

impl IndexSearch {
    /// One transaction's worth; says whether there is more.
    async fn index(&self, behind: &Behind) -> Result<bool, DbErr> {
        let now = self.clock.now();
        let progress = progress::of(self.db.writer(), behind, now).await?;
        let batch = indexing::read(self.db.read(), behind, progress).await?;
        let began = Instant::now();
        let tx = self.db.write_tx().await?;
        if !indexing::write(&tx, &batch, now).await? {
            return Ok(true);
        }
        tx.commit().await?;
        if batch.filled_in && batch.more {
            // There is no hurry with what is old: others get as much time to write as this takes.
            tokio::time::sleep(began.elapsed()).await;
        }
        Ok(batch.more)
    }
}
