use super::{dispatcher::Dispatcher, fair::Root, rate::RateWindow};
use crate::limits::NAMESPACES_COUNTED_MAX;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::sync::Arc;
use wigwag_access::Namespace;
use wigwag_base::{HookId, Timestamp};
use wigwag_hooks::DeliveryState;

/// How much each root namespace has sent in its minute, and which lanes wait for its next one. Who waited longest goes
/// first, so that of many hooks each gets its share of a small number.
pub(super) struct Throttle {
    limit: Option<u32>,
    namespaces: FxHashMap<Namespace, Share>,
    waiting: FxHashSet<HookId>,
    shown: Arc<Throttled>,
}

/// One namespace's minute.
#[derive(Default)]
struct Share {
    window: RateWindow,
    line: VecDeque<HookId>,
}

/// Which hooks send nothing now because a limit of deliveries a minute is reached; written by the dispatcher, shown to people.
#[derive(Default)]
pub(crate) struct Throttled(Mutex<FxHashMap<HookId, Throttling>>);

/// Until when a hook sends nothing, and by whose limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Throttling {
    /// When the next may go out.
    pub until: Timestamp,
    /// Whose limit it is.
    pub by: RateOf,
}

/// Whose limit of deliveries a minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RateOf {
    /// The hook's own.
    Hook,
    /// That of the namespace at the root.
    Namespace,
}

impl Dispatcher {
    /// A lane that has something to send stands in line for a turn, unless a limit holds it back.
    pub(super) fn queue(&mut self, id: HookId, now: Timestamp) {
        if let Some(throttling) = self.throttling(id, now) {
            return self.hold_back(id, throttling);
        }
        let Some(lane) = self.lanes.get(&id) else { return };
        let root = lane.root;
        for earlier in self.throttle.line(root) {
            self.kick(earlier);
        }
        self.throttle.let_go(id);
        self.turns.queue(root, id);
    }

    /// What holds a lane back, if its own rate or that of its namespace has run out for this minute. A probe is held back by
    /// the namespace's alone.
    pub(super) fn throttling(&self, id: HookId, now: Timestamp) -> Option<Throttling> {
        let lane = self.lanes.get(&id)?;
        let own = lane.facts.hook.rate_per_minute.filter(|_| !lane.health.state.is_failing());
        let own = lane.rate.wait_until(own, now).map(|until| Throttling { until, by: RateOf::Hook });
        let all = self.throttle.wait_until(lane.root, now);
        let all = all.map(|until| Throttling { until, by: RateOf::Namespace });
        own.into_iter().chain(all).max_by_key(|throttling| throttling.until)
    }

    /// A lane waits for the next minute; what lies ready for it waits in the store, where everybody sees it and it takes no
    /// memory that others need. One row stays, so that the lane has its turn as soon as the minute comes.
    pub(super) fn hold_back(&mut self, id: HookId, throttling: Throttling) {
        let Some(lane) = self.lanes.get(&id) else { return };
        self.throttle.hold_back(lane.root, id, throttling);
        self.wake_at(throttling.until, id);
        self.spill(id, 0, DeliveryState::Pending);
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.backlog.give_back_but(1);
        }
    }
}

impl Throttle {
    pub(super) fn new(limit: Option<u32>, shown: Arc<Throttled>) -> Self {
        Self { limit, namespaces: FxHashMap::default(), waiting: FxHashSet::default(), shown }
    }

    /// `None` if another request of this root may go out now, else when one may. Hooks of the system have no limit.
    pub(super) fn wait_until(&self, root: Root, now: Timestamp) -> Option<Timestamp> {
        let limit = self.limit?;
        self.namespaces.get(&namespace(root)?)?.window.wait_until(Some(limit), now)
    }

    /// A request goes out.
    pub(super) fn sent(&mut self, root: Root, now: Timestamp) {
        let (Some(_), Some(namespace)) = (self.limit, namespace(root)) else { return };
        if self.namespaces.len() >= NAMESPACES_COUNTED_MAX && !self.namespaces.contains_key(&namespace) {
            self.namespaces.retain(|_, share| !share.window.is_over(now) || !share.line.is_empty());
        }
        self.namespaces.entry(namespace).or_default().window.sent(now);
    }

