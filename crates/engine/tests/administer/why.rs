//! For every event and hook: what happened to it, and why.

use crate::common::house::verdict;
use crate::common::receiver::Receiver;
use crate::hooks::{Shop, to};
use std::time::Duration;
use wigwag_access::{AccessLevel, Principal, Source};
use wigwag_base::{EventId, Page, ProjectId, Secret};
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{DeliveryQuery, Explained, Fate, Settings};
use wigwag_hooks::{FailurePolicy, HookScope, PolicyChoice, RetryPolicy, Switch, Trigger, WhilePaused};
use wigwag_ports::deliveries::Deliveries;

fn project(shop: &Shop) -> ProjectId {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    project
}

async fn publish(shop: &Shop, event_type: &str, payload: &str) -> EventId {
    let payload = bytes::Bytes::from(payload.to_owned());
    let incoming = Incoming { event_type: event_type.into(), payload, idempotency_key: None, chain: None };
    let accepted = shop.house.engine.publish(project(shop), vec![incoming]).await.unwrap();
    shop.house.engine.settle().await;
    accepted[0].id
}

/// Every delivery with its reason, newest event first.
async fn told(shop: &Shop, principal: &Principal) -> Vec<Explained> {
    let engine = &shop.house.engine;
    let query = DeliveryQuery::default();
    let rows = engine.deliveries(principal, project(shop), query, Page::default()).await.unwrap().rows;
    engine.explained(principal, rows).await.unwrap()
}

/// The newest event's delivery: its state, its reason, a part of the sentence, and in how many seconds it goes on.
async fn check(shop: &Shop, state: &str, reason: &str, text: &str, until_s: Option<u64>) {
    let told = told(shop, &shop.mia).await.remove(0);
    let why = told.why.expect("a reason");
    let until = until_s.map(|s| shop.house.engine.now() + Duration::from_secs(s));
    assert_eq!((told.delivery.state.name(), why.reason, why.until), (state, reason, until), "{}", why.text);
    assert!(why.text.contains(text), "{text:?} is missing in {:?}", why.text);
}

fn pausing(while_paused: WhilePaused) -> HookFields {
    let policy = FailurePolicy { threshold: 1, ..FailurePolicy::REFERENCE };
    HookFields {
        failure_policy: Some(PolicyChoice::Own(policy)),
        while_paused: Some(while_paused),
        ..HookFields::default()
    }
}

fn switch(to: Switch) -> HookFields {
    HookFields { enabled: Some(to), ..HookFields::default() }
}

async fn hook(shop: &Shop, receiver: &Receiver, fields: HookFields) -> HookView {
    shop.hook(HookFields { url: Some(Secret::new(receiver.url.clone())), ..fields }).await
}

#[tokio::test]
async fn what_waits_says_what_for_and_until_when() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    receiver.answer_with(500);
    let retried = hook(&shop, &receiver, HookFields::default()).await;
    publish(&shop, "push", "{}").await;
    check(&shop, "retrying", "failed", "1 try failed; it is tried again. The receiver answered 500", Some(5))
        .await;
    shop.update(&retried, switch(Switch::Off)).await;
    check(&shop, "retrying", "switched_off", "switches it on", None).await;

    publish(&shop, "push", "{}").await;
    check(&shop, "skipped", "switched_off", "was switched off", None).await;
    shop.house.engine.delete_hook(&shop.mia, shop.scope, retried.hook.id).await.unwrap();

    let held = hook(&shop, &receiver, pausing(WhilePaused::Hold)).await;
    publish(&shop, "push", "{}").await;
    check(&shop, "retrying", "hook_paused", "paused because it failed", Some(60)).await;
    publish(&shop, "push", "{}").await;
    check(&shop, "held", "hook_paused", "paused because it failed", Some(60)).await;
    receiver.answer_with(410);
    shop.house.clock.advance(Duration::from_secs(60));
    shop.house.engine.look();
    shop.house.engine.settle().await;
    publish(&shop, "push", "{}").await;
    check(&shop, "held", "hook_disabled", "somebody enables the hook", None).await;
    shop.house
        .store
        .expire(held.hook.id, shop.house.engine.now() + Duration::from_secs(1), 9, 9)
        .await
        .unwrap();
    check(&shop, "expired", "too_old", "longer than 7 days", None).await;
    publish(&shop, "push", "{}").await;
    shop.house.store.expire(held.hook.id, shop.house.engine.now(), 0, 9).await.unwrap();
    check(&shop, "expired", "too_many", "more than 1000000 deliveries", None).await;
    publish(&shop, "push", "{}").await;
    shop.house.engine.delete_hook(&shop.mia, shop.scope, held.hook.id).await.unwrap();
    let cancelled = async || told(&shop, &shop.mia).await.remove(0).delivery.state.name() == "cancelled";
    while !cancelled().await {
        tokio::task::yield_now().await;
    }
    check(&shop, "cancelled", "hook_deleted", "was deleted", None).await;
}

