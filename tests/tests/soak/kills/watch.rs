//! Watching which attempts are in doubt: what has been settled leaves no other trace.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sea_orm::prelude::Uuid;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::super::Rows;

const INTERVAL: Duration = Duration::from_millis(300);

/// Of which message, and the how-manieth.
pub(super) type Attempt = (Uuid, i32);

/// Looks on until it is told to stop.
pub(super) struct Watch {
    end: oneshot::Sender<()>,
    seen: JoinHandle<HashSet<Attempt>>,
}

impl Watch {
    /// An attempt that is being made for longer than `in_flight` has lost its worker.
    pub(super) fn start(rows: Rows, in_flight: Duration) -> Self {
        let (end, mut ended) = oneshot::channel();
        let seen = tokio::spawn(async move {
            let (mut first_seen, mut doubtful) = (HashMap::new(), HashSet::new());
            while ended.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
                let open = "SELECT message_id, outcome, number FROM message_attempts WHERE sid IS NULL \
                     AND outcome IN ('sending', 'unknown')";
                for row in rows.all(open).await {
                    let message: Uuid = row.try_get_by_index(0).unwrap();
                    let outcome: String = row.try_get_by_index(1).unwrap();
                    let name = (message, row.try_get_by_index(2).unwrap());
                    let since: &mut Instant = first_seen.entry(name).or_insert_with(Instant::now);
                    if outcome == "unknown" || since.elapsed() > in_flight {
                        doubtful.insert(name);
                    }
                }
                tokio::time::sleep(INTERVAL).await;
            }
            doubtful
        });
        Self { end, seen }
    }

    /// The attempts that ever were in doubt.
    pub(super) async fn stop(self) -> HashSet<Attempt> {
        let _ = self.end.send(());
        self.seen.await.unwrap()
    }
}
