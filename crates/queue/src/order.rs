//! In which order a lane gives out what waits in it.

use std::collections::VecDeque;

use entity::lane_entry;

use crate::Class;

/// Every so many turns, what has waited behind the more urgent gets one.
const SHARE: i32 = 8;

/// How long something must have been due before it gets such a turn, in milliseconds.
const PATIENCE_MS: i64 = 10_000;

/// What waits in a lane, the most urgent class first and in each the earliest.
#[derive(Debug)]
pub(crate) struct Waiting([VecDeque<lane_entry::Model>; 3]);

impl Waiting {
    pub(crate) fn new(entries: Vec<lane_entry::Model>) -> Self {
        let mut classes: [VecDeque<lane_entry::Model>; 3] = Default::default();
        for entry in entries {
            classes[Class::of(entry.class) as usize].push_back(entry);
        }
        Self(classes)
    }

    /// Takes what goes next, and counts the turn.
    ///
    /// The most urgent class goes first. But ageing by rank alone would let a long backlog of bulk
    /// overtake every reply, and no ageing would let replies hold bulk back for ever: so the rest
    /// has a share, small enough that a reply loses one turn by it.
    pub(crate) fn next(&mut self, turn: &mut i32, now_ms: i64) -> Option<lane_entry::Model> {
        let urgent = self.0.iter().position(|class| !class.is_empty())?;
        let mut chosen = urgent;
        if *turn % SHARE == SHARE - 1 {
            let aged = (urgent + 1..self.0.len())
                .filter_map(|class| self.0[class].front().map(|head| (head.due_at_ms, class)))
                .filter(|(due_ms, _)| now_ms - due_ms >= PATIENCE_MS)
                .min();
            chosen = aged.map_or(urgent, |(_, class)| class);
        }
        let entry = self.0[chosen].pop_front()?;
        *turn = (*turn + 1) % SHARE;
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use entity::clock::Clock;
    use entity::id::{ChannelId, LaneEntryId, TenantId};

    use super::*;

    const NOW_MS: i64 = 1_795_248_000_000;

    fn entry(class: i32, waited_ms: i64) -> lane_entry::Model {
        let clock = Clock::System;
        lane_entry::Model {
            id: LaneEntryId::new(&clock),
            tenant_id: TenantId::new(&clock),
            lane_id: ChannelId::new(&clock),
            payload_id: clock.uuid(),
            class,
            weight: 1,
            due_at_ms: NOW_MS - waited_ms,
            lease_id: None,
            lease_until_ms: None,
        }
    }

    fn order(entries: Vec<lane_entry::Model>) -> Vec<i32> {
        let (mut waiting, mut turn) = (Waiting::new(entries), 0);
        std::iter::from_fn(|| waiting.next(&mut turn, NOW_MS))
            .map(|entry| entry.class)
            .collect()
    }

    #[test]
    fn urgent_work_goes_first_and_what_waits_behind_it_gets_every_eighth_turn() {
        let mut entries: Vec<_> = (0..20).map(|_| entry(0, 0)).collect();
        entries.extend([entry(1, 20_000), entry(2, 60_000), entry(2, 50_000)]);
        let found = order(entries);
        assert_eq!(found[..8], [0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(found[8..16], [0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(found[16..], [0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn what_has_hardly_waited_lets_the_urgent_pass() {
        let mut entries: Vec<_> = (0..9).map(|_| entry(0, 0)).collect();
        entries.push(entry(2, PATIENCE_MS - 1));
        assert_eq!(order(entries), [0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    }

    #[test]
    fn a_long_backlog_of_bulk_delays_a_reply_by_no_turn_but_the_shared_one() {
        for turn in 0..SHARE {
            let mut entries = vec![entry(0, 0)];
            entries.extend((0..50).map(|_| entry(2, 3_600_000)));
            let (mut waiting, mut turn) = (Waiting::new(entries), turn);
            let before = std::iter::from_fn(|| waiting.next(&mut turn, NOW_MS))
                .take_while(|entry| entry.class == 2)
                .count();
            assert!(before <= 1, "{before}");
        }
    }
}
