//! Measures how the queue stands, for whoever watches the service.

use std::time::Duration;

use db::Db;
use entity::clock::Clock;
use sea_orm::DbErr;

use super::{Job, Round};
use crate::figures;

/// Measures how long the oldest text of each class has been due, and how many numbers stand still.
/// Comes round every 15 seconds. What leaves is measured as it leaves; this sees what does not.
#[derive(Debug)]
pub(crate) struct WatchQueue {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

impl Job for WatchQueue {
    const NAME: &'static str = "watch_queue";
    const EVERY: Duration = Duration::from_secs(15);

    async fn round(&self) -> Result<Round, DbErr> {
        let conn = self.db.read();
        let now_ms = queue::now_ms(conn, &self.clock).await?;
        for oldest in queue::oldest(conn, now_ms).await? {
            figures::oldest(oldest.class, oldest.age_ms);
        }
        figures::standing_still(queue::paused(conn, now_ms).await?);
        Ok(Round::Done)
    }
}
