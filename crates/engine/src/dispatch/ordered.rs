//! Hooks that keep the order of events: one request at a time, the oldest delivery that has not ended. A failed one waits
//! for its retry, and the others behind it.
//!
//! What is the oldest is told by ids, which rise as events are accepted. An event that is still on its way to the lanes
//! (its project's hooks or its chain are being read, or it is of a former life) is waited for.

use super::dispatcher::Dispatcher;
use super::lane::Lane;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use wigwag_base::{EventId, HookId, Timestamp};
use wigwag_hooks::DeliveryState;
use wigwag_hooks::health::{self, Permit};

/// What hooks that keep the order of events wait for.
#[derive(Default)]
pub(super) struct OnTheWay {
    /// Events whose chains are being looked up.
    pub(super) chains: BTreeSet<EventId>,
    /// Whether everything that a former life left is on its way.
    taken_up: bool,
    /// Hooks that wait for something older.
    waiting: FxHashSet<HookId>,
}

impl Dispatcher {
    /// Looks at the lane of a hook that keeps the order of events and may be called.
    pub(super) fn kick_ordered(&mut self, id: HookId, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        // What is under way, being read or being written may be the oldest; its end comes back here.
        if lane.parked || lane.in_flight > 0 || !lane.backlog.is_settled() {
            return;
        }
        if let Some(until) = lane.waits_in_order(now) {
            return self.wake_at(until, id);
        }
        if lane.backlog.rows.is_empty() && lane.backlog.has_more() {
            return self.read_backlog(id, Timestamp::from_millis(i64::MAX), crate::limits::BACKLOG_PAGE);
        }
        let Some((oldest, due)) = lane.oldest() else { return };
        if due > now {
            // It is read again then: what expires meanwhile must not go out.
            lane.oldest_waits = Some((oldest, due));
            lane.backlog.give_back();
            // Everybody sees there what waits, and it takes no memory that others need.
            self.spill(id, 0, DeliveryState::Pending);
            return self.wake_at(due, id);
        }
        if self.is_older_on_the_way(oldest) {
            self.on_the_way.waiting.insert(id);
            return;
        }
        self.queue(id, now);
    }

    /// Whether a lane keeps the order, so that its next request waits until the rows before it are written, and could send now.
    pub(super) fn waits_for_its_rows(&self, lane: &Lane) -> bool {
        let now = self.now();
        let hook = &lane.facts.hook;
        let may_send = || {
            matches!(
                health::permit(&lane.health, now, &self.engine.policy(hook)),
                Permit::Open | Permit::Probe
            )
        };
        lane.is_ordered() && hook.enabled.is_on() && lane.waits_in_order(now).is_none() && may_send()
    }

    fn is_older_on_the_way(&self, event: EventId) -> bool {
        let is_older = |other: EventId| other < event;
        !self.on_the_way.taken_up
            || self.on_the_way.chains.first().copied().is_some_and(is_older)
            || self.routes.oldest_loading().is_some_and(is_older)
    }

    /// Everything that a former life left is on its way.
    pub(super) fn taken_up(&mut self) {
        self.on_the_way.taken_up = true;
        self.arrived_all();
    }

    /// Events have come to their lanes: who waited for an older one looks again.
    pub(super) fn arrived_all(&mut self) {
        for id in std::mem::take(&mut self.on_the_way.waiting) {
            self.kick(id);
        }
    }
}

impl Lane {
    /// The oldest delivery in memory and when it may be sent.
    fn oldest(&self) -> Option<(EventId, Timestamp)> {
        let at_once = Timestamp::from_millis(0);
        let row = self.backlog.rows.front().map(|row| match row.state {
            DeliveryState::Retrying { due } => (row.event, due),
            _ => (row.event, at_once),
        });
        let fresh = self.fresh.first().map(|event| (event, at_once));
        match (row, fresh) {
            (Some(row), Some(fresh)) => Some(if fresh.0 < row.0 { fresh } else { row }),
            (one, other) => one.or(other),
        }
    }

    /// Until when everything waits behind the oldest delivery, if it does.
    pub(super) fn waits_in_order(&self, now: Timestamp) -> Option<Timestamp> {
        self.oldest_waits.map(|(_, until)| until).filter(|until| *until > now)
    }

    /// A row may be sent: it may be older than what is in memory, if its event came to this lane late.
    pub(super) fn came_late(&mut self, event: EventId) {
        let is_older = |other: EventId| event < other;
        let youngest = self.backlog.rows.back().map(|row| row.event);
        if youngest.is_some_and(is_older) || self.oldest_waits.is_some_and(|(oldest, _)| is_older(oldest)) {
            self.look_for_the_oldest();
        }
    }

    /// A request failed, or somebody changed what waits: what is in memory may not be the oldest any more.
    pub(super) fn look_for_the_oldest(&mut self) {
        self.oldest_waits = None;
        if self.is_ordered() {
            self.backlog.give_back();
        }
    }
}
