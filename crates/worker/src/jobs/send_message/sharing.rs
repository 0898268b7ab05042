//! Many texts begun, and recorded, in one transaction.
//!
//! Only those with which all is well; the others are told to be done alone. Replies have transactions of
//! their own, so that none waits for a bulk that is being written.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use conversations::sending::{self, Accepted, Begin, Due, Outgoing};
use entity::clock::Clock;
use entity::id::{MessageId, TenantId};
use events::Outbox;
use queue::{Claim, Class};
use sea_orm::{DatabaseTransaction, DbErr};
use together::{Committed, Desk, Together, Write};
use tokio::time::Instant;

use super::FRESH;

/// What is claimed together is begun together, and what is on its way together comes back together: a
/// commit of its own for each first one would cost more than this, and Twilio takes far longer.
const GATHERING: Duration = Duration::from_millis(3);

/// One writer for replies and one for everything else.
#[derive(Debug)]
pub(super) struct Writers<W: Write> {
    replies: Together<Committed<W>>,
    others: Together<Committed<W>>,
}

impl<W: Write + Clone> Writers<W> {
    pub(super) fn new(desk: &Desk, writer: W) -> Self {
        Self {
            replies: Together::committed(desk.clone(), writer.clone()),
            others: Together::committed(desk.clone(), writer),
        }
    }

    pub(super) const fn of(&self, class: Class) -> &Together<Committed<W>> {
        match class {
            Class::Reply => &self.replies,
            Class::Normal | Class::Bulk => &self.others,
        }
    }
}

/// Begins claimed texts.
#[derive(Clone, Debug)]
pub(super) struct Beginnings(pub(super) Clock);

impl Write for Beginnings {
    type Item = Claim;
    /// What is to be done and when the claim was seen to hold; nothing if it is to be begun alone.
    type Outcome = Option<(Begin, Instant)>;

    /// No more come than there are hands.
    const MOST_WAITING: usize = usize::MAX;
    const GATHERING: Duration = GATHERING;

    fn tenant(claim: &Claim) -> Option<TenantId> {
        Some(claim.tenant)
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        outbox: &mut Outbox,
        claims: &[Claim],
    ) -> Result<Vec<Self::Outcome>, DbErr> {
        let Self(clock) = self;
        let checked = Instant::now();
        let leases = claims.iter().map(|claim| (claim.entry, claim.lease));
        let held = queue::held(tx, clock, leases, FRESH).await?;
        let due = claims.iter().filter(|claim| held.contains(&claim.entry));
        let due: Vec<_> = due.map(due_of).collect();
        let mut begun = sending::begin_each(tx, clock, outbox, &due)
            .await?
            .into_iter();
        let outcome = |claim: &Claim| {
            if held.contains(&claim.entry) {
                Some((begun.next()??, checked))
            } else {
                // Somebody else has it by now.
                Some((Begin::Drop, checked))
            }
        };
        Ok(claims.iter().map(outcome).collect())
    }
}

fn due_of(claim: &Claim) -> Due {
    Due {
        tenant: claim.tenant,
        id: MessageId(claim.payload),
        turn: DateTime::from_timestamp_micros(claim.start_at_us).unwrap_or_default(),
    }
}

/// A text that Twilio has taken.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) claim: Claim,
    pub(super) outgoing: Arc<Outgoing>,
    pub(super) sid: String,
    pub(super) status: Option<String>,
}

/// Records that Twilio has texts, and takes them out of their lanes.
#[derive(Clone, Debug)]
pub(super) struct Closings(pub(super) Clock);

impl Write for Closings {
    type Item = Taken;
    /// Whether it is done; if not, it is to be recorded alone.
    type Outcome = bool;

    /// No more come than there are hands.
    const MOST_WAITING: usize = usize::MAX;
    const GATHERING: Duration = GATHERING;

    fn tenant(taken: &Taken) -> Option<TenantId> {
        Some(taken.claim.tenant)
    }

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        outbox: &mut Outbox,
        batch: &[Taken],
    ) -> Result<Vec<bool>, DbErr> {
        let accepted = batch.iter().map(|taken| Accepted {
            outgoing: &taken.outgoing,
            sid: &taken.sid,
            status: taken.status.as_deref(),
        });
        let accepted: Vec<_> = accepted.collect();
        let done = sending::record_each(tx, &self.0, outbox, &accepted).await?;
        let closed = batch.iter().zip(&done).filter(|(_, done)| **done);
        let leases = closed.map(|(taken, _)| (taken.claim.entry, taken.claim.lease));
        queue::done_each(tx, leases).await?;
        Ok(done)
    }
}
