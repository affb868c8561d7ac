//! How a hook's health came about, and what another policy would have done.

use crate::world::World;
use bytes::Bytes;
use std::time::Duration;
use wigwag_base::{AttemptId, HookId, NodeEpoch, Timestamp};
use wigwag_engine::EngineError;
use wigwag_engine::history::{Change, Cut, TriedPolicy};
use wigwag_engine::hook_admin::HookFields;
use wigwag_engine::limits::{DRY_RUN_ATTEMPTS_MAX, DRY_RUN_CHANGES_MAX, TIMELINE_ATTEMPTS_MAX};
use wigwag_hooks::health::{HealthRecord, Policy, Transition, TransitionKind};
use wigwag_hooks::{
    Attempt, AttemptKind, EventType, Failure, FailureClass, FailurePolicy, Outcome, PolicyChoice, Response,
    RetryPolicy, SentBody,
};
use wigwag_ports::deliveries::{Deliveries, HealthChange, Record};
use wigwag_ports::maintenance::Maintenance;

const MINUTE: Duration = Duration::from_secs(60);

fn policy(threshold: u32, permanent_at: Option<u32>) -> FailurePolicy {
    FailurePolicy { threshold, permanent_at, ..FailurePolicy::REFERENCE }
}

/// Pauses at the second failure in a row; nothing is tried again by itself.
fn fields() -> HookFields {
    HookFields {
        failure_policy: Some(PolicyChoice::Own(policy(2, None))),
        retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })),
        ..HookFields::default()
    }
}

#[tokio::test]
async fn each_change_names_the_attempts_behind_it() {
    let mut world = World::with(fields()).await;
    world.receiver.answer_with(500);
    for _ in 0..2 {
        world.publish("{}").await;
        world.receiver.next().await;
        world.settled().await;
        // Requests last for real: the second one must not end before the first by the clock that stands still.
        world.later(MINUTE / 4);
    }
    world.comes_to("paused", 0).await;
    world.publish("{}").await;
    world.receiver.answer_with(200);
    world.later(2 * MINUTE);
    world.receiver.next().await;
    world.comes_to("healthy", 0).await;
    let (engine, root) = (&world.house.engine, &world.house.root);
    let timeline = engine.timeline(root, world.scope(), world.hook.hook.id).await.unwrap();
    let told: Vec<_> = timeline
        .changes
        .iter()
        .map(|change| {
            let ids: Vec<i64> = change.attempts.iter().map(|attempt| attempt.id.0).collect();
            (change.transition.from, change.transition.to, change.attempts_count, ids)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("half_open", "healthy", 1, vec![3]),
            ("paused", "half_open", 0, vec![]),
            ("unhealthy", "paused", 1, vec![2]),
            ("healthy", "unhealthy", 1, vec![1]),
        ]
    );
    let statuses: Vec<Option<u16>> = timeline
        .changes
        .iter()
        .flat_map(|change| &change.attempts)
        .map(|attempt| attempt.outcome.response().map(|response| response.status))
        .collect();
    assert_eq!(statuses, [Some(200), Some(500), Some(500)]);
    assert!(timeline.last_success.is_some());
    let missing = engine.timeline(root, world.scope(), HookId(99)).await;
    assert_eq!(missing, Err(EngineError::NotFound("hook")));
}

