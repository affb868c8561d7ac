use super::{Signal, Step, step};
use crate::health::{Health, HealthRecord, PauseReason, Policy, TransitionKind};
use crate::{Failure, FailureClass, FailurePolicy};
use std::fmt::Write;
use std::time::Duration;
use wigwag_base::Timestamp;

const ON: Policy = Policy::On(FailurePolicy::REFERENCE);

fn at(s: i64) -> Timestamp {
    Timestamp::from_secs(s)
}

fn failed(class: FailureClass) -> Failure {
    Failure { class, text: format!("{} happened", class.name()), response: None, retry_after: None }
}

fn asked_to_wait(s: u64) -> Failure {
    Failure { retry_after: Some(Duration::from_secs(s)), ..failed(FailureClass::ServerError) }
}

fn in_state(state: Health, failures: u32) -> HealthRecord {
    HealthRecord { state, failures, ..HealthRecord::new(at(0)) }
}

fn paused(until_s: i64) -> Health {
    Health::Paused { until: at(until_s), reason: PauseReason::Failures }
}

/// A step in one line: state, counter, version, transition.
fn told(step: &Step) -> String {
    let record = &step.record;
    let mut line = match record.state {
        Health::Paused { until, reason } => format!("paused by {reason:?} until {}", until.as_secs()),
        Health::Unhealthy { not_before: Some(at) } => format!("unhealthy, not before {}", at.as_secs()),
        state => state.name().to_owned(),
    };
    write!(line, ", {} failures, v{}", record.failures, record.version).unwrap();
    if let Some(t) = &step.transition {
        write!(line, "; {} {}->{}", t.kind.name(), t.from, t.to).unwrap();
        line.push_str(if t.got_worse { ", worse" } else { "" });
    }
    line
}

/// `state` with `failures` in a row gets `signal` at second 100.
#[track_caller]
fn check(state: Health, failures: u32, signal: Signal<'_>, policy: &Policy, expected: &str) {
    assert_eq!(told(&step(&in_state(state, failures), signal, at(100), policy)), expected);
}

