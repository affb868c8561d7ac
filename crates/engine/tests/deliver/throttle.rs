//! A namespace sends so many a minute: what is more waits, is shown, and holds up nobody else.

use crate::common::receiver::Receiver;
use crate::world::World;
use bytes::Bytes;
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_engine::Settings;
use wigwag_engine::dispatch::{RateOf, Throttling};
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_hooks::{FailurePolicy, HookScope, PolicyChoice};

const MINUTE: Duration = Duration::from_secs(60);

fn rate(namespace: u32) -> Settings {
    Settings { namespace_rate_per_minute: Some(namespace), ..Settings::default() }
}

/// Bodies `{"n":0}` and on, so many.
async fn publish(world: &World, count: usize) {
    world.publish_all((0..count).map(|n| format!("{{\"n\":{n}}}"))).await;
}

/// How many requests a receiver has seen since it was asked last, once everything has come to rest.
async fn seen(world: &World, receiver: &mut Receiver) -> usize {
    world.house.engine.settle().await;
    receiver.seen().len()
}

fn throttling(world: &World, after: Duration, by: RateOf) -> Option<Throttling> {
    Some(Throttling { until: world.house.engine.now() + after, by })
}

#[tokio::test]
async fn so_many_go_out_in_a_minute_the_rest_waits_and_another_namespace_is_not_held_up() {
    let mut world = World::under(rate(3), HookFields::default()).await;
    let (house, root) = (&world.house, &world.house.root);
    let other = house.project("other", &house.group("other", None).await).await;
    let mut elsewhere = Receiver::start().await;
    let fields = HookFields {
        url: Some(Secret::new(elsewhere.url.clone())),
        event_types: Some(vec!["*".into()]),
        ..HookFields::default()
    };
    house.engine.create_hook(root, HookScope::Project(other.id), fields).await.unwrap();

    publish(&world, 10).await;
    let hook = world.settled().await;
    assert_eq!((hook.waiting, hook.throttling), (7, throttling(&world, MINUTE, RateOf::Namespace)));
    assert_eq!(world.states().await.iter().filter(|state| **state == "pending").count(), 7);
    let mut bodies: Vec<Bytes> = world.receiver.seen().into_iter().map(|arrived| arrived.body).collect();
    assert_eq!(bodies.len(), 3);

    let event = || Incoming {
        event_type: "invoice.paid".into(),
        payload: Bytes::from_static(b"{}"),
        idempotency_key: None,
        chain: None,
    };
    world.house.engine.publish(other.id, vec![event(), event()]).await.unwrap();
    assert_eq!(seen(&world, &mut elsewhere).await, 2);
    let (engine, id) = (&world.house.engine, world.hook.hook.id);
    engine.test_hook(&world.house.root, world.scope(), id, "push_events").await.unwrap();
    assert_eq!(world.receiver.seen().len(), 1, "a test has a limit of its own");

    world.later(MINUTE - Duration::from_millis(1));
    world.settled().await;
    assert_eq!(world.receiver.seen(), []);
    for (after, count, waiting) in [(Duration::from_millis(1), 3, 4), (MINUTE, 3, 1), (MINUTE, 1, 0)] {
        world.later(after);
        world.comes_to("healthy", waiting).await;
        let arrived = world.receiver.seen();
        assert_eq!(arrived.len(), count);
        bodies.extend(arrived.into_iter().map(|arrived| arrived.body));
    }
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 10, "none is lost, and none goes out twice");
    assert_eq!(world.settled().await.throttling, None);
}

#[tokio::test]
async fn the_hooks_of_a_namespace_share_its_minute_and_who_waited_longest_goes_first() {
    let mut world = World::under(rate(2), HookFields::default()).await;
    let mut others = Vec::new();
    for _ in 0..4 {
        let receiver = Receiver::start().await;
        world.hook_to(&receiver.url).await;
        others.push(receiver);
    }
    publish(&world, 2).await;
    let mut counts = [0; 5];
    let [a, b, c, d] = &mut others[..] else { panic!("four") };
    for minutes in 1..=5 {
        world.house.engine.settle().await;
        let arrived = [&mut world.receiver, &mut *a, b, c, d].map(|receiver| receiver.seen().len());
        assert_eq!(arrived.iter().sum::<usize>(), 2, "in minute {minutes}");
        for (count, arrived) in counts.iter_mut().zip(arrived) {
            *count += arrived;
        }
        if minutes == 4 {
            assert!(counts.iter().all(|count| *count > 0), "each had a turn: {counts:?}");
        }
        world.later(MINUTE);
    }
    assert_eq!(counts, [2; 5]);
}

#[tokio::test]
async fn a_hooks_own_rate_holds_where_it_is_lower_and_the_namespaces_where_that_is() {
    let check = async |own: i64, namespace: u32, sent: usize, by: RateOf| {
        let fields = HookFields { rate_per_minute: Some(Some(own)), ..HookFields::default() };
        let mut world = World::under(rate(namespace), fields).await;
        publish(&world, 5).await;
        let hook: HookView = world.settled().await;
        assert_eq!(hook.throttling, throttling(&world, MINUTE, by), "{own} of {namespace}");
        assert_eq!((world.receiver.seen().len(), hook.waiting), (sent, 5 - sent as u64));
        world.later(MINUTE);
        world.settled().await;
        assert_eq!(world.receiver.seen().len(), sent.min(5 - sent));
    };
    check(2, 4, 2, RateOf::Hook).await;
    check(4, 2, 2, RateOf::Namespace).await;
    check(3, u32::MAX, 3, RateOf::Hook).await;
}

#[tokio::test]
async fn a_probe_counts_too() {
    let policy =
        FailurePolicy { threshold: 1, first_pause: Duration::from_secs(30), ..FailurePolicy::REFERENCE };
    let fields = HookFields { failure_policy: Some(PolicyChoice::Own(policy)), ..HookFields::default() };
    let mut world = World::under(rate(1), fields).await;
    world.receiver.answer_next_with(&[500]);
    publish(&world, 2).await;
    world.comes_to("paused", 2).await;
    world.receiver.seen();
    world.later(Duration::from_secs(30));
    world.comes_to("half_open", 2).await;
    assert_eq!(world.receiver.seen(), [], "the minute is spent");
    world.later(Duration::from_secs(30));
    world.comes_to("healthy", 1).await;
    world.later(MINUTE);
    world.comes_to("healthy", 0).await;
}

#[tokio::test]
async fn what_was_held_back_goes_out_after_a_restart_under_the_same_limit() {
    let mut world = World::under(rate(3), HookFields::default()).await;
    let mut other = Receiver::start().await;
    let second = world.hook_to(&other.url).await;
    publish(&world, 4).await;
    assert_eq!(seen(&world, &mut other).await + world.receiver.seen().len(), 3);
    // Minutes are not remembered: the second life begins one, and counts both hooks by their namespace at once.
    world.house.engine = world.house.restarted_with(rate(3)).await.unwrap();
    assert_eq!(seen(&world, &mut other).await + world.receiver.seen().len(), 3);
    let mut waiting = 0;
    for hook in [world.hook.hook.id, second.hook.id] {
        let view = world.house.engine.hook(&world.house.root, world.scope(), hook).await.unwrap();
        waiting += view.waiting;
    }
    assert_eq!(waiting, 2);
}