#[tokio::test]
async fn another_policy_is_tried_on_what_was_sent() {
    let mut world = World::with(HookFields { failure_policy: Some(PolicyChoice::Off), ..fields() }).await;
    world.receiver.answer_with(500);
    for _ in 0..6 {
        world.publish("{}").await;
        world.receiver.next().await;
        world.settled().await;
        // A second more than half a minute: no request takes so long that it decides whether the next one waits.
        world.later(Duration::from_secs(31));
    }
    let (engine, root, hook) = (&world.house.engine, &world.house.root, world.hook.hook.id);
    let ask = async |tried| engine.try_policy(root, world.scope(), hook, tried).await.unwrap();
    let own = |policy| TriedPolicy { failures: Some(PolicyChoice::Own(policy)), retries: None };
    // Sent at 0 s, 31 s ... 155 s: paused at the second failure until 91 s; the probe at 93 s disables.
    let trial = ask(own(policy(2, Some(3)))).await;
    assert_eq!((trial.attempts, trial.cut), (6, Cut::Whole));
    let run = trial.tried.run;
    assert_eq!((run.sent, run.would_have_waited, run.pauses, run.health), (3, 3, 1, "disabled"));
    // Requests last some real milliseconds.
    let seconds = |time: Duration| time.as_secs_f64().round();
    assert_eq!((seconds(run.paused), seconds(run.disabled)), (60.0, 93.0));
    let present = trial.present;
    assert_eq!((present.failures, present.run.sent, present.run.spared()), (Policy::Off, 6, 0));
    assert_eq!((trial.happened.sent, trial.happened.pauses, trial.happened.health), (6, 0, "unhealthy"));
    assert_eq!(world.settled().await.hook.failure_policy, PolicyChoice::Off, "nothing was changed");
    let as_the_server_says = TriedPolicy { failures: Some(PolicyChoice::Inherit), retries: Some(None) };
    let trial = ask(as_the_server_says).await;
    assert_eq!(trial.tried.failures, Policy::On(FailurePolicy::REFERENCE));
    assert_eq!(trial.tried.retries, RetryPolicy::reference());
    assert_eq!((trial.tried.run.sent, trial.tried.run.pauses), (5, 2));
    let missing = engine.try_policy(root, world.scope(), HookId(99), TriedPolicy::default()).await;
    assert_eq!(missing, Err(EngineError::NotFound("hook")));
}

#[tokio::test]
async fn a_change_names_the_last_attempts_and_counts_all() {
    for (behind, named) in [(20, 20), (21, 20)] {
        let own = PolicyChoice::Own(policy(behind + 1, None));
        let mut world = World::with(HookFields { failure_policy: Some(own), ..fields() }).await;
        world.receiver.answer_with(500);
        for _ in 0..=behind {
            world.publish("{}").await;
            world.receiver.next().await;
            world.settled().await;
            // No request takes so long: the log is in the order of the events.
            world.later(MINUTE);
        }
        let (engine, root) = (&world.house.engine, &world.house.root);
        let timeline = engine.timeline(root, world.scope(), world.hook.hook.id).await.unwrap();
        let paused = |change: &&Change| change.transition.to == "paused";
        let change = timeline.changes.iter().find(paused).unwrap();
        assert_eq!((change.attempts_count, change.attempts.len()), (u64::from(behind), named));
        assert_eq!(change.attempts.last().map(|attempt| attempt.id.0), Some(i64::from(behind) + 1));
    }
}

/// A log written by hand: one attempt or change of health each millisecond.
struct Written<'w> {
    world: &'w World,
    hook: HookId,
    epoch: NodeEpoch,
    begun: Timestamp,
}

impl<'w> Written<'w> {
    async fn of(world: &'w World) -> Self {
        let epoch = world.house.store.lease().await.unwrap().epoch;
        Self { world, hook: world.hook.hook.id, epoch, begun: world.house.engine.now() }
    }

    fn at(&self, n: u32) -> Timestamp {
        self.begun + Duration::from_millis(u64::from(n))
    }

    async fn write(&self, records: impl Iterator<Item = Record>) {
        self.world.house.store.record(self.epoch, records.collect()).await.unwrap();
    }

