use super::{DryRun, Past, dry_run, what_happened};
use crate::health::{Policy, Transition, TransitionKind};
use crate::{AttemptKind, Failure, FailureClass, FailurePolicy, Outcome, PastAttempt, Response, RetryPolicy};
use std::time::Duration;
use wigwag_base::{AttemptId, EventId, Timestamp};

fn at(s: i64) -> Timestamp {
    Timestamp::from_secs(s)
}

fn response(status: u16) -> Response {
    Response { status, headers: Vec::new(), body: bytes::Bytes::new() }
}

/// An attempt of an event, that took no time.
fn attempt(id: i64, event: i64, s: i64, kind: AttemptKind, status: u16) -> PastAttempt {
    let class = if status == 410 { FailureClass::Gone } else { FailureClass::ServerError };
    let outcome = match status {
        200 => Outcome::Success(response(status)),
        0 => Outcome::Failure(Failure::without_answer(FailureClass::Ours, "ours".into())),
        _ => Outcome::Failure(Failure {
            response: Some(response(status)),
            ..Failure::without_answer(class, "it failed".into())
        }),
    };
    let (event, started_at) = (Some(EventId(event)), at(s));
    PastAttempt { id: AttemptId(id), event, kind, started_at, duration: Duration::ZERO, outcome }
}

/// One event a minute from minute 1 on, each answered so.
fn every_minute(statuses: &[u16]) -> Vec<PastAttempt> {
    (1..).zip(statuses).map(|(n, status)| attempt(n, n, n * 60, AttemptKind::First, *status)).collect()
}

fn policy(threshold: u32, first_s: u64, permanent_at: Option<u32>) -> Policy {
    Policy::On(FailurePolicy {
        threshold,
        first_pause: Duration::from_secs(first_s),
        permanent_at,
        ..FailurePolicy::REFERENCE
    })
}

fn past<'a>(attempts: &'a [PastAttempt], changes: &'a [Transition]) -> Past<'a> {
    Past { attempts, changes, from: at(0), until: at(3_600) }
}

/// In one line: sent, waited, left out, given up; pauses and their seconds; disabled when and for how long; the end.
fn told(run: &DryRun) -> String {
    let DryRun { sent, would_have_waited, left_out, given_up, pauses, paused, disabled_at, disabled, health } =
        run;
    let disabled_at = disabled_at.map_or(-1, Timestamp::as_secs);
    format!(
        "{sent} {would_have_waited} {left_out} {given_up}; {pauses} {}; {disabled_at} {}; {health}",
        paused.as_secs(),
        disabled.as_secs()
    )
}

#[track_caller]
fn check(attempts: &[PastAttempt], policy: &Policy, expected: &str) {
    assert_eq!(told(&dry_run(&past(attempts, &[]), policy, None)), expected);
}

#[test]
fn a_policy_that_is_off_sends_everything_and_pauses_nothing() {
    check(&every_minute(&[500; 20]), &Policy::Off, "20 0 0 0; 0 0; -1 0; unhealthy");
    check(&[], &Policy::Off, "0 0 0 0; 0 0; -1 0; healthy");
}

#[test]
fn what_falls_into_a_pause_would_have_waited() {
    // Failures at 60, 120, 180 pause until 480; 240 to 420 wait; the one at 480 stands for the probe.
    let all = every_minute(&[500, 500, 500, 500, 500, 500, 500, 200, 200]);
    check(&all, &policy(3, 300, None), "5 4 0 0; 1 300; -1 0; healthy");
    // The same with a probe that fails: the second pause is twice as long, and the rest of the hour is its.
    let all = every_minute(&[500; 10]);
    check(&all, &policy(3, 300, None), "4 6 0 0; 2 900; -1 0; half_open");
}

#[test]
fn a_stricter_policy_disables_sooner_and_spares_the_rest() {
    let all = every_minute(&[500; 30]);
    check(&all, &policy(3, 60, Some(5)), "5 25 0 0; 2 180; 360 3240; disabled");
    check(&every_minute(&[500, 410, 200]), &policy(9, 60, None), "2 1 0 0; 0 0; 120 3480; disabled");
}