    /// A lane sends nothing for a while; one that its namespace holds back stands in line.
    pub(super) fn hold_back(&mut self, root: Root, hook: HookId, throttling: Throttling) {
        self.shown.0.lock().insert(hook, throttling);
        if let (RateOf::Namespace, Some(namespace)) = (throttling.by, namespace(root))
            && self.waiting.insert(hook)
        {
            self.namespaces.entry(namespace).or_default().line.push_back(hook);
        }
    }

    /// The lanes that waited for a namespace's next minute, the first of them first. They wait no more.
    pub(super) fn line(&mut self, root: Root) -> VecDeque<HookId> {
        let share = namespace(root).and_then(|namespace| self.namespaces.get_mut(&namespace));
        let line = share.map(|share| std::mem::take(&mut share.line)).unwrap_or_default();
        for hook in &line {
            self.waiting.remove(hook);
        }
        line
    }

    /// A lane goes on, or is gone.
    pub(super) fn let_go(&self, hook: HookId) {
        self.shown.0.lock().remove(&hook);
    }
}

impl Throttled {
    /// What holds a hook back at `now`, if anything does.
    pub(crate) fn of(&self, hook: HookId, now: Timestamp) -> Option<Throttling> {
        self.0.lock().get(&hook).copied().filter(|throttling| throttling.until > now)
    }
}

const fn namespace(root: Root) -> Option<Namespace> {
    match root {
        Root::Namespace(namespace) => Some(namespace),
        Root::System | Root::Hook(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{RateOf, Root, Throttle, Throttled, Throttling};
    use crate::limits::NAMESPACES_COUNTED_MAX;
    use std::sync::Arc;
    use wigwag_access::Namespace;
    use wigwag_base::{GroupId, HookId, Timestamp};

    const NOW: Timestamp = Timestamp::from_secs(1_000);
    const NEXT: Timestamp = Timestamp::from_secs(1_060);

    fn root(id: i64) -> Root {
        Root::Namespace(Namespace::Group(GroupId(id)))
    }

    #[test]
    fn each_namespace_has_its_own_minute_and_the_system_none() {
        let mut throttle = Throttle::new(Some(2), Arc::default());
        for other in [root(2), Root::System, Root::System, Root::System] {
            throttle.sent(other, NOW);
        }
        for waits in [None, None, Some(NEXT)] {
            assert_eq!(throttle.wait_until(root(1), NOW), waits);
            throttle.sent(root(1), NOW);
        }
        assert_eq!([throttle.wait_until(root(2), NOW), throttle.wait_until(Root::System, NOW)], [None; 2]);
        assert_eq!(throttle.wait_until(root(1), NEXT), None);
    }

    #[test]
    fn who_waited_longest_goes_first_and_each_waits_once() {
        let shown = Arc::new(Throttled::default());
        let mut throttle = Throttle::new(Some(1), shown.clone());
        let by = |by| Throttling { until: NEXT, by };
        for hook in [3, 1, 3, 2] {
            throttle.hold_back(root(1), HookId(hook), by(RateOf::Namespace));
        }
        throttle.hold_back(root(1), HookId(9), by(RateOf::Hook));
        assert_eq!(throttle.line(root(1)), [3, 1, 2].map(HookId));
        assert!(throttle.line(root(1)).is_empty() && throttle.line(root(2)).is_empty());
        assert_eq!(shown.of(HookId(9), NOW), Some(by(RateOf::Hook)));
        assert_eq!(shown.of(HookId(9), NEXT), None);
        throttle.let_go(HookId(3));
        assert_eq!(shown.of(HookId(3), NOW), None);
    }

    #[test]
    fn minutes_that_are_over_are_forgotten_when_there_are_many() {
        let mut throttle = Throttle::new(Some(1), Arc::default());
        for id in 0..NAMESPACES_COUNTED_MAX as i64 {
            throttle.sent(root(id), NOW);
        }
        throttle.sent(root(-1), NOW);
        assert_eq!(throttle.namespaces.len(), NAMESPACES_COUNTED_MAX + 1, "all of them count still");
        throttle.sent(root(-2), NEXT);
        assert_eq!(throttle.namespaces.len(), 1);
    }
}
