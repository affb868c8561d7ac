use std::cmp::Reverse;
use std::collections::BinaryHeap;
use wigwag_base::{HookId, Timestamp};

/// When which lane must be looked at again. Old entries stay until they come due; looking once too often is harmless.
#[derive(Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, HookId)>>,
}

impl Timers {
    /// Looks at `hook` at `at`.
    pub(super) fn set(&mut self, at: Timestamp, hook: HookId) {
        self.heap.push(Reverse((at, hook)));
    }

    /// The next hook whose time has come.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<HookId> {
        match self.heap.peek() {
            Some(Reverse((at, _))) if *at <= now => self.heap.pop().map(|Reverse((_, hook))| hook),
            _ => None,
        }
    }

    /// The earliest time at which something is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }
}
