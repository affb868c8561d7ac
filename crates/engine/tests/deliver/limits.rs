//! Where something is used up, gone or broken: nothing is lost, nothing spins, nothing waits for ever.

use crate::common::receiver::Receiver;
use crate::world::{World, incoming};
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_engine::hook_admin::HookFields;
use wigwag_engine::limits::{DISK_FREE_BYTES_MIN_MAX, DISK_FREE_PERCENT_MIN};
use wigwag_engine::{InFlightMax, Settings};
use wigwag_hooks::{FailurePolicy, PolicyChoice, RetryPolicy, Switch};
use wigwag_ports::deliveries::Deliveries;

/// The first failure pauses, nothing is tried again by itself.
fn pauses_at_once(permanent_at: Option<u32>) -> HookFields {
    let policy = FailurePolicy { threshold: 1, permanent_at, ..FailurePolicy::REFERENCE };
    HookFields {
        failure_policy: Some(PolicyChoice::Own(policy)),
        retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })),
        ..HookFields::default()
    }
}

fn in_flight(node: usize, host: usize, hook: usize) -> Settings {
    Settings { in_flight_max: InFlightMax { node, host, hook }, ..Settings::default() }
}

fn url(text: &str) -> HookFields {
    HookFields { url: Some(Secret::new(text.to_owned())), ..HookFields::default() }
}

fn off() -> HookFields {
    HookFields { enabled: Some(Switch::Off), ..HookFields::default() }
}

#[tokio::test]
async fn a_hook_that_stands_in_line_for_a_host_and_goes_leaves_its_place_to_the_next() {
    let mut world = World::under(in_flight(8, 1, 1), HookFields::default()).await;
    let url = world.receiver.url.clone();
    let goes = world.hook_to(&url).await;
    let _last = world.hook_to(&url).await;
    world.receiver.close();
    world.publish("{}").await;
    world.receiver.next().await;
    world.edit(&goes, off()).await;
    world.receiver.open();
    world.receiver.next().await;
    world.settled().await;
    assert_eq!(world.receiver.seen(), [], "the first and the last of three");
}

#[tokio::test]
async fn a_hook_that_moves_to_another_host_does_not_wait_for_the_old_one() {
    let mut world = World::under(in_flight(8, 1, 1), HookFields::default()).await;
    let moves = world.hook_to(&world.receiver.url).await;
    world.receiver.close();
    world.publish("{}").await;
    world.receiver.next().await;
    let mut elsewhere = Receiver::start().await;
    world.edit(&moves, url(&elsewhere.url)).await;
    elsewhere.next().await;
}

#[tokio::test]
async fn what_expired_while_its_hook_was_disabled_is_not_sent_any_more() {
    let mut world = World::with(pauses_at_once(Some(3))).await;
    world.receiver.answer_with(500);
    world.publish("{}").await;
    world.comes_to("paused", 0).await;
    world.publish_all((0..5).map(|n| n.to_string())).await;
    // The probe succeeds and the next one fails, while the others have been read already.
    world.receiver.answer_next_with(&[200]);
    world.later(Duration::from_secs(60));
    world.comes_to("paused", 3).await;
    for pause_s in [60, 120] {
        world.later(Duration::from_secs(pause_s));
        world.settled().await;
    }
    world.comes_to("disabled", 3).await;
    world.receiver.seen();
    let (house, hook) = (&world.house, world.hook.hook.id);
    let expired = house.store.expire(hook, house.engine.now(), 1_000, 500).await;
    assert_eq!(expired, Ok(3));
    world.receiver.answer_with(200);
    world.enable().await;
    world.comes_to("healthy", 0).await;
    assert_eq!(world.receiver.seen(), []);
}

#[tokio::test]
async fn a_probe_that_fails_by_our_own_fault_is_repeated_after_its_delay_and_not_at_once() {
    let world = World::with(pauses_at_once(None)).await;
    world.receiver.answer_with(500);
    world.publish("{}").await;
    world.comes_to("paused", 0).await;
    world.publish("{}").await;
    // No name server answers, which is no fault of the receiver; see the ground of these tests.
    world.edit(&world.hook, url("http://receiver.example/")).await;
    world.comes_to("half_open", 1).await;
    assert_eq!(world.attempts().await, 2);
    world.later(Duration::from_secs(6));
    world.comes_to("half_open", 1).await;
    assert_eq!(world.attempts().await, 3);
}

#[tokio::test]
async fn a_store_that_broke_for_good_ends_the_server_without_any_delivery() {
    let world = World::new().await;
    world.house.store.break_for_good();
    assert_eq!(world.house.engine.fatal().await, "broken by the test");
}

#[tokio::test]
async fn a_server_stops_although_its_store_takes_nothing_and_the_next_start_sends_again() {
    let mut world = World::new().await;
    world.receiver.close();
    world.publish("{}").await;
    let first = world.receiver.next().await;
    world.house.store.shut();
    world.receiver.open();
    let _ = world.house.engine.stop().await;
    world.house.store.open();
    let _second_life = world.house.restarted().await;
    assert_eq!(world.receiver.next().await, first);
}