    async fn attempts(&self, numbers: std::ops::Range<u32>, outcome: Outcome) {
        let attempt = |n: u32| Attempt {
            id: AttemptId(0),
            event: None,
            hook: self.hook,
            project: None,
            event_type: EventType::new("push").unwrap(),
            kind: AttemptKind::First,
            url: String::new(),
            request_headers: Vec::new(),
            request_body: SentBody::Payload,
            started_at: self.at(n),
            duration: Duration::ZERO,
            outcome: outcome.clone(),
        };
        self.write(numbers.map(|n| Record { attempt: Some(attempt(n)), ..Record::default() })).await;
    }

    async fn changes(&self, numbers: std::ops::Range<u32>) {
        let first_version = self.world.hook.hook.health.version;
        let change = |n: u32| HealthChange {
            hook: self.hook,
            seen_version: first_version + i64::from(n),
            record: HealthRecord {
                version: first_version + i64::from(n) + 1,
                ..HealthRecord::new(self.begun)
            },
            transition: Some(Transition {
                kind: TransitionKind::HalfOpen,
                from: "paused",
                to: "half_open",
                at: self.at(n),
                failures: 3,
                error: None,
                got_worse: false,
            }),
        };
        self.write(numbers.map(|n| Record { health: Some(change(n)), ..Record::default() })).await;
    }

    /// How many attempts a trial looked at, whether that is all, and from when on, after the log's beginning.
    async fn trial(&self) -> (u64, Cut, Duration) {
        let (engine, root) = (&self.world.house.engine, &self.world.house.root);
        let asked = engine.try_policy(root, self.world.scope(), self.hook, TriedPolicy::default()).await;
        let trial = asked.unwrap();
        (trial.attempts, trial.cut, trial.from.since(self.begun))
    }

    async fn last_success(&self) -> Option<Timestamp> {
        let (engine, root) = (&self.world.house.engine, &self.world.house.root);
        engine.timeline(root, self.world.scope(), self.hook).await.unwrap().last_success
    }
}

fn success() -> Outcome {
    Outcome::Success(Response { status: 200, headers: Vec::new(), body: Bytes::new() })
}

fn failure() -> Outcome {
    Outcome::Failure(Failure::without_answer(FailureClass::Timeout, "no answer came in time".into()))
}

#[tokio::test]
async fn a_log_that_is_too_long_is_cut_and_the_answer_says_so() {
    let world = World::new().await;
    let log = Written::of(&world).await;
    log.attempts(0..DRY_RUN_ATTEMPTS_MAX, success()).await;
    world.later(MINUTE);
    let max = u64::from(DRY_RUN_ATTEMPTS_MAX);
    assert_eq!(log.trial().await, (max, Cut::Whole, Duration::ZERO));
    log.attempts(DRY_RUN_ATTEMPTS_MAX..DRY_RUN_ATTEMPTS_MAX + 1, success()).await;
    assert_eq!(log.trial().await, (max, Cut::Oldest, Duration::from_millis(1)));
}

#[tokio::test]
async fn of_too_many_changes_the_oldest_are_left_out_and_the_answer_says_so() {
    let world = World::new().await;
    let log = Written::of(&world).await;
    log.changes(0..DRY_RUN_CHANGES_MAX).await;
    world.later(MINUTE);
    assert_eq!(log.trial().await, (0, Cut::Whole, Duration::ZERO));
    log.changes(DRY_RUN_CHANGES_MAX..DRY_RUN_CHANGES_MAX + 1).await;
    assert_eq!(log.trial().await, (0, Cut::Oldest, Duration::from_millis(1)));
}

#[tokio::test]
async fn a_timeline_looks_at_the_newest_attempts() {
    let world = World::new().await;
    let log = Written::of(&world).await;
    log.attempts(0..1, success()).await;
    log.attempts(1..TIMELINE_ATTEMPTS_MAX, failure()).await;
    assert_eq!(log.last_success().await, Some(log.begun), "the oldest that is looked at");
    log.attempts(TIMELINE_ATTEMPTS_MAX..TIMELINE_ATTEMPTS_MAX + 1, failure()).await;
    assert_eq!(log.last_success().await, None, "one more lies before it");
}
