//! How often each flag was decided how. Counting is one addition to memory that few threads share: no lock, no
//! allocation. What was counted is taken now and then, and then counts from zero.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use crate::decision::Reason;
use crate::limits::COUNTER_SHARDS_MAX;

/// What can be counted: a decision with its reason, in the order of the cells.
const KINDS: [(bool, Reason); 11] = [
    (false, Reason::Override),
    (false, Reason::Default),
    (true, Reason::Default),
    (false, Reason::Dependency),
    (true, Reason::Boolean),
    (true, Reason::Actors),
    (true, Reason::PercentageOfActors),
    (true, Reason::PercentageOfTime),
    (true, Reason::Groups),
    (false, Reason::Off),
    (false, Reason::OptOut),
];

/// One shard's cells, on cache lines of their own.
#[derive(Default, Debug)]
#[repr(align(128))]
struct Cells([AtomicU64; KINDS.len()]);

/// The counters of one flag.
#[derive(Debug)]
pub(crate) struct Counters(Box<[Cells]>);

impl Counters {
    pub(crate) fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let shards = processors.next_power_of_two().min(COUNTER_SHARDS_MAX);
        Self((0..shards).map(|_| Cells::default()).collect())
    }

    /// Counts one decision, unless its reason is that nothing is known.
    #[inline]
    pub(crate) fn add(&self, enabled: bool, reason: Reason) {
        let cell = match reason {
            Reason::NotReady | Reason::Unknown => return,
            Reason::Override => 0,
            Reason::Default => 1 + usize::from(enabled),
            Reason::Dependency => 3,
            Reason::Boolean => 4,
            Reason::Actors => 5,
            Reason::PercentageOfActors => 6,
            Reason::PercentageOfTime => 7,
            Reason::Groups => 8,
            Reason::Off => 9,
            Reason::OptOut => 10,
        };
        // A power of two: the mask cannot lead past the end.
        let shard = shard() & (self.0.len() - 1);
        self.0[shard].0[cell].fetch_add(1, Ordering::Relaxed);
    }

    /// Everything that was counted since it was taken last.
    pub(crate) fn take(&self) -> impl Iterator<Item = (bool, Reason, u64)> {
        KINDS.iter().enumerate().filter_map(|(cell, (enabled, reason))| {
            let taken = |cells: &Cells| match cells.0[cell].load(Ordering::Relaxed) {
                0 => 0,
                _ => cells.0[cell].swap(0, Ordering::Relaxed),
            };
            let count: u64 = self.0.iter().map(taken).sum();
            (count > 0).then_some((*enabled, *reason, count))
        })
    }
}

/// The calling thread's number.
#[inline]
fn shard() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SHARD: Cell<usize> = const { Cell::new(usize::MAX) });
    // The cell has no destructor, so it can be asked as long as the thread lives.
    let number = |cell: &Cell<usize>| {
        if cell.get() == usize::MAX {
            cell.set(THREADS.fetch_add(1, Ordering::Relaxed) % COUNTER_SHARDS_MAX);
        }
        cell.get()
    };
    SHARD.try_with(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn every_kind_has_its_own_cell() {
        let counters = Counters::new();
        for (index, (enabled, reason)) in KINDS.into_iter().enumerate() {
            (0..=index).for_each(|_| counters.add(enabled, reason));
        }
        let taken: Vec<_> = counters.take().collect();
        let expected = KINDS.into_iter().zip(1..).map(|((enabled, reason), count)| (enabled, reason, count));
        assert_eq!(taken, expected.collect::<Vec<_>>());
        assert_eq!(counters.take().count(), 0);
    }

    #[test]
    fn what_is_not_known_is_not_counted() {
        let counters = Counters::new();
        counters.add(true, Reason::Unknown);
        counters.add(false, Reason::NotReady);
        assert_eq!(counters.take().count(), 0);
    }

    #[test]
    fn nothing_is_lost_between_threads() {
        let counters = Arc::new(Counters::new());
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let counters = counters.clone();
                thread::spawn(move || (0..10_000).for_each(|_| counters.add(true, Reason::Boolean)))
            })
            .collect();
        let mut sum: u64 = 0;
        while !threads.iter().all(thread::JoinHandle::is_finished) {
            sum += counters.take().map(|(_, _, count)| count).sum::<u64>();
        }
        sum += counters.take().map(|(_, _, count)| count).sum::<u64>();
        assert_eq!(sum, 40_000);
    }
}