#[test]
fn forty_failures_in_a_row_pause_and_disable_as_tabled() {
    let failure = failed(FailureClass::Timeout);
    let mut record = HealthRecord::new(at(0));
    let mut pauses_min = Vec::new();
    for n in 1..=40 {
        let now = match record.state {
            Health::Paused { until, .. } => {
                let early = step(&record, Signal::PauseOver, until - Duration::from_millis(1), &ON);
                assert_eq!(early.record, record);
                record = step(&record, Signal::PauseOver, until, &ON).record;
                assert_eq!(record.state, Health::HalfOpen);
                until
            }
            _ => at(n),
        };
        let Step { record: after, transition } = step(&record, Signal::Failure(&failure), now, &ON);
        assert_eq!((after.failures, after.version), (n as u32, record.version + 1));
        let kind = transition.as_ref().map(|t| (t.kind, t.got_worse));
        match (n, after.state) {
            (1, Health::Unhealthy { not_before: None }) => {
                assert_eq!(kind, Some((TransitionKind::Unhealthy, false)));
            }
            (2..=3, Health::Unhealthy { not_before: None }) => assert_eq!(kind, None),
            (4..=39, Health::Paused { until, reason: PauseReason::Failures }) => {
                assert_eq!(kind, Some((TransitionKind::Paused, n == 4)));
                pauses_min.push(until.since(now).as_secs() / 60);
                let first = if n == 4 { now } else { record.since };
                assert_eq!(after.since, first, "a pause that begins again is the same trouble");
            }
            (40, Health::Disabled) => {
                assert_eq!(kind, Some((TransitionKind::Disabled, true)));
                assert_eq!(after.since, now);
            }
            other => panic!("{other:?}"),
        }
        record = after;
    }
    let mut table = vec![1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
    table.resize(36, 1440);
    assert_eq!(pauses_min, table);
}

#[test]
fn one_success_resets_everything_but_disabled() {
    let check = |state, failures, expected| check(state, failures, Signal::Success, &ON, expected);
    check(Health::Healthy, 0, "healthy, 0 failures, v0");
    check(
        Health::Unhealthy { not_before: None },
        3,
        "healthy, 0 failures, v1; hook.recovered unhealthy->healthy",
    );
    check(paused(200), 9, "healthy, 0 failures, v1; hook.recovered paused->healthy");
    check(Health::HalfOpen, 9, "healthy, 0 failures, v1; hook.recovered half_open->healthy");
    check(Health::Disabled, 40, "disabled, 40 failures, v0");
}

#[test]
fn a_person_or_a_test_heals_every_state() {
    for signal in [Signal::Enable, Signal::TestSucceeded, Signal::SwitchedOn] {
        for policy in [&ON, &Policy::Off] {
            let check = |state, failures, expected| check(state, failures, signal, policy, expected);
            check(Health::Healthy, 0, "healthy, 0 failures, v0");
            let unhealthy = Health::Unhealthy { not_before: Some(at(500)) };
            check(unhealthy, 2, "healthy, 0 failures, v1; hook.recovered unhealthy->healthy");
            check(paused(200), 9, "healthy, 0 failures, v1; hook.recovered paused->healthy");
            check(Health::HalfOpen, 9, "healthy, 0 failures, v1; hook.recovered half_open->healthy");
            check(Health::Disabled, 40, "healthy, 0 failures, v1; hook.recovered disabled->healthy");
        }
    }
}

#[test]
fn every_class_of_failure_counts_alike_but_ours_and_gone() {
    for class in FailureClass::ALL {
        let expected = match class {
            FailureClass::Ours => "unhealthy, 1 failures, v0",
            FailureClass::Gone => "disabled, 2 failures, v1; hook.disabled unhealthy->disabled, worse",
            _ => "unhealthy, 2 failures, v1",
        };
        check(Health::Unhealthy { not_before: None }, 1, Signal::Failure(&failed(class)), &ON, expected);
    }
}

#[test]
fn gone_disables_at_once_from_every_state() {
    let gone = failed(FailureClass::Gone);
    let check = |state, failures, expected| check(state, failures, Signal::Failure(&gone), &ON, expected);
    check(Health::Healthy, 0, "disabled, 1 failures, v1; hook.disabled healthy->disabled, worse");
    check(paused(200), 5, "disabled, 5 failures, v1; hook.disabled paused->disabled, worse");
    check(Health::HalfOpen, 5, "disabled, 6 failures, v1; hook.disabled half_open->disabled, worse");
    let waits = Health::Unhealthy { not_before: Some(at(500)) };
    check(waits, 1, "disabled, 2 failures, v1; hook.disabled unhealthy->disabled, worse");
    check(Health::Disabled, 40, "disabled, 40 failures, v0");
}

#[test]
fn failures_that_come_back_during_a_pause_do_not_count() {
    let late = failed(FailureClass::ServerError);
    let check = |state, failures, expected| check(state, failures, Signal::Failure(&late), &ON, expected);
    check(paused(200), 4, "paused by Failures until 200, 4 failures, v0");
    check(paused(100), 4, "paused by Failures until 100, 4 failures, v0");
    check(Health::Disabled, 40, "disabled, 40 failures, v0");
    let asked = Health::Unhealthy { not_before: Some(at(101)) };
    check(asked, 1, "unhealthy, not before 101, 1 failures, v0");
    let over = Health::Unhealthy { not_before: Some(at(100)) };
    check(over, 1, "unhealthy, 2 failures, v1");
}

#[test]
fn a_retry_after_sets_the_length_of_the_pause() {
    let check = |state, failures, wait_s, expected| {
        check(state, failures, Signal::Failure(&asked_to_wait(wait_s)), &ON, expected);
    };
    let unhealthy = Health::Unhealthy { not_before: None };
    check(
        Health::Healthy,
        0,
        50,
        "unhealthy, not before 150, 1 failures, v1; hook.unhealthy healthy->unhealthy",
    );
    check(unhealthy, 2, 50, "unhealthy, not before 150, 3 failures, v1");
    check(
        unhealthy,
        3,
        50,
        "paused by RetryAfter until 150, 4 failures, v1; hook.paused unhealthy->paused, worse",
    );
    let week = 7 * 86_400;
    check(unhealthy, 1, week, "unhealthy, not before 86500, 2 failures, v1");
    let half_open = Health::HalfOpen;
    check(half_open, 12, 7, "paused by RetryAfter until 107, 13 failures, v1; hook.paused half_open->paused");
    check(
        half_open,
        12,
        u64::MAX,
        "paused by RetryAfter until 86500, 13 failures, v1; hook.paused half_open->paused",
    );
    check(half_open, 4, 0, "paused by Failures until 220, 5 failures, v1; hook.paused half_open->paused");
    check(half_open, 39, 7, "disabled, 40 failures, v1; hook.disabled half_open->disabled, worse");
}

#[test]
fn half_open_pauses_again_even_below_a_threshold_that_was_raised() {
    let raised = Policy::On(FailurePolicy { threshold: 10, ..FailurePolicy::REFERENCE });
    let expected = "paused by Failures until 160, 6 failures, v1; hook.paused half_open->paused";
    check(Health::HalfOpen, 5, Signal::Failure(&failed(FailureClass::Dns)), &raised, expected);
}

#[test]
fn a_threshold_of_one_pauses_a_healthy_hook() {
    let strict = FailurePolicy { threshold: 1, permanent_at: Some(2), ..FailurePolicy::REFERENCE };
    let failure = failed(FailureClass::Tls);
    let check = |state, failures, expected| {
        check(state, failures, Signal::Failure(&failure), &Policy::On(strict), expected);
    };
    check(
        Health::Healthy,
        0,
        "paused by Failures until 160, 1 failures, v1; hook.paused healthy->paused, worse",
    );
    check(Health::HalfOpen, 1, "disabled, 2 failures, v1; hook.disabled half_open->disabled, worse");
}

#[test]
fn a_policy_without_an_end_never_disables() {
    let endless = Policy::On(FailurePolicy { permanent_at: None, ..FailurePolicy::REFERENCE });
    let expected = "paused by Failures until 86500, 4294967295 failures, v1; hook.paused half_open->paused";
    let failure = failed(FailureClass::Dns);
    check(Health::HalfOpen, u32::MAX - 1, Signal::Failure(&failure), &endless, expected);
    check(Health::HalfOpen, u32::MAX, Signal::Failure(&failure), &endless, expected);
}

#[test]
fn a_pause_ends_when_its_time_has_come() {
    let check = |state, expected| check(state, 5, Signal::PauseOver, &ON, expected);
    check(paused(100), "half_open, 5 failures, v1; hook.half_open paused->half_open");
    check(paused(101), "paused by Failures until 101, 5 failures, v0");
    check(Health::HalfOpen, "half_open, 5 failures, v0");
    check(Health::Disabled, "disabled, 5 failures, v0");
    check(Health::Unhealthy { not_before: Some(at(1)) }, "unhealthy, not before 1, 5 failures, v0");
}

#[test]
fn an_edit_makes_a_failing_hook_due_and_keeps_its_counter() {
    let check = |state, failures, expected| check(state, failures, Signal::Edited, &ON, expected);
    check(Health::Healthy, 0, "healthy, 0 failures, v0");
    check(Health::Unhealthy { not_before: None }, 2, "unhealthy, 2 failures, v0");
    check(Health::Unhealthy { not_before: Some(at(500)) }, 2, "unhealthy, 2 failures, v1");
    check(paused(500), 9, "half_open, 9 failures, v1; hook.half_open paused->half_open");
    check(Health::HalfOpen, 9, "half_open, 9 failures, v0");
    check(Health::Disabled, 40, "half_open, 40 failures, v1; hook.half_open disabled->half_open");
}

#[test]
fn a_failed_test_is_noted_and_changes_neither_state_nor_counter() {
    let failure = failed(FailureClass::Gone);
    for policy in [&ON, &Policy::Off] {
        let check = |state, failures, expected| {
            check(state, failures, Signal::TestFailed(&failure), policy, expected)
        };
        check(Health::Healthy, 0, "healthy, 0 failures, v1");
        check(Health::HalfOpen, 9, "half_open, 9 failures, v1");
        check(Health::Disabled, 40, "disabled, 40 failures, v1");
    }
    let noted = step(&in_state(paused(200), 4), Signal::TestFailed(&failure), at(100), &ON).record;
    assert_eq!(noted.last_failure.unwrap().text, "gone happened");
}

#[test]
fn with_the_policy_off_counters_go_on_and_nothing_pauses() {
    let off = |state, failures, signal: Signal<'_>, expected: &str| {
        check(state, failures, signal, &Policy::Off, expected)
    };
    let gone = failed(FailureClass::Gone);
    let wait = asked_to_wait(60);
    let unhealthy = Health::Unhealthy { not_before: None };
    off(
        Health::Healthy,
        0,
        Signal::Failure(&gone),
        "unhealthy, 1 failures, v1; hook.unhealthy healthy->unhealthy",
    );
    off(unhealthy, 40, Signal::Failure(&wait), "unhealthy, 41 failures, v1");
    let was = |word| format!("unhealthy, 7 failures, v1; hook.recovered {word}->unhealthy");
    for state in [paused(500), Health::HalfOpen, Health::Disabled] {
        off(state, 7, Signal::PolicyOff, &was(state.name()));
        off(state, 7, Signal::PauseOver, &was(state.name()));
        off(state, 7, Signal::Edited, &was(state.name()));
        off(state, 6, Signal::Failure(&gone), &was(state.name()));
    }
    off(Health::Disabled, 0, Signal::PolicyOff, "healthy, 0 failures, v1; hook.recovered disabled->healthy");
    off(Health::Unhealthy { not_before: Some(at(500)) }, 2, Signal::PolicyOff, "unhealthy, 2 failures, v1");
    off(unhealthy, 2, Signal::PolicyOff, "unhealthy, 2 failures, v0");
    off(Health::Healthy, 0, Signal::PolicyOff, "healthy, 0 failures, v0");
}