#[test]
fn our_own_faults_count_for_nothing() {
    check(&every_minute(&[0, 0, 0, 0, 0]), &policy(2, 60, Some(3)), "5 0 0 0; 0 0; -1 0; healthy");
}

#[test]
fn tests_and_those_who_enable_are_kept() {
    let mut all = every_minute(&[500, 500]);
    all.push(attempt(3, 3, 600, AttemptKind::Test, 200));
    check(&all, &policy(1, 60, Some(2)), "3 0 0 0; 1 60; 120 480; healthy");
    let enabled = [Transition {
        kind: TransitionKind::Recovered,
        from: "disabled",
        to: "healthy",
        at: at(900),
        failures: 40,
        error: None,
        got_worse: false,
    }];
    let all = every_minute(&[500, 500]);
    let run = dry_run(&past(&all, &enabled), &policy(1, 60, Some(2)), None);
    assert_eq!(told(&run), "2 0 0 0; 1 60; 120 780; healthy");
    let run = dry_run(&past(&all, &enabled), &policy(3, 60, None), None);
    assert_eq!(told(&run), "2 0 0 0; 0 0; -1 0; unhealthy", "who is not disabled here stays what it is");
}

#[test]
fn one_request_at_a_time_tries_a_half_open_hook() {
    let slow = |id, s| PastAttempt {
        duration: Duration::from_secs(30),
        ..attempt(id, id, s, AttemptKind::First, 500)
    };
    // The first pauses at 40 until 100; of the two at 100 one is the probe, whose failure pauses until 250.
    let all = [slow(1, 10), slow(2, 100), slow(3, 101)];
    check(&all, &policy(1, 60, None), "2 1 0 0; 2 180; -1 0; half_open");
    // Under way when the pause began: it counts for nothing.
    let all = [slow(1, 10), slow(2, 11)];
    check(&all, &policy(1, 60, None), "2 0 0 0; 1 60; -1 0; half_open");
}

#[test]
fn retries_beyond_the_policy_are_left_out_with_what_they_brought() {
    let retry = |id, event, s, status| attempt(id, event, s, AttemptKind::Retry, status);
    let all = [
        attempt(1, 1, 10, AttemptKind::First, 500),
        retry(2, 1, 15, 500),
        retry(3, 1, 45, 200),
        attempt(4, 2, 50, AttemptKind::First, 500),
        retry(5, 2, 55, 200),
    ];
    let check = |delays_s: &[u64], expected: &str| {
        let retries = RetryPolicy { delays: delays_s.iter().map(|s| Duration::from_secs(*s)).collect() };
        let run = dry_run(&past(&all, &[]), &policy(9, 60, None), Some(&retries));
        assert_eq!(told(&run), expected, "{delays_s:?}");
    };
    check(&[5, 30], "5 0 0 0; 0 0; -1 0; healthy");
    check(&[5], "4 0 1 1; 0 0; -1 0; healthy");
    check(&[], "2 0 3 2; 0 0; -1 0; unhealthy");
}

#[test]
fn what_happened_is_told_in_the_same_terms() {
    let change = |from, to, s| Transition {
        kind: TransitionKind::Paused,
        from,
        to,
        at: at(s),
        failures: 1,
        error: None,
        got_worse: false,
    };
    let newest_first = [
        change("half_open", "disabled", 600),
        change("paused", "half_open", 600),
        change("half_open", "paused", 300),
        change("paused", "half_open", 300),
        change("unhealthy", "paused", 240),
    ];
    let all = every_minute(&[500; 4]);
    let found = what_happened(&past(&all, &newest_first), "disabled");
    assert_eq!(told(&found), "4 0 0 0; 2 360; 600 3000; disabled");
    let found = what_happened(&past(&all, &[]), "paused");
    assert_eq!(told(&found), "4 0 0 0; 0 3600; -1 0; paused", "it was so all the time");
    // The beginning lies within a pause.
    let later = Past { from: at(250), ..past(&all, &newest_first) };
    assert_eq!(told(&what_happened(&later, "disabled")), "4 0 0 0; 1 350; 600 3000; disabled");
}
