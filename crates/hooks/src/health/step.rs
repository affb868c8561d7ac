use super::{FailureNote, Health, HealthRecord, PauseReason, Policy, Transition, TransitionKind};
use crate::{Failure, FailureClass, FailurePolicy};
use wigwag_base::Timestamp;

/// Something that may move a hook's health.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal<'a> {
    /// A delivery's request was answered with 2xx.
    Success,
    /// A delivery's request failed.
    Failure(&'a Failure),
    /// The time until which the hook is paused may have come.
    PauseOver,
    /// Somebody re-enabled the hook.
    Enable,
    /// A test, or another request that a person sent by hand, was answered with 2xx.
    TestSucceeded,
    /// A test, or another request that a person sent by hand, failed.
    TestFailed(&'a Failure),
    /// URL, credentials or template changed: a failing hook is due at once, its counter stays.
    Edited,
    /// The owner switched the hook on again.
    SwitchedOn,
    /// The hook's policy became [`Policy::Off`], by the flag or by a choice: what failures paused or disabled is
    /// executable at once.
    PolicyOff,
}

/// What a signal led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The record after it; its version is one higher if and only if anything in it changed.
    pub record: HealthRecord,
    /// The change of the state's word, if it changed.
    pub transition: Option<Transition>,
}

/// What one signal does to a record.
enum Move<'a> {
    /// Nothing.
    Stay,
    /// Counts the failure and goes to this state.
    Count(&'a Failure, Health),
    /// Notes the failure without counting it and goes to this state.
    Note(&'a Failure, Health),
    /// Goes to this state; the counter stays.
    To(Health),
    /// Starts healthy.
    Reset,
}

/// The state machine of the module's diagram. `policy` is what holds at `now`.
pub fn step(record: &HealthRecord, signal: Signal<'_>, now: Timestamp, policy: &Policy) -> Step {
    use {Health as H, Move as M, Signal as S};
    let held_back = matches!(record.state, H::Unhealthy { not_before: Some(at) } if at > now);
    let next = match (record.state, signal, policy) {
        (_, S::Failure(f) | S::TestFailed(f), _) if f.class == FailureClass::Ours => M::Stay,
        (state, S::TestFailed(f), _) => M::Note(f, state),
        (H::Healthy | H::Disabled, S::Success, _) => M::Stay,
        (_, S::Success | S::Enable | S::TestSucceeded | S::SwitchedOn, _) => M::Reset,

        (_, S::Failure(f), Policy::Off) => M::Count(f, H::Unhealthy { not_before: None }),
        (H::Paused { .. }, S::Failure(f), Policy::On(_)) if f.class == FailureClass::Gone => {
            M::Note(f, H::Disabled)
        }
        (H::Paused { .. } | H::Disabled, S::Failure(_), Policy::On(_)) => M::Stay,
        (_, S::Failure(f), Policy::On(_)) if held_back && f.class != FailureClass::Gone => M::Stay,
        (H::HalfOpen, S::Failure(f), Policy::On(policy)) if came_early(record, f, now, policy) => {
            M::To(after_counted(H::HalfOpen, record.failures, f, now, policy))
        }
        (state, S::Failure(f), Policy::On(policy)) => {
            M::Count(f, after_counted(state, record.failures.saturating_add(1), f, now, policy))
        }

        (H::Paused { .. } | H::HalfOpen | H::Disabled, S::PolicyOff, _)
        | (H::Paused { .. } | H::HalfOpen | H::Disabled, S::PauseOver | S::Edited, Policy::Off) => {
            M::To(released(record.failures))
        }
        (H::Paused { until, .. }, S::PauseOver, _) if until <= now => M::To(H::HalfOpen),
        (H::Paused { .. } | H::HalfOpen | H::Disabled, S::Edited, _) => M::To(H::HalfOpen),
        (H::Unhealthy { .. }, S::Edited | S::PolicyOff, _) => M::To(H::Unhealthy { not_before: None }),
        (_, S::PauseOver, _) | (H::Healthy, S::Edited | S::PolicyOff, _) => M::Stay,
    };
    taken(record, next, now)
}

/// Until when the receiver asked us to stay away. A Retry-After of zero asks for nothing.
fn asked_until(failure: &Failure, now: Timestamp, policy: &FailurePolicy) -> Option<Timestamp> {
    failure.retry_after.filter(|wait| !wait.is_zero()).map(|wait| now + wait.min(policy.max_pause))
}

/// Whether a probe went out only because an earlier Retry-After was shorter than the pause of its number, and is asked
/// to wait again. Then the pause is as asked, but the counter waits for the time of the table: a receiver that says
/// "in a second" for a minute must not be disabled within that minute.
fn came_early(record: &HealthRecord, failure: &Failure, now: Timestamp, policy: &FailurePolicy) -> bool {
    let counted_at = record.last_failure.as_ref().map(|note| note.at);
    asked_until(failure, now, policy).is_some()
        && record.failures >= policy.threshold
        && policy.permanent_at.is_none_or(|last| record.failures < last)
        && counted_at.is_some_and(|at| now < at + policy.pause(record.failures))
}

/// The state after the `n`-th counted failure in a row.
fn after_counted(from: Health, n: u32, failure: &Failure, now: Timestamp, policy: &FailurePolicy) -> Health {
    let asked = asked_until(failure, now, policy);
    if failure.class == FailureClass::Gone || policy.permanent_at.is_some_and(|last| n >= last) {
        Health::Disabled
    } else if n < policy.threshold && from != Health::HalfOpen {
        Health::Unhealthy { not_before: asked }
    } else {
        match asked {
            Some(until) => Health::Paused { until, reason: PauseReason::RetryAfter },
            None => Health::Paused { until: now + policy.pause(n), reason: PauseReason::Failures },
        }
    }
}

/// The state of a hook that nothing holds back any more.
const fn released(failures: u32) -> Health {
    if failures == 0 { Health::Healthy } else { Health::Unhealthy { not_before: None } }
}

/// The record after a move, and the transition that it is.
fn taken(before: &HealthRecord, next: Move<'_>, now: Timestamp) -> Step {
    let note = |f: &Failure| Some(FailureNote { at: now, text: f.text.clone() });
    let kept = || before.last_failure.clone();
    let (state, failures, last_failure) = match next {
        Move::Stay => (before.state, before.failures, kept()),
        Move::Count(f, state) => (state, before.failures.saturating_add(1), note(f)),
        Move::Note(f, state) => (state, before.failures, note(f)),
        Move::To(state) => (state, before.failures, kept()),
        Move::Reset => (Health::Healthy, 0, None),
    };
    let word_changed = state.name() != before.state.name();
    // A pause that begins again is the same trouble: since when a hook is paused tells the first.
    let same_trouble = before.state.pauses() && state.pauses();
    let since = if word_changed && !same_trouble { now } else { before.since };
    let mut record = HealthRecord { state, failures, since, last_failure, version: before.version };
    if record != *before {
        record.version += 1;
    }
    let transition = word_changed.then(|| transition(before, &record, now));
    Step { record, transition }
}

/// Tells a change of the state's word. One that ends a row of failures still names its counter and its last error.
fn transition(before: &HealthRecord, after: &HealthRecord, at: Timestamp) -> Transition {
    let kind = match (before.state, after.state) {
        (_, Health::Healthy) => TransitionKind::Recovered,
        (Health::Healthy, Health::Unhealthy { .. }) => TransitionKind::Unhealthy,
        (_, Health::Unhealthy { .. }) => TransitionKind::Recovered,
        (_, Health::Paused { .. }) => TransitionKind::Paused,
        (_, Health::HalfOpen) => TransitionKind::HalfOpen,
        (_, Health::Disabled) => TransitionKind::Disabled,
    };
    let got_worse = match after.state {
        Health::Paused { .. } => !before.state.is_failing(),
        Health::Disabled => true,
        Health::Healthy | Health::Unhealthy { .. } | Health::HalfOpen => false,
    };
    let told = if after.last_failure.is_some() { after } else { before };
    Transition {
        kind,
        from: before.state.name(),
        to: after.state.name(),
        at,
        failures: told.failures,
        error: told.last_failure.as_ref().map(|note| note.text.clone()),
        got_worse,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
