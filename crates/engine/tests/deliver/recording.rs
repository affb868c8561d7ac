//! Which results wait for company, and which hurry.

use crate::world::World;
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::{AttemptKind, Ordering};
use wigwag_ports::deliveries::Record;

/// More than one hook's slots: when the last has arrived, results of the first lie with the recorder.
const EVENTS: usize = 120;

fn hurries(records: &[Record]) -> bool {
    records.iter().any(|record| record.hurries)
}

fn is_of_a_test(record: &Record) -> bool {
    record.attempt.as_ref().is_some_and(|attempt| attempt.kind == AttemptKind::Test)
}

#[tokio::test]
async fn what_somebody_waits_for_takes_along_what_waits_before_it() {
    let mut world = World::new().await;
    let held = world.house.store.hold_records().await;
    world.publish_all((0..EVENTS).map(|n| n.to_string())).await;
    for _ in 0..EVENTS {
        world.receiver.next().await;
    }
    assert_eq!(world.house.store.hurried.available_permits(), 0, "nobody waits for these");
    let (engine, root, scope, hook) =
        (world.house.engine.clone(), world.house.root.clone(), world.scope(), world.hook.hook.id);
    let test = tokio::spawn(async move { engine.test_hook(&root, scope, hook, "push_events").await });
    let asked = world.house.store.hurried.acquire().await.unwrap();
    asked.forget();
    drop(held);
    test.await.unwrap().unwrap();
    let calls = world.house.store.recorded();
    let last = calls.iter().position(|records| records.iter().any(is_of_a_test)).unwrap();
    assert!(last > 0 && !hurries(&calls[0]), "the first was under way already");
    assert!(calls[1..=last].iter().all(|records| hurries(records)), "they are before it");
    assert!(calls[1].len() > 8, "not a few each: {}", calls[1].len());
    assert!(calls.iter().all(|records| records.len() <= 32), "nor one that new events would wait long for");
}

/// What was to be written of so many events whose receiver fails.
async fn failures(ordering: Ordering, count: u32) -> Vec<Vec<Record>> {
    let mut world = World::with(HookFields { ordering: Some(ordering), ..HookFields::default() }).await;
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