#[test]
fn when_the_policy_is_on_again_the_next_failure_decides() {
    let unhealthy = Health::Unhealthy { not_before: None };
    let failure = failed(FailureClass::Timeout);
    let check = |failures, expected| check(unhealthy, failures, Signal::Failure(&failure), &ON, expected);
    check(6, "paused by Failures until 580, 7 failures, v1; hook.paused unhealthy->paused, worse");
    check(55, "disabled, 56 failures, v1; hook.disabled unhealthy->disabled, worse");
}

#[test]
fn a_recovery_tells_the_row_of_failures_that_it_ends() {
    let failure = failed(FailureClass::Dns);
    let failing = step(&in_state(Health::HalfOpen, 8), Signal::Failure(&failure), at(50), &ON).record;
    assert_eq!((failing.failures, failing.since), (9, at(0)));
    let Step { record, transition } = step(&failing, Signal::Enable, at(60), &ON);
    assert_eq!(record, HealthRecord { version: 2, ..HealthRecord::new(at(60)) });
    let transition = transition.unwrap();
    assert_eq!((transition.failures, transition.error.as_deref()), (9, Some("dns happened")));
}

#[test]
fn a_receiver_that_asks_for_a_second_again_and_again_is_not_disabled_faster_than_the_table() {
    let failure = asked_to_wait(1);
    let mut record = HealthRecord::new(at(0));
    let mut now = at(0);
    let mut seconds_at_count = Vec::new();
    while record.failures < 7 {
        record = step(&record, Signal::PauseOver, now, &ON).record;
        let Step { record: after, .. } = step(&record, Signal::Failure(&failure), now, &ON);
        if after.failures > record.failures {
            seconds_at_count.push(now.as_secs());
        }
        if after.failures >= 4 {
            assert_eq!(
                after.state,
                Health::Paused { until: now + Duration::from_secs(1), reason: PauseReason::RetryAfter }
            );
        }
        record = after;
        now = now + Duration::from_secs(1);
    }
    assert_eq!(
        seconds_at_count,
        [0, 1, 2, 3, 63, 183, 423],
        "pauses of 1, 2 and 4 minutes lie between the counts"
    );
}
