//! What a result means for health, for the delivery, and for what goes out next.

use super::{
    Finished, HookFacts, Job, dispatcher::Dispatcher, fair::Root, outage::Verdict, suspects::Answered,
};
use crate::recorder::{Entry, Moved};
use bytes::Bytes;
use wigwag_base::{HookId, Timestamp};
use wigwag_hooks::health::{self, Policy, Signal, Step};
use wigwag_hooks::{
    Attempt, AttemptKind, DeliveryState, Failure, FailureClass, Hook, HookScope, Outcome, after_failure,
};
use wigwag_ports::deliveries::{DeliveryChange, HealthChange, Record};

/// What went out.
struct Sent {
    job: Job,
    kind: AttemptKind,
    /// Its bytes; empty if there are none yet.
    body: Bytes,
}

impl Dispatcher {
    /// A request came to its end.
    pub(super) fn finished(&mut self, finished: Finished) {
        self.free_slots(&finished);
        let now = self.now();
        let id = finished.facts.hook.id;
        let Some(lane) = self.lanes.get_mut(&id) else { return self.finished_orphan(finished) };
        lane.in_flight -= 1;
        lane.last_sign = now;
        let Finished { facts, job, kind, body, attempt, reach } = finished;
        let Some(mut attempt) = attempt else {
            match job {
                Job::Fresh(open) => {
                    self.pressure.add(open.weight());
                    lane.fresh.push_front(open);
                }
                Job::Row(row) if lane.backlog.overtaken.remove(&row.event) => {
                    lane.backlog.committed(row.event, Some(now));
                }
                Job::Row(row) => lane.backlog.rows.push_front(*row),
            }
            return self.kick(id);
        };
        self.judge_receiver(id, Answered::by(&attempt.outcome));
        match self.outage.note(now, || facts.host_key(), reach) {
            Verdict::Counts => {}
            Verdict::Ours => {
                self.engine.inner.notices.outage_began();
                attempt.outcome = ours(attempt.outcome);
            }
            Verdict::Over => {
                self.engine.inner.notices.outage_ended();
                self.look();
            }
        }
        let health = self.move_health(id, &attempt.outcome, now);
        self.settle(id, Sent { job, kind, body }, attempt, health);
        self.after_health(id, now);
        self.kick(id);
    }

    /// Steps the machine in memory; the recorder writes the change.
    fn move_health(&mut self, id: HookId, outcome: &Outcome, now: Timestamp) -> Option<HealthChange> {
        let width_max = self.engine.inner.settings.in_flight_max.hook;
        let lane = self.lanes.get_mut(&id)?;
        let policy = self.engine.policy(&lane.facts.hook);
        let signal = match outcome {
            Outcome::Success(_) => Signal::Success,
            Outcome::Failure(failure) => Signal::Failure(failure),
        };
        let was_failing = lane.health.state.is_failing();
        let change = take_step(id, &mut lane.health, signal, now, &policy);
        if was_failing && !lane.health.state.is_failing() {
            lane.ramp.restart();
        }
        if outcome.is_success() {
            lane.ramp.succeeded(width_max);
        }
        change
    }

    /// Writes the attempt, and what becomes of the delivery.
    fn settle(&mut self, id: HookId, sent: Sent, attempt: Attempt, health: Option<HealthChange>) {
        let Sent { job, kind, body } = sent;
        let now = self.now();
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let moved = health.as_ref().map(|change| Moved {
            hook: Hook { health: change.record.clone(), ..lane.facts.hook.clone() },
            waiting: lane.backlog.count,
        });
        let failure = match &attempt.outcome {
            Outcome::Success(_) => None,
            Outcome::Failure(failure) => Some(failure.class),
        };
        let mut record = Record { attempt: Some(attempt), health, ..Record::default() };
        if lane.backlog.overtaken.remove(&job.event_id()) {
            // It ended by another hand. If somebody let it wait once more since, it is read again.
            let at_once = Some(Timestamp::from_millis(0));
            let mut entry = Entry::of(record).of_row(id, job.event_id(), at_once);
            entry.moved = moved;
            return self.record(entry);
        }
        match failure {
            None => {
                let mut entry = match &job {
                    Job::Fresh(open) => {
                        record.settled = open.close();
                        Entry::of(record)
                    }
                    Job::Row(row) => {
                        lane.backlog.count = lane.backlog.count.saturating_sub(1);
                        self.engine.inner.watch.waiting(id, lane.backlog.count);
                        record.delivery = Some(DeliveryChange::Delivered { hook: id, event: row.event });
                        Entry::of(record).of_row(id, row.event, None)
                    }
                };
                entry.moved = moved;
                self.record(entry);
            }
            Some(failure) => {
                let retry = self.engine.retry_policy(&lane.facts.hook);
                let jitter = self.engine.inner.entropy.uniform();
                let next = after_failure(retry, job.attempts(), kind, failure, now, jitter);
                if let (AttemptKind::Probe, FailureClass::Ours, DeliveryState::Retrying { due }) =
                    (kind, failure, next.state)
                {
                    lane.probe_not_before = due;
                }
                lane.look_for_the_oldest();
                let row = job.row(id, next.state, next.attempts, body);
                record.delivery = Some(DeliveryChange::Put(row));
                let mut entry = Entry::of(record);
                entry.moved = moved;
                self.keep_with(id, &job, next.state, entry);
            }
        }
    }

    /// What the new state of a hook's health means for its lane.
    fn after_health(&mut self, id: HookId, now: Timestamp) {
        if self.is_closed(id, now) {
            self.spill(id, 0, DeliveryState::Held);
        }
        self.give_back_if_closed(id, now);
    }

