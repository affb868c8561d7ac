//! Receivers that publish because of what they received.

use crate::common::receiver::Receiver;
use crate::hooks::{Shop, to};
use std::time::Duration;
use wigwag_base::Page;
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{DeliveryQuery, Settings};
use wigwag_hooks::{DeliveryState, EndReason, HookScope, Switch, Trigger};

fn chain_of(text: &str) -> Option<[u8; 16]> {
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    Some(std::array::from_fn(byte))
}

/// Publishes an event, with the chain that the publisher was given.
async fn publish(shop: &Shop, event_type: &str, chain: Option<[u8; 16]>) {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let payload = bytes::Bytes::from_static(b"{}");
    let incoming = Incoming { event_type: event_type.into(), payload, idempotency_key: None, chain };
    shop.house.engine.publish(project, vec![incoming]).await.unwrap();
    shop.house.engine.settle().await;
}

async fn hook(shop: &Shop, receiver: &Receiver, pattern: &str) -> HookView {
    let fields = HookFields {
        triggers: vec![(Trigger::Push, Switch::Off)],
        event_types: Some(vec![pattern.to_owned()]),
        ..to(&receiver.url)
    };
    shop.hook(fields).await
}

async fn skipped(shop: &Shop) -> Vec<(i64, DeliveryState)> {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let query = DeliveryQuery { state: Some("skipped".into()), ..DeliveryQuery::default() };
    let found = shop.house.engine.deliveries(&shop.mia, project, query, Page::default()).await.unwrap();
    found.rows.iter().map(|delivery| (delivery.hook.0, delivery.state)).collect()
}

const RECURSION: DeliveryState = DeliveryState::Skipped(EndReason::Recursion);

#[tokio::test]
async fn a_hook_does_not_hear_what_came_of_its_own_requests() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let first = hook(&shop, &receiver, "a").await;
    let second = hook(&shop, &receiver, "b").await;
    publish(&shop, "a", None).await;
    let chain = chain_of(&receiver.next().await.chain);
    publish(&shop, "b", chain).await;
    let of_second = receiver.next().await;
    assert_eq!(chain_of(&of_second.chain), chain, "the chain goes on");
    publish(&shop, "a", chain).await;
    publish(&shop, "b", chain).await;
    assert_eq!(receiver.seen(), []);
    let (first, second) = (first.hook.id.0, second.hook.id.0);
    assert_eq!(skipped(&shop).await, [(second, RECURSION), (first, RECURSION)], "the log says why");
    publish(&shop, "a", None).await;
    assert_eq!(receiver.seen().len(), 1, "what has another cause is another chain");
    shop.house.clock.advance(Duration::from_secs(30 * 60 + 1));
    publish(&shop, "a", chain).await;
    assert_eq!(receiver.seen().len(), 1, "a chain lives for half an hour");
}

#[tokio::test]
async fn a_chain_that_began_elsewhere_is_kept_and_goes_round_once() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    hook(&shop, &receiver, "a").await;
    for _ in 0..3 {
        publish(&shop, "a", Some([7; 16])).await;
    }
    let seen = receiver.seen();
    assert_eq!(seen.iter().map(|arrived| chain_of(&arrived.chain)).collect::<Vec<_>>(), [Some([7; 16])]);
    assert_eq!(skipped(&shop).await.len(), 2);
}

#[tokio::test]
async fn a_receiver_that_publishes_before_it_answers_is_in_the_chain_already() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    hook(&shop, &receiver, "a").await;
    receiver.close();
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let event = |chain| Incoming {
        event_type: "a".into(),
        payload: bytes::Bytes::from_static(b"{}"),
        idempotency_key: None,
        chain,
    };
    shop.house.engine.publish(project, vec![event(None)]).await.unwrap();
    let chain = chain_of(&receiver.next().await.chain);
    shop.house.engine.publish(project, vec![event(chain)]).await.unwrap();
    receiver.open();
    shop.house.engine.settle().await;
    assert_eq!(receiver.seen(), []);
    assert_eq!(skipped(&shop).await.len(), 1);
}

#[tokio::test]
async fn the_hundred_and_first_hook_of_a_chain_is_not_called() {
    let shop = Shop::with(Settings { project_hooks_max: 200, ..Settings::default() }).await;
    let mut receiver = Receiver::start().await;
    for n in 0..101 {
        hook(&shop, &receiver, &format!("step.{n}")).await;
    }
    for n in 0..101 {
        publish(&shop, &format!("step.{n}"), Some([7; 16])).await;
    }
    assert_eq!(receiver.seen().len(), 100);
    let states: Vec<_> = skipped(&shop).await.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [DeliveryState::Skipped(EndReason::ChainFull)]);
}
