//! Hooks that keep the order of events.

use crate::world::{World, incoming};
use std::time::Duration;
use wigwag_engine::hook_admin::HookFields;
use wigwag_engine::intake::Incoming;
use wigwag_hooks::{Ordering, PolicyChoice, RetryPolicy};

/// More than lie in memory.
const EVENTS: usize = 1_100;

fn strict(delays_s: &[u64]) -> HookFields {
    let delays = delays_s.iter().map(|s| Duration::from_secs(*s)).collect();
    HookFields {
        ordering: Some(Ordering::Strict),
        failure_policy: Some(PolicyChoice::Off),
        retry_policy: Some(Some(RetryPolicy { delays })),
        ..HookFields::default()
    }
}

/// The bodies that have arrived and were not looked at.
async fn arrived(world: &mut World) -> Vec<String> {
    world.house.engine.settle().await;
    world.receiver.seen().iter().map(|one| String::from_utf8(one.body.to_vec()).unwrap()).collect()
}

#[tokio::test]
async fn one_request_at_a_time_goes_out_in_the_order_of_events() {
    let mut world = World::with(strict(&[])).await;
    world.receiver.close();
    world.publish_all((0..40).map(|n| n.to_string())).await;
    world.receiver.next().await;
    tokio::task::yield_now().await;
    assert_eq!(world.receiver.seen(), [], "the second waits for the first one's answer");
    world.receiver.open();
    let expected: Vec<String> = (1..40).map(|n| n.to_string()).collect();
    assert_eq!(arrived(&mut world).await, expected);
}

#[tokio::test]
async fn what_failed_holds_up_what_is_younger_until_it_arrives_or_is_given_up() {
    let mut world = World::with(strict(&[60, 60])).await;
    world.receiver.answer_next_with(&[200, 500, 500, 200, 500, 500, 500]);
    for n in 0..5 {
        world.publish(&n.to_string()).await;
    }
    assert_eq!(arrived(&mut world).await, ["0", "1"]);
    world.publish("5").await;
    assert_eq!(arrived(&mut world).await, [""; 0], "what comes waits behind it");
    assert_eq!(world.settled().await.waiting, 5, "in the store, where everybody sees it");
    world.later(Duration::from_secs(90));
    assert_eq!(arrived(&mut world).await, ["1"]);
    world.later(Duration::from_secs(90));
    assert_eq!(arrived(&mut world).await, ["1", "2"]);
    world.later(Duration::from_secs(90));
    assert_eq!(arrived(&mut world).await, ["2"]);
    world.later(Duration::from_secs(90));
    assert_eq!(arrived(&mut world).await, ["2", "3", "4", "5"], "given up, the others go on");
    assert_eq!(
        world.states().await,
        ["delivered", "delivered", "delivered", "given_up", "delivered", "delivered"]
    );
}

#[tokio::test]
async fn a_restart_keeps_the_order_over_what_memory_and_store_had() {
    let mut world = World::with(strict(&[60])).await;
    world.receiver.close();
    world.publish_all((0..1_000).map(|n| n.to_string())).await;
    world.receiver.next().await;
    world.publish_all((1_000..EVENTS).map(|n| n.to_string())).await;
    // The youngest have rows, and the oldest are known as unsettled alone.
    let (engine, root, hook) = (&world.house.engine, &world.house.root, world.hook.hook.id);
    while engine.hook(root, world.scope(), hook).await.unwrap().waiting == 0 {
        tokio::task::yield_now().await;
    }
    let second_life = world.house.restarted().await;
    world.receiver.next().await;
    world.receiver.open();
    second_life.settle().await;
    // The first life may still send what its first answer let go.
    let mut arrived: Vec<String> = Vec::new();
    for one in world.receiver.seen() {
        let body = String::from_utf8(one.body.to_vec()).unwrap();
        if body != "0" && !arrived.contains(&body) {
            arrived.push(body);
        }
    }
    let expected: Vec<String> = (1..EVENTS).map(|n| n.to_string()).collect();
    assert_eq!(arrived, expected, "nothing arrives before what is older");
}

#[tokio::test]
async fn an_event_whose_chain_is_looked_up_is_not_overtaken() {
    let mut world = World::with(strict(&[])).await;
    let of_chain = Incoming { chain: Some([7; 16]), ..incoming("0") };
    world.house.engine.publish(world.project.id, vec![of_chain, incoming("1")]).await.unwrap();
    assert_eq!(arrived(&mut world).await, ["0", "1"]);
}

#[tokio::test]
async fn a_hook_that_is_asked_to_keep_the_order_begins_with_the_oldest_that_waits() {
    let fields = HookFields { ordering: Some(Ordering::Any), ..strict(&[60]) };
    let mut world = World::with(fields).await;
    world.receiver.answer_next_with(&[500]);
    for n in 0..3 {
        world.publish(&n.to_string()).await;
        world.settled().await;
    }
    assert_eq!(arrived(&mut world).await, ["0", "1", "2"], "in any order, a failure holds up nobody");
    let hook = world.hook.clone();
    world.edit(&hook, HookFields { ordering: Some(Ordering::Strict), ..HookFields::default() }).await;
    world.publish("3").await;
    assert_eq!(arrived(&mut world).await, [""; 0]);
    world.later(Duration::from_secs(90));
    assert_eq!(arrived(&mut world).await, ["0", "3"]);
}