    /// Rows that lie ready for a hook that may not be called wait in the store.
    pub(super) fn give_back_if_closed(&mut self, id: HookId, now: Timestamp) {
        if self.is_closed(id, now)
            && let Some(lane) = self.lanes.get_mut(&id)
        {
            lane.backlog.give_back();
        }
    }

    /// Whether a hook may not be called for a while.
    fn is_closed(&self, id: HookId, now: Timestamp) -> bool {
        let Some(lane) = self.lanes.get(&id) else { return true };
        let permit = health::permit(&lane.health, now, &self.engine.policy(&lane.facts.hook));
        !lane.facts.hook.enabled.is_on()
            || matches!(permit, health::Permit::NotBefore(_) | health::Permit::Closed)
    }

    /// Moves what time or policy moves: a pause that has run out makes the next request the probe, a policy that is off
    /// lets go at once what failures had paused or disabled.
    pub(super) fn refresh_health(&mut self, id: HookId, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let policy = self.engine.policy(&lane.facts.hook);
        let signal = match policy {
            Policy::On(_) => Signal::PauseOver,
            Policy::Off => Signal::PolicyOff,
        };
        let was_failing = lane.health.state.is_failing();
        let Some(change) = take_step(id, &mut lane.health, signal, now, &policy) else { return };
        if was_failing && !lane.health.state.is_failing() {
            lane.ramp.restart();
        }
        let moved = Moved {
            hook: Hook { health: change.record.clone(), ..lane.facts.hook.clone() },
            waiting: lane.backlog.count,
        };
        let mut entry = Entry::of(Record { health: Some(change), ..Record::default() });
        entry.moved = Some(moved);
        self.record(entry);
    }

    /// A result for a hook that is gone: the attempt is kept, nothing more is sent.
    fn finished_orphan(&mut self, finished: Finished) {
        let settled = match &finished.job {
            Job::Fresh(open) => open.close(),
            Job::Row(_) => None,
        };
        self.record(Entry::of(Record { attempt: finished.attempt, settled, ..Record::default() }));
    }

    /// Somebody wrote a hook: what they wrote holds, unless our picture of its health is newer.
    pub(super) fn hook_written(&mut self, hook: Hook) {
        match hook.scope {
            HookScope::Project(project) => self.routes.forget(project),
            HookScope::Group(_) | HookScope::System => self.routes.forget_all(),
        }
        let Some(lane) = self.lanes.get(&hook.id) else { return };
        let newer = hook.health.version > lane.health.version;
        self.adopt(hook, newer);
    }

    /// A hook was read because our picture was old, or because the start found rows of it; none if it is gone.
    pub(super) fn hook_read(&mut self, id: HookId, found: Option<(Hook, Root)>) {
        self.hook_reads -= 1;
        self.stale.remove(&id);
        match found {
            Some(found) => self.hook_found(found),
            None => drop(self.found_waiting.remove(&id)),
        }
    }

    /// What the store says of a hook holds.
    pub(super) fn hook_found(&mut self, (hook, root): (Hook, Root)) {
        let id = hook.id;
        let found = self.found_waiting.remove(&id);
        if !self.lanes.contains_key(&id) {
            self.ensure_lane(hook, root);
        } else {
            self.adopt(hook, true);
        }
        if let Some(waiting) = found {
            self.wake_waiting(waiting);
        }
    }

    pub(super) fn adopt(&mut self, hook: Hook, health_too: bool) {
        let now = self.now();
        let id = hook.id;
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if health_too {
            if lane.health.state.is_failing() && !hook.health.state.is_failing() {
                lane.ramp.restart();
            }
            lane.health = hook.health.clone();
        }
        if hook.revision >= lane.facts.hook.revision {
            let host = lane.facts.host_key();
            lane.facts = HookFacts::new(&self.engine.inner, hook);
            lane.look_for_the_oldest();
            if lane.facts.host_key() != host {
                // It stands in the line of a host that it has left.
                lane.parked = false;
            }
        }
        self.refresh_health(id, now);
        self.after_health(id, now);
        self.kick(id);
    }

    /// A hook was deleted; its rows are cancelled in the store.
    pub(super) fn hook_gone(&mut self, id: HookId, scope: HookScope) {
        match scope {
            HookScope::Project(project) => self.routes.forget(project),
            HookScope::Group(_) | HookScope::System => self.routes.forget_all(),
        }
        let Some(mut lane) = self.lanes.remove(&id) else { return };
        self.throttle.let_go(id);
        self.suspects.clear(id);
        while let Some(open) = lane.fresh.pop_front() {
            self.pressure.sub(open.weight());
            if let Some(event) = open.close() {
                self.record(Entry::of(Record { settled: Some(event), ..Record::default() }));
            }
        }
        self.offer_slot(&lane.facts.host_key());
    }
}

/// A failure that counts against nobody, because nobody can be reached at present.
fn ours(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Failure(failure) => Outcome::Failure(Failure {
            class: FailureClass::Ours,
            text: format!(
                "{}. No receiver can be reached from here at present, so this does not count",
                failure.text
            ),
            ..failure
        }),
        success @ Outcome::Success(_) => success,
    }
}

/// One step of the machine; `None` if nothing changed.
fn take_step(
    hook: HookId,
    health: &mut health::HealthRecord,
    signal: Signal<'_>,
    now: Timestamp,
    policy: &health::Policy,
) -> Option<HealthChange> {
    let Step { record, transition } = health::step(health, signal, now, policy);
    if record.version == health.version {
        return None;
    }
    let seen_version = std::mem::replace(health, record.clone()).version;
    Some(HealthChange { hook, seen_version, record, transition })
}
