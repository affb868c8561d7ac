//! What holds whatever happens, over random rows of signals.

use super::{Health, HealthRecord, Permit, Policy, Signal, TransitionKind, alert_status, permit, step};
use crate::{Failure, FailureClass, FailurePolicy};
use proptest::prelude::*;
use std::time::Duration;
use wigwag_base::Timestamp;

/// A signal that owns its failure, after a wait.
#[derive(Clone, Debug)]
struct Happening {
    wait_s: u64,
    kind: u8,
    failure: Failure,
    policy: Policy,
}

impl Happening {
    fn signal(&self) -> Signal<'_> {
        match self.kind {
            0 => Signal::Success,
            1 => Signal::Enable,
            2 => Signal::TestSucceeded,
            3 => Signal::TestFailed(&self.failure),
            4 => Signal::Edited,
            5 => Signal::SwitchedOn,
            6 => Signal::PolicyOff,
            7..=12 => Signal::PauseOver,
            _ => Signal::Failure(&self.failure),
        }
    }
}

fn failure() -> impl Strategy<Value = Failure> {
    let class = prop::sample::select(FailureClass::ALL.as_slice());
    (class, prop::option::weighted(0.2, 0..200_000_u64)).prop_map(|(class, wait_s)| Failure {
        class,
        text: class.name().to_owned(),
        response: None,
        retry_after: wait_s.map(Duration::from_secs),
    })
}

fn happening() -> impl Strategy<Value = Happening> {
    let policy = prop_oneof![
        4 => Just(Policy::On(FailurePolicy::REFERENCE)),
        1 => Just(Policy::Off),
        2 => (1..6_u32, 1..100_u64, 1.0..4.0_f64, 100..5_000_u64, prop::option::of(6..20_u32)).prop_map(
            |(threshold, first_s, factor, max_s, permanent_at)| Policy::On(FailurePolicy {
                threshold,
                first_pause: Duration::from_secs(first_s),
                factor,
                max_pause: Duration::from_secs(max_s),
                permanent_at,
            })
        ),
    ];
    (0..90_000_u64, 0..40_u8, failure(), policy).prop_map(|(wait_s, kind, failure, policy)| Happening {
        wait_s,
        kind,
        failure,
        policy,
    })
}

/// Judges one step.
fn judge(
    before: &HealthRecord,
    happening: &Happening,
    now: Timestamp,
) -> Result<HealthRecord, TestCaseError> {
    let signal = happening.signal();
    let done = step(before, signal, now, &happening.policy);
    let after = done.record.clone();

    let same = HealthRecord { version: before.version, ..after.clone() } == *before;
    prop_assert_eq!(after.version - before.version, if same { 0 } else { 1 });
    prop_assert_eq!(done.transition.is_some(), before.state.name() != after.state.name());
    let pauses_go_on = before.state.pauses() && after.state.pauses();
    let begins = done.transition.is_some() && !pauses_go_on;
    prop_assert_eq!(after.since, if begins { now } else { before.since });

    prop_assert!(after.failures == 0 || after.failures >= before.failures);
    prop_assert!(after.failures <= before.failures + 1);
    let counts = matches!(signal, Signal::Failure(f) if f.class != FailureClass::Ours);
    prop_assert!(after.failures <= before.failures || counts);
    prop_assert!(after.state != Health::Healthy || after.failures == 0);

    if happening.policy == Policy::Off {
        prop_assert!(!after.state.is_failing() || after.state == before.state);
        prop_assert_eq!(permit(&after, now, &happening.policy), Permit::Open);
    }
    match (before.state, after.state) {
        (Health::Paused { .. } | Health::HalfOpen, Health::HalfOpen) => {}
        (_, Health::HalfOpen) => prop_assert_eq!(signal, Signal::Edited),
        (Health::Disabled, Health::Paused { .. }) => prop_assert!(false, "disabled hooks do not pause"),
        (Health::Disabled, Health::Healthy) => prop_assert!(!matches!(signal, Signal::Success)),
        _ => {}
    }
    if let Policy::On(policy) = happening.policy
        && let Health::Paused { until, .. } = after.state
        && after.state != before.state
    {
        prop_assert!(now < until && until <= now + policy.max_pause);
        prop_assert_eq!(permit(&after, now, &happening.policy), Permit::NotBefore(until));
        prop_assert_eq!(alert_status(&after, now).name(), "temporarily_disabled");
    }
    if let Some(transition) = done.transition {
        let decay = before.state == Health::HalfOpen && matches!(after.state, Health::Paused { .. });
        let expected = matches!(after.state, Health::Paused { .. } | Health::Disabled) && !decay;
        prop_assert_eq!(transition.got_worse, expected);
        prop_assert_eq!(
            transition.kind == TransitionKind::Recovered,
            !after.state.is_failing() && before.state != Health::Healthy
        );
    }
    Ok(after)
}

proptest! {
    #[test]
    fn hold_over_every_row_of_signals(row in prop::collection::vec(happening(), 1..120)) {
        let mut now = Timestamp::from_secs(1_000_000);
        let mut record = HealthRecord::new(now);
        for happening in &row {
            now = now + Duration::from_secs(happening.wait_s);
            record = judge(&record, happening, now)?;
        }
    }
}
