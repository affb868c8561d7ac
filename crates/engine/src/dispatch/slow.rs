//! Receivers that do not answer: found out, and kept to their share of slots and memory.

use super::{dispatcher::Dispatcher, suspects::Answered};
use crate::limits::{READY_OF_SLOW_HOOKS_MAX, READY_PER_HOOK_MAX, READY_PER_SLOW_HOOK_MAX};
use wigwag_base::{HookId, Timestamp};
use wigwag_hooks::DeliveryState;

impl Dispatcher {
    /// Finds the lanes whose receivers do not answer, and those that wait behind such, and moves what lies ready for them to the store.
    pub(super) fn look_for_slow(&mut self, now: Timestamp) {
        let was: Vec<HookId> = self.slow.drain().collect();
        self.suspects.begin_count();
        let mut with_ready = Vec::new();
        for id in &self.busy {
            let Some(lane) = self.lanes.get(id) else { continue };
            let is_slow = lane.is_slow(now);
            if is_slow || !lane.proven {
                self.suspects.count(*id, lane.in_flight);
            }
            if is_slow && self.slow.insert(*id) && !lane.fresh.is_empty() {
                with_ready.push(*id);
            }
        }
        // Who waits for one of their slots has no request under way, and as much ready as they have.
        for id in self.suspects.line() {
            let Some(lane) = self.lanes.get(&id).filter(|lane| lane.parked) else { continue };
            if self.slow.insert(id) && !lane.fresh.is_empty() {
                with_ready.push(id);
            }
        }
        for id in with_ready {
            self.spill(id, self.ready_max(id), DeliveryState::Pending);
        }
        for id in was {
            if self.suspects.holds(id) || self.slow.contains(&id) {
                continue;
            }
            if let Some(lane) = self.lanes.get_mut(&id) {
                lane.parked = false;
            }
            self.kick(id);
        }
        self.offer_suspects_slots();
    }

    /// How many requests suspects may have under way together: the other half is for those that answer.
    pub(super) fn suspects_max(&self) -> usize {
        (self.engine.inner.settings.in_flight_max.node / 2).max(1)
    }

    /// Lets suspects that wait go on, as many as there is room for.
    pub(super) fn offer_suspects_slots(&mut self) {
        for hook in self.suspects.next(self.suspects_max(), self.now()) {
            if let Some(lane) = self.lanes.get_mut(&hook) {
                lane.parked = false;
            }
            self.kick(hook);
        }
    }

    /// A lane's receiver has answered, or let its time run out: it is trusted, or not any more.
    pub(super) fn judge_receiver(&mut self, id: HookId, answered: Answered) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.proven = answered == Answered::Yes;
        if lane.proven && !self.slow.contains(&id) && self.suspects.holds(id) {
            self.suspects.clear(id);
            // It need not stand in their line any longer.
            lane.parked = false;
        }
    }

    /// How many fresh deliveries of a hook may lie in memory: few if its receiver does not answer, and fewer the more
    /// such receivers there are.
    pub(super) fn ready_max(&self, id: HookId) -> usize {
        if self.lanes.get(&id).is_some_and(|lane| lane.waits_in_order(self.now()).is_some()) {
            0
        } else if self.slow.contains(&id) {
            (READY_OF_SLOW_HOOKS_MAX / self.slow.len()).min(READY_PER_SLOW_HOOK_MAX)
        } else {
            READY_PER_HOOK_MAX
        }
    }

    /// Whether a hook must wait since its receiver has not shown that it answers; it stands in line then.
    pub(super) fn waits_as_suspect(&mut self, id: HookId, now: Timestamp) -> bool {
        let max = self.suspects_max();
        let Some(lane) = self.lanes.get_mut(&id) else { return false };
        if !lane.proven {
            self.suspects.count(id, lane.in_flight);
        }
        let waits = self.suspects.must_wait(id, max, now);
        if waits && !lane.parked {
            lane.parked = true;
            self.suspects.park(id);
        }
        waits
    }
}
