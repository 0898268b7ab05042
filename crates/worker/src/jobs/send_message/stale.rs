//! Ending what has become stale in a lane while nobody came past it.

use conversations::outbound;
use events::Outbox;
use queue::Claim;
use sea_orm::DbErr;

use super::SendMessage;

impl SendMessage {
    /// Ends the stale texts that would come up next. If that fails, each is found when it comes up.
    pub(super) async fn end_stale(&self, claim: &Claim) {
        if let Err(error) = self.try_end_stale(claim).await {
            tracing::debug!(
                lane.id = %claim.lane,
                error = &error as &dyn std::error::Error,
                "Stale texts could not be ended at once",
            );
        }
    }

    async fn try_end_stale(&self, claim: &Claim) -> Result<(), DbErr> {
        let _place = self.place(claim).await;
        let tx = self.db.write_tx().await?;
        let (clock, mut outbox) = (&self.clock, Outbox::new());
        outbound::expire_waiting(&tx, clock, &mut outbox, claim.tenant, claim.lane).await?;
        outbox.commit(tx, clock.now(), &self.bell).await
    }
}
