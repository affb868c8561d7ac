use crate::limits::{SUSPECTS_AT_ONCE, SUSPECTS_PACE};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use wigwag_base::{HookId, Timestamp};
use wigwag_hooks::{FailureClass, Outcome};

/// Hooks whose receivers have not shown that they answer: new ones, those that let the last request's time run out, and
/// those that let the present ones hang. Together they get half of the node's slots, so that however many receivers
/// hang, those that answer are served at once.
///
/// The first [`SUSPECTS_AT_ONCE`] slots they take as they like. Beyond them they begin one after the other, so that what
/// hangs does not end at one moment either, with hundreds of results to write and hundreds of requests to begin.
#[derive(Default)]
pub(super) struct Suspects {
    hooks: FxHashSet<HookId>,
    in_flight: FxHashMap<HookId, usize>,
    total: usize,
    line: VecDeque<HookId>,
    /// When the next may begin beyond the first few.
    next_at: Option<Timestamp>,
}

/// Whether a receiver answered at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answered {
    /// With whatever status, or by refusing the connection.
    Yes,
    /// It let the time run out.
    No,
}

impl Answered {
    pub(super) fn by(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Failure(failure) if failure.class == FailureClass::Timeout => Self::No,
            Outcome::Success(_) | Outcome::Failure(_) => Self::Yes,
        }
    }
}

impl Suspects {
    /// Nobody is a suspect until counted again; who stands in line goes on standing there.
    pub(super) fn begin_count(&mut self) {
        self.hooks.clear();
        self.in_flight.clear();
        self.total = 0;
    }

    /// `hook` is a suspect and has so many requests under way.
    pub(super) fn count(&mut self, hook: HookId, in_flight: usize) {
        if self.hooks.insert(hook) {
            self.in_flight.insert(hook, in_flight);
            self.total += in_flight;
        }
    }

    /// Whether `hook` is a suspect.
    pub(super) fn holds(&self, hook: HookId) -> bool {
        self.hooks.contains(&hook)
    }

    /// `hook` is no suspect any more, or is gone.
    pub(super) fn clear(&mut self, hook: HookId) {
        if self.hooks.remove(&hook) {
            self.total -= self.in_flight.remove(&hook).unwrap_or(0);
        }
    }

    /// A request to `hook` began.
    pub(super) fn began(&mut self, hook: HookId, now: Timestamp) {
        if let Some(in_flight) = self.in_flight.get_mut(&hook) {
            *in_flight += 1;
            self.total += 1;
            self.next_at = Some(now + SUSPECTS_PACE);
        }
    }

    /// A request to `hook` ended.
    pub(super) fn ended(&mut self, hook: HookId) {
        if let Some(in_flight) = self.in_flight.get_mut(&hook).filter(|in_flight| **in_flight > 0) {
            *in_flight -= 1;
            self.total -= 1;
        }
    }

    /// Whether `hook` is a suspect and must wait: of the suspects' `max` slots none is free, or it is not time yet.
    pub(super) fn must_wait(&self, hook: HookId, max: usize, now: Timestamp) -> bool {
        #[cfg(feature = "planted-faults")]
        if crate::faults::planted("trust-everybody") {
            return false;
        }
        self.hooks.contains(&hook) && self.room(max, now) == 0
    }

    /// How many requests may begin now.
    fn room(&self, max: usize, now: Timestamp) -> usize {
        let at_once = max.min(SUSPECTS_AT_ONCE);
        if self.total < at_once {
            at_once - self.total
        } else {
            usize::from(self.total < max && self.next_at.is_none_or(|at| at <= now))
        }
    }

    /// When somebody who waits may begin, unless a slot must become free first.
    pub(super) fn opens_at(&self, max: usize) -> Option<Timestamp> {
        self.next_at.filter(|_| self.total < max && !self.line.is_empty())
    }

    /// `hook` waits until a slot of the suspects is free.
    pub(super) fn park(&mut self, hook: HookId) {
        self.line.push_back(hook);
    }

    /// Who waits, and some who need not any longer.
    pub(super) fn line(&self) -> impl Iterator<Item = HookId> {
        self.line.iter().copied()
    }

    /// Who of those that wait may try again.
    pub(super) fn next(&mut self, max: usize, now: Timestamp) -> Vec<HookId> {
        let room = self.room(max, now).min(self.line.len());
        self.line.drain(..room).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Suspects;
    use crate::limits::{SUSPECTS_AT_ONCE, SUSPECTS_PACE};
    use wigwag_base::{HookId, Timestamp};

    #[test]
    fn suspects_share_their_slots_and_wait_in_line() {
        let [one, two, three] = [HookId(1), HookId(2), HookId(3)];
        let (mut suspects, mut now) = (Suspects::default(), Timestamp::from_secs(1));
        for hook in [one, two] {
            suspects.count(hook, 0);
            suspects.began(hook, now);
        }
        now = now + SUSPECTS_PACE;
        assert!(suspects.must_wait(one, 2, now) && !suspects.must_wait(three, 2, now));
        suspects.park(two);
        suspects.park(one);
        assert_eq!(suspects.next(2, now), []);
        suspects.ended(one);
        assert_eq!(suspects.next(2, now), [two], "one slot, one turn");
        suspects.clear(two);
        assert_eq!(suspects.next(2, now), [one]);
        suspects.ended(two);
        assert!(!suspects.must_wait(one, 1, now), "what a cleared one ends is not counted twice");
    }

    #[test]
    fn beyond_the_first_few_suspects_begin_one_after_the_other() {
        let (mut suspects, now) = (Suspects::default(), Timestamp::from_secs(1));
        let max = SUSPECTS_AT_ONCE + 2;
        let hooks: Vec<HookId> = (0..).map(HookId).take(max).collect();
        for hook in &hooks {
            suspects.count(*hook, 0);
        }
        for hook in &hooks[..SUSPECTS_AT_ONCE] {
            assert!(!suspects.must_wait(*hook, max, now), "the first few begin at once");
            suspects.began(*hook, now);
        }
        let [.., one, other] = hooks[..] else { unreachable!() };
        assert_eq!(suspects.opens_at(max), None, "nobody waits");
        assert!(suspects.must_wait(one, max, now));
        suspects.park(one);
        suspects.park(other);
        assert_eq!(suspects.next(max, now), []);
        let later = now + SUSPECTS_PACE;
        assert_eq!(suspects.opens_at(max), Some(later));
        assert_eq!(suspects.next(max, later), [one], "one at a time");
        suspects.began(one, later);
        assert!(suspects.must_wait(other, max, later));
        suspects.ended(hooks[0]);
        suspects.ended(hooks[1]);
        assert_eq!(suspects.next(max, later), [other], "those that answer hold nobody up");
    }
}
