use super::hooks::{failure_policy, retry_policy};
use wigwag_engine::history::{Change, Cut, PolicyRun, PolicyTrial};
use wigwag_hooks::health::{DryRun, Policy};
use wigwag_hooks::{Outcome, PastAttempt, PolicyChoice};
use wigwag_wire::{Time, hooks};

/// What no past attempt tells.
const UNKNOWN: &str = "Only the outcomes of requests that were sent are known. What falls into a pause is counted as spared; \
    when it would have arrived is not known. The next attempt after a pause stands for its probe. Requests that a more \
    patient policy, or further retries, would have made were never sent.";

/// A change of a hook's health.
pub(crate) fn hook_change(change: &Change) -> hooks::HookChange {
    let transition = &change.transition;
    hooks::HookChange {
        id: change.id.0,
        kind: transition.kind.name(),
        from: transition.from,
        to: transition.to,
        at: Time(transition.at),
        failures: transition.failures,
        error: transition.error.clone(),
        attempts: change.attempts.iter().map(attempt).collect(),
        attempts_count: change.attempts_count,
    }
}

fn attempt(attempt: &PastAttempt) -> hooks::HookChangeAttempt {
    hooks::HookChangeAttempt {
        id: attempt.id.0,
        event_id: attempt.event.map(|event| event.0),
        kind: attempt.kind.name(),
        at: Time(attempt.started_at),
        status: attempt.outcome.response().map(|response| response.status),
        error: match &attempt.outcome {
            Outcome::Success(_) => None,
            Outcome::Failure(failure) => Some(failure.text.clone()),
        },
    }
}

/// What a policy would have done.
pub(crate) fn policy_dry_run(trial: &PolicyTrial) -> hooks::PolicyDryRun {
    let DryRun { sent, pauses, paused, disabled_at, disabled, health, .. } = trial.happened;
    hooks::PolicyDryRun {
        from: Time(trial.from),
        until: Time(trial.until),
        attempts: trial.attempts,
        cut: trial.cut == Cut::Oldest,
        unknown: UNKNOWN,
        tried: run(&trial.tried),
        present: run(&trial.present),
        happened: hooks::WhatHappened {
            sent,
            pauses,
            paused_s: paused.as_secs(),
            disabled_at: disabled_at.map(Time),
            disabled_s: disabled.as_secs(),
            health,
        },
    }
}

fn run(of: &PolicyRun) -> hooks::PolicyRun {
    let choice = match of.failures {
        Policy::Off => PolicyChoice::Off,
        Policy::On(policy) => PolicyChoice::Own(policy),
    };
    let run = &of.run;
    hooks::PolicyRun {
        failure_policy: failure_policy(choice).unwrap_or(hooks::FailurePolicy::Word("off")),
        retry_policy: retry_policy(&of.retries),
        sent: run.sent,
        spared: run.spared(),
        would_have_waited: run.would_have_waited,
        retries_left_out: run.left_out,
        given_up: run.given_up,
        pauses: run.pauses,
        paused_s: run.paused.as_secs(),
        disabled_at: run.disabled_at.map(Time),
        disabled_s: run.disabled.as_secs(),
        health: run.health,
    }
}