#[tokio::test]
async fn what_ended_says_how() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    receiver.answer_with(500);
    let none = RetryPolicy { delays: Vec::new() };
    let fields = HookFields { retry_policy: Some(Some(none)), ..pausing(WhilePaused::Drop) };
    hook(&shop, &receiver, fields).await;
    publish(&shop, "push", "{}").await;
    check(
        &shop,
        "given_up",
        "retries_used_up",
        "1 try failed; no retries are left. The receiver answered 500",
        None,
    )
    .await;
    publish(&shop, "push", "{}").await;
    check(&shop, "skipped", "hook_paused", "was paused", None).await;
    receiver.answer_with(410);
    shop.house.clock.advance(Duration::from_secs(60));
    shop.house.engine.look();
    publish(&shop, "push", "{}").await;
    publish(&shop, "push", "{}").await;
    check(&shop, "skipped", "hook_disabled", "was disabled", None).await;
}

#[tokio::test]
async fn what_is_throttled_says_by_whose_limit() {
    let rated = |rate| HookFields { rate_per_minute: Some(Some(rate)), ..HookFields::default() };
    for (own, namespace, reason, text) in [
        (1, 3, "throttled_by_hook", "its hook may get 1 deliveries a minute"),
        (3, 1, "throttled_by_namespace", "its namespace may get 1 deliveries a minute"),
    ] {
        let shop =
            Shop::with(Settings { namespace_rate_per_minute: Some(namespace), ..Settings::default() }).await;
        let receiver = Receiver::start().await;
        hook(&shop, &receiver, rated(own)).await;
        for _ in 0..2 {
            publish(&shop, "push", "{}").await;
        }
        check(&shop, "pending", reason, text, Some(60)).await;
    }
}

#[tokio::test]
async fn of_a_groups_hook_a_projects_maintainer_learns_no_errors() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    receiver.answer_with(500);
    let group = shop.house.engine.groups(&shop.house.root, Page::default()).await.unwrap().rows.remove(0);
    let fields = to(&receiver.url);
    let group = HookScope::Group(group.id);
    shop.house.engine.create_hook(&shop.house.root, group, fields).await.unwrap();
    publish(&shop, "push", "{}").await;
    check(&shop, "retrying", "waits", "a hook that you may not see", None).await;
    let of_root = told(&shop, &shop.house.root).await.remove(0).why.unwrap();
    assert_eq!(of_root.reason, "failed");
}

#[tokio::test]
async fn an_event_tells_what_every_hook_made_of_it() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    let wants = |fields: HookFields| hook(&shop, &receiver, fields);
    let taken = wants(HookFields::default()).await;
    let other_type =
        wants(HookFields { triggers: vec![(Trigger::Push, Switch::Off)], ..HookFields::default() }).await;
    let branch = HookFields { branch_filter: Some("main".into()), ..HookFields::default() };
    let other_branch = wants(branch).await;
    let off = wants(switch(Switch::Off)).await;
    let event = publish(&shop, "push", "{\"ref\":\"refs/heads/next\"}").await;
    shop.house.clock.advance(Duration::from_secs(1));
    let later = wants(HookFields::default()).await;
    let all = HookFields { triggers: vec![(Trigger::Push, Switch::On)], ..HookFields::default() };

    let engine = &shop.house.engine;
    let story = async || engine.event_story(&shop.mia, project(&shop), event).await.unwrap();
    let fate = |told: &Fate| match told {
        Fate::Delivery(one) => one.delivery.state.name(),
        Fate::MadeLater => "made later",
        Fate::OtherType => "other type",
        Fate::OtherBranch => "other branch",
        Fate::Untold => "untold",
    };
    let told = story().await;
    assert_eq!((told.event.id, told.event.event_type.as_str()), (event, "push"));
    let fates: Vec<_> = told.hooks.iter().map(|one| (one.hook, fate(&one.fate))).collect();
    let is = [
        (taken, "delivered"),
        (other_type.clone(), "other type"),
        (other_branch, "other branch"),
        (off, "skipped"),
        (later, "made later"),
    ];
    assert_eq!(fates, is.map(|(view, fate)| (view.hook.id, fate)));
    shop.update(&other_type, all).await;
    assert_eq!(
        fate(&story().await.hooks[1].fate),
        "untold",
        "it is judged as it is set now, and nothing is guessed"
    );

    assert_eq!(verdict(engine.event_story(&shop.rex, project(&shop), event).await), "forbidden");
    let missing = engine.event_story(&shop.mia, project(&shop), EventId(999)).await;
    assert_eq!(verdict(missing), "there is no such event");
    let other = shop.house.project("other", &shop.house.group("other", None).await).await;
    shop.house.member(&shop.house.user("eve").await, Source::Project(other.id), AccessLevel::Owner).await;
    let foreign = engine.event_story(&shop.house.root, other.id, event).await;
    assert_eq!(verdict(foreign), "there is no such event");
}
