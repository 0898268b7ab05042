//! Writing down what was learned.
//!
//! The SID in an answer is the only proof that Twilio has the text, so it is recorded whoever
//! holds the claim by then, and a database that is away for a moment is waited for. Only the lane
//! is left alone by who has lost the claim.

use std::sync::Arc;
use std::time::Duration;

use conversations::sending::{self, After, Answer, Outgoing};
use events::Outbox;
use queue::Claim;
use sea_orm::{ConnectionTrait, DbErr};
use tokio::time::Instant;

use super::SendMessage;
use super::sharing::Taken;

/// How long to wait before recording is tried again; twice as long each time, up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// What is known of a text after asking Twilio.
#[derive(Clone, Debug)]
pub(super) enum Learned {
    /// What came of the request to send it.
    Answer(Answer),
    /// Under which SID Twilio's list has it, if it does.
    Listed(Option<String>),
    /// Twilio could not be asked for its list.
    Nothing,
}

impl Learned {
    /// What remains when the SID stands on another attempt already: of two texts with the same
    /// words that were looked up at once, both found the same one. Looked up again, each has its
    /// own, and it does not matter which.
    fn without_sid(self) -> Self {
        match self {
            Self::Answer(Answer::Accepted { .. }) => Self::Answer(Answer::Unknown),
            Self::Listed(Some(_)) => Self::Nothing,
            other => other,
        }
    }

    /// Whether it unwrites the attempt. Who has lost the claim must not: the holder may be looking
    /// the attempt up, and would take the piece out of its lane when it is gone.
    const fn unwrites(&self) -> bool {
        matches!(
            self,
            Self::Answer(
                Answer::NotSent
                    | Answer::Refused {
                        throttled: true,
                        ..
                    }
            )
        )
    }
}

impl SendMessage {
    /// Records what was learned and moves the lane on; tries until the lease runs out.
    pub(super) async fn close(
        &self,
        claim: &Claim,
        outgoing: &Arc<Outgoing>,
        learned: Learned,
        deadline: Instant,
    ) {
        if self.close_with_others(claim, outgoing, &learned).await {
            return;
        }
        let (mut learned, mut wait) = (learned, FIRST_WAIT);
        loop {
            let Err(error) = self.try_close(claim, outgoing, &learned).await else {
                return;
            };
            if db::is_constraint(&error) {
                learned = learned.without_sid();
            }
            // Later than that, somebody else has it and finds out anew.
            if Instant::now() + wait >= deadline {
                return tell_lost(outgoing, &learned, &error);
            }
            tracing::warn!(
                message.id = %outgoing.message.id,
                error = &error as &dyn std::error::Error,
                "What became of a text can't be recorded; trying again",
            );
            tokio::time::sleep(wait).await;
            wait = Ord::min(wait * 2, LONGEST_WAIT);
        }
    }

    /// Records that Twilio has the text, in one transaction with others; says whether that was done.
    async fn close_with_others(
        &self,
        claim: &Claim,
        outgoing: &Arc<Outgoing>,
        learned: &Learned,
    ) -> bool {
        let Learned::Answer(Answer::Accepted { sid, status }) = learned else {
            return false;
        };
        let taken = Taken {
            claim: claim.clone(),
            outgoing: Arc::clone(outgoing),
            sid: sid.clone(),
            status: status.clone(),
        };
        match self.closings.of(claim.class).run(taken).await {
            Ok(done) => done,
            Err(error) => {
                tracing::debug!(
                    message.id = %outgoing.message.id,
                    error = &error as &dyn std::error::Error,
                    "What became of a text can't be recorded with others; trying alone",
                );
                false
            }
        }
    }

    async fn try_close(
        &self,
        claim: &Claim,
        outgoing: &Outgoing,
        learned: &Learned,
    ) -> Result<(), DbErr> {
        let _place = self.place(claim).await;
        let tx = self.db.write_tx().await?;
        let mut outbox = Outbox::new();
        let (clock, policy) = (&self.clock, &self.policy);
        let after = match learned.clone() {
            Learned::Answer(answer) => {
                sending::record(&tx, clock, &mut outbox, policy, outgoing, answer).await?
            }
            Learned::Listed(found) => {
                let found = found.as_deref();
                sending::settle(&tx, clock, &mut outbox, policy, outgoing, found).await?
            }
            Learned::Nothing => After {
                again_at: Some(clock.now() + policy.settle_after),
                pause: None,
            },
        };
        let ours = move_on(&tx, claim, &after).await?;
        if !ours && learned.unwrites() {
            return tx.rollback().await;
        }
        outbox.commit(tx, clock.now(), &self.bell).await
    }
}

/// Takes the piece out of its lane or puts it back, if it is still ours to move; says whether.
async fn move_on(tx: &impl ConnectionTrait, claim: &Claim, after: &After) -> Result<bool, DbErr> {
    let ours = match after.again_at {
        Some(at) => {
            let due_ms = at.timestamp_millis();
            queue::again(tx, claim.lane, claim.entry, claim.lease, due_ms).await?
        }
        None => queue::done(tx, claim.entry, claim.lease).await?,
    };
    if let Some((until, reason)) = after.pause.filter(|_| ours) {
        queue::pause(tx, claim.lane, until.timestamp_millis(), reason).await?;
    }
    Ok(ours)
}

/// The log is the last place that knows of it.
fn tell_lost(outgoing: &Outgoing, learned: &Learned, error: &DbErr) {
    let sid = match learned {
        Learned::Answer(Answer::Accepted { sid, .. }) | Learned::Listed(Some(sid)) => Some(sid),
        _ => None,
    };
    tracing::error!(
        message.id = %outgoing.message.id,
        attempt = outgoing.attempt.number,
        sid,
        error = error as &dyn std::error::Error,
        "What became of a text could not be recorded; it will be looked up at Twilio",
    );
}
