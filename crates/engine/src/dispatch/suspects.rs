use std::collections::{HashMap, HashSet, VecDeque};
use wigwag_base::HookId;
use wigwag_hooks::{FailureClass, Outcome};

/// Hooks whose receivers have not shown that they answer: new ones, those that let the last request's time run out, and
/// those that let the present ones hang. Together they get half of the node's slots, so that however many receivers
/// hang, those that answer are served at once.
#[derive(Default)]
pub(super) struct Suspects {
    hooks: HashSet<HookId>,
    in_flight: HashMap<HookId, usize>,
    total: usize,
    line: VecDeque<HookId>,
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
    pub(super) fn began(&mut self, hook: HookId) {
        if let Some(in_flight) = self.in_flight.get_mut(&hook) {
            *in_flight += 1;
            self.total += 1;
        }
    }

    /// A request to `hook` ended.
    pub(super) fn ended(&mut self, hook: HookId) {
        if let Some(in_flight) = self.in_flight.get_mut(&hook).filter(|in_flight| **in_flight > 0) {
            *in_flight -= 1;
            self.total -= 1;
        }
    }

    /// Whether `hook` is a suspect and the suspects' slots are taken.
    pub(super) fn is_full_for(&self, hook: HookId, max: usize) -> bool {
        #[cfg(feature = "planted-faults")]
        if crate::faults::planted("trust-everybody") {
            return false;
        }
        self.total >= max && self.hooks.contains(&hook)
    }

    /// `hook` waits until a slot of the suspects is free.
    pub(super) fn park(&mut self, hook: HookId) {
        self.line.push_back(hook);
    }

    /// Who waits, and some who need not any longer.
    pub(super) fn line(&self) -> impl Iterator<Item = HookId> {
        self.line.iter().copied()
    }

    /// Who of those that wait may try again: as many as there are free slots.
    pub(super) fn next(&mut self, max: usize) -> Vec<HookId> {
        let free = max.saturating_sub(self.total).min(self.line.len());
        self.line.drain(..free).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Suspects;
    use wigwag_base::HookId;

    #[test]
    fn suspects_share_their_slots_and_wait_in_line() {
        let [one, two, three] = [HookId(1), HookId(2), HookId(3)];
        let mut suspects = Suspects::default();
        suspects.count(one, 0);
        suspects.began(one);
        suspects.count(two, 0);
        suspects.began(two);
        assert!(suspects.is_full_for(one, 2) && !suspects.is_full_for(three, 2));
        suspects.park(two);
        suspects.park(one);
        assert_eq!(suspects.next(2), []);
        suspects.ended(one);
        assert_eq!(suspects.next(2), [two], "one slot, one turn");
        suspects.clear(two);
        assert_eq!(suspects.next(2), [one]);
        suspects.ended(two);
        assert!(!suspects.is_full_for(one, 1), "what a cleared one ends is not counted twice");
    }
}
