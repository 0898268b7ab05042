//! How many pieces a worker may take on.
//!
//! The bound is on what is not carried out yet. What has been carried out is only still to be written down,
//! and another piece can be carried out meanwhile. A piece also takes a moment from its claim until it is
//! under way, so as many more are claimed as are carried out in such a moment: none once they stand still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// About what it takes under load until a hand that got free has its next piece under way: a claim has to end
/// and another one to be made, and the piece to be prepared.
const LEAD: Duration = Duration::from_millis(100);

/// Over how long it is counted how many are carried out.
const WINDOW: Duration = Duration::from_millis(50);

/// What a worker has taken on, and how fast it is carried out.
#[derive(Debug)]
pub(crate) struct Tally {
    bound: usize,
    counts: Arc<Counts>,
    since: Instant,
    carried_out: u64,
    /// How many more than the bound may be taken on now.
    ahead: usize,
}

#[derive(Debug, Default)]
struct Counts {
    busy: AtomicUsize,
    carried_out: AtomicU64,
}

impl Tally {
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            bound,
            counts: Arc::default(),
            since: Instant::now(),
            carried_out: 0,
            ahead: 0,
        }
    }

    /// How many more may be taken on, where `in_hand` are not finished yet: as many as may be under way
    /// may at most be waiting to be written down.
    pub(crate) fn free(&mut self, in_hand: usize, now: Instant) -> usize {
        self.look(now);
        let busy = self.counts.busy.load(Ordering::Relaxed);
        let unwritten = in_hand.saturating_sub(busy);
        if unwritten >= self.bound {
            return 0;
        }
        (self.bound + self.ahead).saturating_sub(busy)
    }

    fn look(&mut self, now: Instant) {
        let over = now.duration_since(self.since);
        if over < WINDOW {
            return;
        }
        let carried_out = self.counts.carried_out.load(Ordering::Relaxed);
        let lately = u32::try_from(carried_out - self.carried_out).unwrap_or(u32::MAX);
        let in_a_moment = f64::from(lately) * LEAD.div_duration_f64(over);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small number that is not negative"
        )]
        let in_a_moment = in_a_moment as usize;
        self.ahead = Ord::min(in_a_moment, self.bound / 2);
        (self.since, self.carried_out) = (now, carried_out);
    }

    /// A hand for a piece.
    pub(crate) fn hand(&self) -> Hand {
        self.counts.busy.fetch_add(1, Ordering::Relaxed);
        Hand {
            counts: Arc::clone(&self.counts),
            is_free: AtomicBool::new(false),
        }
    }
}

/// Counts until its piece is carried out, or dropped.
#[derive(Debug)]
pub(crate) struct Hand {
    counts: Arc<Counts>,
    is_free: AtomicBool,
}

impl Hand {
    pub(crate) fn carried_out(&self) {
        if self.free() {
            self.counts.carried_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Says whether it was not free before.
    fn free(&self) -> bool {
        let was_busy = !self.is_free.swap(true, Ordering::Relaxed);
        if was_busy {
            self.counts.busy.fetch_sub(1, Ordering::Relaxed);
        }
        was_busy
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.free();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_out_makes_room_before_it_is_written_down() {
        let (mut tally, now) = (Tally::new(8), Instant::now());
        let hands: Vec<_> = (0..8).map(|_| tally.hand()).collect();
        assert_eq!(tally.free(8, now), 0);
        hands[0].carried_out();
        hands[0].carried_out();
        assert_eq!(tally.free(8, now), 1);
        drop(hands);
        assert_eq!(tally.free(0, now), 8);
        // The database is away: eight are done and not written down.
        assert_eq!(tally.free(8, now), 0);
    }

    #[test]
    fn as_many_are_claimed_ahead_as_are_carried_out_meanwhile() {
        let mut tally = Tally::new(100);
        let began = tally.since;
        let after = |ms| began + Duration::from_millis(ms);
        for _ in 0..25 {
            tally.hand().carried_out();
        }
        // 250 a second, so 25 in 100 ms.
        assert_eq!(tally.free(0, after(100)), 125);
        for _ in 0..1000 {
            tally.hand().carried_out();
        }
        assert_eq!(
            tally.free(0, after(200)),
            150,
            "never more than half as many"
        );
        assert_eq!(tally.free(0, after(300)), 100, "none when they stand still");
    }
}
