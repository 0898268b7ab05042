//! Waiting for one's turn, in memory.
//!
//! A claim says at which instant a piece may begin. But pieces are prepared side by side, and one
//! that is ready late would come close to the next: so those of a lane pass a gate one by one, each
//! no sooner after the last than most of the pace's gap.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use entity::id::ChannelId;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Claim;
use crate::tally::Hand;

/// What part of its gap a piece keeps at least, however late the one before it was. The rest is
/// room to catch up, or a lane would lose for good what was late once.
const KEPT: f64 = 0.97;

/// By what part of its gap a piece may be late without moving the next one.
const FORGIVEN: f64 = 0.1;

/// When the lane's next piece may pass.
type Gate = Arc<Mutex<Option<Instant>>>;

/// A claimed piece of work that waits for its turn.
#[derive(Debug)]
pub struct Turn {
    /// What was claimed.
    pub claim: Claim,
    start: Instant,
    gate: Gate,
    hand: Option<Hand>,
}

impl Turn {
    /// A turn that has come: for who claims by hand, without a [`crate::Runner`].
    #[must_use]
    pub fn now(claim: Claim) -> Self {
        Self {
            claim,
            start: Instant::now(),
            gate: Gate::default(),
            hand: None,
        }
    }

    /// The same in a worker's hand.
    pub(crate) fn in_hand(self, hand: Hand) -> Self {
        Self {
            hand: Some(hand),
            ..self
        }
    }

    /// Says that the piece is carried out, so that the worker takes the next one on while it is written
    /// down what came of this one.
    pub fn carried_out(&self) {
        if let Some(hand) = &self.hand {
            hand.carried_out();
        }
    }

    /// Waits until the piece may begin: its instant has come, and the lane's last piece that has
    /// passed is far enough away.
    pub async fn comes(&self) {
        tokio::time::sleep_until(self.start).await;
        // Its queue is first come, first served.
        let mut free_at = self.gate.lock().await;
        let planned = free_at.map_or(self.start, |free_at| free_at.max(self.start));
        tokio::time::sleep_until(planned).await;
        let space = Duration::from_micros(u64::try_from(self.claim.space_us).unwrap_or(0));
        // Counted from the plan: timers end up to a millisecond late, and a lane of a hundred a
        // second would be slower for good by what each is late.
        let late = Instant::now().duration_since(planned);
        let forgiven = late.min(space.mul_f64(FORGIVEN));
        *free_at = Some(planned + late - forgiven + space.mul_f64(KEPT));
    }
}

/// The gates of the lanes that this worker has.
#[derive(Debug, Default)]
pub(crate) struct Gates(HashMap<ChannelId, Gate>);

/// So many lanes may be quiet before they are forgotten.
const MANY: usize = 1024;

impl Gates {
    /// Lets a claim wait; `now_us` is the time at `now` by the clock that the claim was made by.
    pub(crate) fn turn(&mut self, claim: Claim, now_us: i64, now: Instant) -> Turn {
        let gate = Arc::clone(self.0.entry(claim.lane).or_default());
        let early = Duration::from_micros(u64::try_from(claim.start_at_us - now_us).unwrap_or(0));
        Turn {
            start: now + early,
            claim,
            gate,
            hand: None,
        }
    }

    /// Forgets the lanes that have been quiet: nobody waits at the gate, and it is open.
    pub(crate) fn tidy(&mut self) {
        if self.0.len() < MANY {
            return;
        }
        let now = Instant::now();
        self.0.retain(|_, gate| {
            Arc::strong_count(gate) > 1
                || gate
                    .try_lock()
                    .is_ok_and(|free_at| free_at.is_some_and(|free_at| free_at > now))
        });
    }
}
