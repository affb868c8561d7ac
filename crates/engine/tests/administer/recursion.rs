//! Receivers that publish because of what they received.

use crate::common::receiver::Receiver;
use crate::hooks::{Shop, to};
use std::time::Duration;
use wigwag_base::Page;
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{DeliveryQuery, ReplayMode, ReplayQuery, Settings};
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

#[tokio::test]
async fn each_hook_of_a_root_begins_a_chain_of_its_own() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let (bot, audit) = (hook(&shop, &receiver, "a").await, hook(&shop, &receiver, "*").await);
    publish(&shop, "a", None).await;
    let chains: Vec<_> = receiver.seen().iter().map(|arrived| chain_of(&arrived.chain)).collect();
    // A chain ends with the number of the hook that began it.
    let of = |hook: &HookView| {
        let number = &hook.hook.id.0.to_be_bytes()[3..];
        *chains.iter().find(|chain| chain.is_some_and(|chain| chain.ends_with(number))).unwrap()
    };
    let (of_bot, of_audit) = (of(&bot), of(&audit));
    publish(&shop, "a", of_bot).await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 1, "the other one caused nothing");
    assert_eq!(chain_of(&seen[0].chain), of_bot);
    assert_eq!(skipped(&shop).await, [(bot.hook.id.0, RECURSION)]);
    publish(&shop, "a", of_audit).await;
    assert_eq!(receiver.seen().len(), 1, "nor did the first one now");
    publish(&shop, "a", of_audit).await;
    assert_eq!(receiver.seen(), [], "both have heard something of this one");
}

#[tokio::test]
async fn what_comes_by_one_request_is_not_its_own_cause() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    hook(&shop, &receiver, "a").await;
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let event = |_| Incoming {
        event_type: "a".into(),
        payload: bytes::Bytes::from_static(b"{}"),
        idempotency_key: None,
        chain: Some([7; 16]),
    };
    let batch = || (0..3).map(event).collect();
    shop.house.engine.publish(project, batch()).await.unwrap();
    shop.house.engine.settle().await;
    assert_eq!((receiver.seen().len(), skipped(&shop).await.len()), (3, 0));
    shop.house.engine.publish(project, batch()).await.unwrap();
    shop.house.engine.settle().await;
    assert_eq!((receiver.seen().len(), skipped(&shop).await.len()), (0, 3), "the next request is later");
}

#[tokio::test]
async fn what_would_go_round_again_is_replayed_by_its_name_alone() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    hook(&shop, &receiver, "a").await;
    publish(&shop, "a", Some([7; 16])).await;
    publish(&shop, "a", Some([7; 16])).await;
    assert_eq!(receiver.seen().len(), 1);
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let replayed = async |words: &[&str]| {
        let states = words.iter().map(|word| (*word).to_owned()).collect();
        let query = ReplayQuery { states, ..ReplayQuery::default() };
        shop.house.engine.replay(&shop.mia, project, query, ReplayMode::Replay).await.unwrap().count
    };
    assert_eq!((replayed(&[]).await, replayed(&["skipped"]).await), (0, 0));
    assert_eq!(replayed(&["recursion"]).await, 1);
    shop.house.engine.settle().await;
    assert_eq!(receiver.seen().len(), 1);
}