#[tokio::test]
async fn receivers_that_hang_from_their_first_request_take_no_more_than_half_of_the_slots() {
    let settings =
        Settings { in_flight_max: InFlightMax { node: 4, host: 4, hook: 4 }, ..Settings::default() };
    let mut world = World::under(settings, HookFields::default()).await;
    world.publish("{\"n\":0}").await;
    world.receiver.next().await;
    world.settled().await;
    let mut hanging = Vec::new();
    for _ in 0..2 {
        let receiver = Receiver::start().await;
        receiver.close();
        world.hook_to(&receiver.url).await;
        hanging.push(receiver);
    }
    // Each event goes to the good receiver and to both that hang.
    world.publish_all((1..=10).map(|n| format!("{{\"n\":{n}}}"))).await;
    for _ in 1..=10 {
        world.receiver.next().await;
    }
    for receiver in &hanging {
        receiver.open();
    }
    for receiver in &mut hanging {
        for _ in 1..=10 {
            receiver.next().await;
        }
    }
}

#[tokio::test]
async fn what_waits_for_receivers_that_hang_or_for_their_slots_goes_to_the_store() {
    let settings =
        Settings { in_flight_max: InFlightMax { node: 4, host: 4, hook: 4 }, ..Settings::default() };
    let mut world = World::under(settings, HookFields::default()).await;
    world.publish("{\"n\":0}").await;
    world.receiver.next().await;
    world.settled().await;
    let mut hanging = Vec::new();
    for _ in 0..3 {
        let receiver = Receiver::start().await;
        receiver.close();
        hanging.push((world.hook_to(&receiver.url).await, receiver));
    }
    // Two slots are for those that hang: at least one of the three waits without a request under way.
    world.publish_all((1..=40).map(|n| format!("{{\"n\":{n}}}"))).await;
    for _ in 1..=40 {
        world.receiver.next().await;
    }
    world.later(Duration::from_millis(300));
    let (engine, root) = (&world.house.engine, &world.house.root);
    for (hook, _) in &hanging {
        let mut waiting = 0;
        // 16 of each may stay in memory, and two are under way.
        for _ in 0..5_000 {
            waiting = engine.hook(root, world.scope(), hook.hook.id).await.unwrap().waiting;
            if waiting >= 22 {
                break;
            }
        }
        assert!(waiting >= 22, "only {waiting} of 40 are in the store");
    }
    for (_, receiver) in &hanging {
        receiver.open();
    }
    for (_, receiver) in &mut hanging {
        for _ in 1..=40 {
            receiver.next().await;
        }
    }
}

#[tokio::test]
async fn large_bodies_that_waited_go_out_although_a_page_holds_few() {
    let mut world = World::with(pauses_at_once(None)).await;
    world.receiver.answer_with(500);
    world.publish("\"first\"").await;
    world.comes_to("paused", 0).await;
    let large = |n: usize| format!("\"{n}{}\"", "x".repeat(700 << 10));
    world.publish_all((0..5).map(large)).await;
    world.comes_to("paused", 5).await;
    world.receiver.seen();
    world.receiver.answer_with(200);
    world.later(Duration::from_secs(60));
    world.comes_to("healthy", 0).await;
    let mut arrived: Vec<usize> =
        world.receiver.seen().iter().map(|arrived| usize::from(arrived.body[1] - b'0')).collect();
    arrived.sort_unstable();
    assert_eq!(arrived, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn events_are_refused_before_what_waits_has_no_room() {
    let world = World::new().await;
    let (engine, store) = (&world.house.engine, &world.house.store);
    let share = 1_000_000 * DISK_FREE_PERCENT_MIN;
    let large = 100 * DISK_FREE_BYTES_MIN_MAX;
    for (disk, free, has_room) in [
        (Some(100_000_000), Some(share), true),
        (Some(100_000_000), Some(share - 1), false),
        (Some(large), Some(DISK_FREE_BYTES_MIN_MAX), true),
        (Some(large), Some(DISK_FREE_BYTES_MIN_MAX - 1), false),
        (Some(large), Some(0), false),
        (None, None, true),
    ] {
        store.set_disk(disk, free);
        engine.look_at_room().await.unwrap();
        let published = engine.publish(world.project.id, vec![incoming("{}")]).await;
        assert_eq!(published.is_ok(), has_room, "{free:?} of {disk:?}: {published:?}");
    }
    store.set_disk(Some(large), Some(700 << 20));
    engine.look_at_room().await.unwrap();
    let refused = engine.publish(world.project.id, vec![incoming("{}")]).await.unwrap_err();
    assert_eq!(
        refused.error.to_string(),
        "only 700 MiB of the disk are free, and 1024 are kept for what waits already; make room, or move the data folder; \
         try again in 2 s"
    );
}
