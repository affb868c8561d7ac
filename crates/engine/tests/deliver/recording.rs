//! Which results wait for company, and which hurry.

use crate::common::watched_store::Offer;
use crate::world::World;
use wigwag_engine::hook_admin::HookFields;
use wigwag_engine::limits::{
    RECORD_COMMITS, RECORD_COMPANY, RECORDS_PER_COMMIT_MIN, RECORDS_PER_HURRIED_COMMIT_MIN,
};
use wigwag_hooks::health::HealthRecord;
use wigwag_hooks::{AttemptKind, FailurePolicy, Ordering, PolicyChoice, RetryPolicy, Switch};
use wigwag_ports::deliveries::{Deliveries, HealthChange, Record};
use wigwag_ports::maintenance::Maintenance;

/// More than three times one hook's slots: when the last has arrived, more results than are worth a call lie with the recorder.
const EVENTS: usize = 200;

/// Somebody waits for one of these results, or for one behind them.
fn hurries(offer: &Offer) -> bool {
    offer.at_least >= RECORDS_PER_HURRIED_COMMIT_MIN
}

fn has_test(offer: &Offer) -> bool {
    let is_of_a_test =
        |record: &Record| record.attempt.as_ref().is_some_and(|attempt| attempt.kind == AttemptKind::Test);
    offer.records.iter().any(is_of_a_test)
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
async fn what_somebody_waits_for_hurries_behind_what_is_under_way() {
    let mut world = World::new().await;
    let store = world.house.store.clone();
    let held = store.hold_records().await;
    publish_many(&mut world).await;
    let (engine, root, scope, hook) =
        (world.house.engine.clone(), world.house.root.clone(), world.scope(), world.hook.hook.id);
    let test = tokio::spawn(async move { engine.test_hook(&root, scope, hook, "push_events").await });
    world.receiver.next().await;
    drop(held);
    test.await.unwrap().unwrap();
    let calls = store.recorded();
    let last = calls.iter().position(has_test).unwrap();
    assert!(last > 0 && !hurries(&calls[0]), "the first was under way already: {calls:?}");
    assert!(hurries(&calls[last]), "{calls:?}");
}

#[tokio::test]
async fn many_results_are_offered_at_once_and_few_need_be_written() {
    let mut world = World::new().await;
    let store = world.house.store.clone();
    let held = store.hold_records().await;
    publish_many(&mut world).await;
    drop(held);
    store.written.acquire_many(EVENTS as u32).await.unwrap().forget();
    let calls = store.recorded();
    assert!(calls.iter().any(|offer| offer.records.len() > offer.at_least), "{calls:?}");
    assert!(calls.iter().all(|offer| offer.records.len() <= RECORD_COMPANY));
    let few = RECORDS_PER_COMMIT_MIN..=EVENTS / RECORD_COMMITS;
    assert!(calls.iter().all(|offer| few.contains(&offer.at_least)), "{calls:?}");
}

#[tokio::test]
async fn what_the_store_leaves_off_is_offered_again_and_nothing_is_written_twice() {
    let mut world = World::new().await;
    let store = world.house.store.clone();
    store.leave_off();
    publish_many(&mut world).await;
    world.house.engine.settle().await;
    let calls = store.recorded();
    let left_off = |offer: &Offer| offer.records.get(offer.at_least).cloned();
    assert!(calls.iter().filter_map(left_off).count() > 1, "{calls:?}");
    for pair in calls.windows(2) {
        let left_off = left_off(&pair[0]);
        assert!(left_off.is_none_or(|record| record == pair[1].records[0]), "it is the next: {pair:?}");
    }
    assert_eq!(world.attempts().await, EVENTS as u64);
}

/// What was to be written of so many events whose receiver fails.
async fn failures(ordering: Ordering, count: u32) -> Vec<Offer> {
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
    assert!(calls.iter().all(hurries), "{calls:?}");
}

#[tokio::test]
async fn other_failures_wait_for_company() {
    let calls = failures(Ordering::Any, 4).await;
    let moved = |record: &Record| record.health.as_ref().is_some_and(|change| change.transition.is_some());
    assert!(calls.iter().flat_map(|offer| &offer.records).any(moved), "{calls:?}");
    assert!(!calls.iter().any(hurries), "{calls:?}");
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
    assert!(
        calls.iter().flat_map(|offer| &offer.records).any(|record| record.delivery.is_some()),
        "{calls:?}"
    );
    assert!(!calls.iter().any(hurries), "{calls:?}");
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
    let reads = store.calls();
    assert!((1..=2).contains(&reads), "one read does for all, or two where answers came meanwhile: {reads}");
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
