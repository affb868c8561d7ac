//! Which results wait for company, and which hurry.

use crate::world::World;
use std::time::Duration;
use wigwag_engine::hook_admin::HookFields;
use wigwag_engine::limits::{RECORD_COMPANY_MAX, RECORDS_PER_COMMIT_MIN, RECORDS_PER_HURRIED_COMMIT_MIN};
use wigwag_hooks::health::HealthRecord;
use wigwag_hooks::{AttemptKind, FailurePolicy, Ordering, PolicyChoice, RetryPolicy, Switch};
use wigwag_ports::deliveries::{Deliveries, HealthChange, Record};
use wigwag_ports::maintenance::Maintenance;

/// More than one hook's slots: when the last has arrived, results of the first lie with the recorder.
const EVENTS: usize = 120;

fn hurries(records: &[Record]) -> bool {
    records.iter().any(|record| record.hurries)
}

fn is_of_a_test(record: &Record) -> bool {
    record.attempt.as_ref().is_some_and(|attempt| attempt.kind == AttemptKind::Test)
}

/// Publishes many events whose results wait behind the first call's, which is held.
async fn publish_many(world: &mut World) {
    world.house.store.watch_records();
    world.publish_all((0..EVENTS).map(|n| n.to_string())).await;
    for _ in 0..EVENTS {
        world.receiver.next().await;
    }
}

#[tokio::test]
async fn what_somebody_waits_for_takes_along_what_waits_before_it() {
    let mut world = World::new().await;
    let store = world.house.store.clone();
    let held = store.hold_records().await;
    publish_many(&mut world).await;
    assert_eq!(store.hurried.available_permits(), 0, "nobody waits for these");
    let (engine, root, scope, hook) =
        (world.house.engine.clone(), world.house.root.clone(), world.scope(), world.hook.hook.id);
    let test = tokio::spawn(async move { engine.test_hook(&root, scope, hook, "push_events").await });
    store.hurried.acquire().await.unwrap().forget();
    drop(held);
    test.await.unwrap().unwrap();
    let calls = store.recorded();
    let last = calls.iter().position(|records| records.iter().any(is_of_a_test)).unwrap();
    assert!(last > 0 && !hurries(&calls[0]), "the first was under way already");
    assert!(calls[1..=last].iter().all(|records| hurries(records)), "they are before it");
    assert_eq!(calls[1].len(), RECORDS_PER_HURRIED_COMMIT_MIN, "no more than new events would wait for");
}

#[tokio::test]
async fn what_waited_for_long_waits_for_no_more_company() {
    for (waited, expected) in
        [(RECORD_COMPANY_MAX - Duration::from_millis(1), false), (RECORD_COMPANY_MAX, true)]
    {
        let mut world = World::new().await;
        let store = world.house.store.clone();
        let held = store.hold_records().await;
        publish_many(&mut world).await;
        world.house.clock.advance(waited);
        drop(held);
        store.written.acquire_many(EVENTS as u32).await.unwrap().forget();
        let calls = store.recorded();
        assert_eq!(calls[0].len().min(RECORDS_PER_COMMIT_MIN), calls[0].len());
        // The last results may have come after the clock was moved.
        assert_eq!(hurries(&calls[1]), expected, "after {waited:?}");
    }
}

/// What was to be written of so many events whose receiver fails.
async fn failures(ordering: Ordering, count: u32) -> Vec<Vec<Record>> {
    let mut world = World::with(HookFields { ordering: Some(ordering), ..HookFields::default() }).await;
    world.house.store.watch_records();
    world.receiver.answer_with(500);
    for n in 0..count {
        world.publish(&n.to_string()).await;
        world.receiver.next().await;
    }
    world.house.store.written.acquire_many(count).await.unwrap().forget();
    world.house.store.recorded()
}

#[tokio::test]
async fn a_failure_that_others_wait_behind_hurries() {
    let calls = failures(Ordering::Strict, 1).await;
    assert!(calls.iter().all(|records| hurries(records)), "{calls:?}");
}

#[tokio::test]
async fn other_failures_wait_for_company() {
    let calls = failures(Ordering::Any, 4).await;
    let moved = |record: &Record| record.health.as_ref().is_some_and(|change| change.transition.is_some());
    assert!(calls.iter().flatten().any(moved), "{calls:?}");
    assert!(!calls.iter().any(|records| hurries(records)), "{calls:?}");
}

#[tokio::test]
async fn what_is_held_back_in_order_does_not_hurry() {
    let pauses = PolicyChoice::Own(FailurePolicy { threshold: 1, ..FailurePolicy::REFERENCE });
    let fields = HookFields {
        ordering: Some(Ordering::Strict),
        failure_policy: Some(pauses),
        retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })),
        ..HookFields::default()
    };
    let world = World::with(fields).await;
    world.receiver.answer_with(500);
    world.publish("0").await;
    world.comes_to("paused", 0).await;
    let store = &world.house.store;
    store.written.forget_permits(store.written.available_permits());
    store.watch_records();
    world.publish("1").await;
    store.written.acquire().await.unwrap().forget();
    let calls = store.recorded();
    assert!(calls.iter().flatten().any(|record| record.delivery.is_some()), "{calls:?}");
    assert!(!calls.iter().any(|records| hurries(records)), "{calls:?}");
}

#[tokio::test]
async fn of_many_changes_made_of_an_old_picture_all_are_refused_and_the_hook_is_read_once() {
    let fields = HookFields {
        failure_policy: Some(PolicyChoice::Off),
        retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })),
        ..HookFields::default()
    };
    let mut world = World::with(fields).await;
    world.publish("so that the dispatcher knows the hook").await;
    world.receiver.next().await;
    let (store, hook) = (world.house.store.clone(), world.settled().await.hook);
    // Somebody moved it, and the dispatcher was not told.
    let record =
        HealthRecord { version: hook.health.version + 1, failures: 7, ..hook.health.clone() }.by_hand();
    let version = record.version;
    let change = HealthChange { hook: hook.id, seen_version: hook.health.version, record, transition: None };
    let epoch = store.lease().await.unwrap().epoch;
    store.record(epoch, vec![Record { health: Some(change), ..Record::default() }]).await.unwrap();
    let held = store.hold_records().await;
    world.receiver.answer_with(500);
    publish_many(&mut world).await;
    store.calls();
    drop(held);
    world.house.engine.settle().await;
    assert_eq!(store.calls(), 1, "one read does for all");
    world.publish("one more").await;
    let health = world.settled().await.hook.health;
    assert_eq!((health.failures, health.version), (8, version + 1), "it is known again");
}

#[tokio::test]
async fn a_person_raises_the_version_by_more_than_results_on_their_way_do() {
    let world = World::new().await;
    let check = async |change: &str| {
        world.receiver.answer_with(500);
        world.publish("{}").await;
        let before = world.settled().await.hook.health;
        match change {
            "enable" => world.enable().await,
            _ => {
                for enabled in [Switch::Off, Switch::On] {
                    world
                        .edit(&world.hook, HookFields { enabled: Some(enabled), ..HookFields::default() })
                        .await;
                }
            }
        }
        let after = world.settled().await.hook.health;
        assert_eq!((before.state.name(), after.state.name()), ("unhealthy", "healthy"), "{change}");
        let on_their_way = 100_000;
        assert!(after.version > before.version + on_their_way, "after {change} no number of theirs may fit");
    };
    check("enable").await;
    check("edit").await;
}
