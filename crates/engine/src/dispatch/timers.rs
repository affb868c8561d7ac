use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use wigwag_base::{HookId, Timestamp};

/// When which lane must be looked at again. One time a lane counts, the earliest; when it has come, the lane says anew
/// what it waits for, so that ten million waiting rows of one hook need one timer.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, HookId)>>,
    earliest: FxHashMap<HookId, Timestamp>,
}

impl Timers {
    /// Looks at `hook` at `at`, or earlier.
    pub(super) fn set(&mut self, at: Timestamp, hook: HookId) {
        if self.earliest.get(&hook).is_none_or(|known| at < *known) {
            self.earliest.insert(hook, at);
            self.heap.push(Reverse((at, hook)));
        }
    }

    /// The next hook whose time has come.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<HookId> {
        while let Some(Reverse((at, hook))) = self.heap.peek().copied() {
            if at > now {
                return None;
            }
            self.heap.pop();
            if self.earliest.get(&hook) == Some(&at) {
                self.earliest.remove(&hook);
                return Some(hook);
            }
        }
        None
    }

    /// The earliest time at which something is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::Timers;
    use wigwag_base::{HookId, Timestamp};

    #[test]
    fn the_earliest_time_of_a_hook_counts_once() {
        let (mut timers, at) = (Timers::default(), Timestamp::from_secs);
        for second in [5, 3, 3, 9] {
            timers.set(at(second), HookId(1));
        }
        timers.set(at(4), HookId(2));
        assert_eq!(timers.due(at(2)), None);
        assert_eq!(
            [timers.due(at(9)), timers.due(at(9)), timers.due(at(9))],
            [Some(HookId(1)), Some(HookId(2)), None]
        );
    }
}
