//! Brings snoozed conversations back when their time has come.

use std::time::Duration;

use conversations::threads;
use db::Db;
use entity::clock::Clock;
use events::{Bell, Outbox};
use sea_orm::DbErr;

use super::{Job, Round};

/// How many conversations one transaction opens.
const BATCH: usize = 200;

/// Opens the conversations whose snooze is over. Comes round every 15 seconds.
#[derive(Debug)]
pub(crate) struct WakeSnoozed {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) bell: Bell,
}

impl Job for WakeSnoozed {
    const NAME: &'static str = "wake_snoozed";
    const EVERY: Duration = Duration::from_secs(15);

    async fn round(&self) -> Result<Round, DbErr> {
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        let woken = threads::wake_snoozed(&tx, &self.clock, &mut outbox, BATCH as u64).await?;
        outbox.commit(tx, self.clock.now(), &self.bell).await?;
        if woken > 0 {
            tracing::debug!(woken, "Snoozed conversations are open again");
        }
        Ok(if woken < BATCH {
            Round::Done
        } else {
            Round::More
        })
    }
}
