use crate::common::receiver::Receiver;
use crate::world::{GATHERED, World};
use serde_json::Value;
use std::time::Duration;
use wigwag_engine::DeliveryQuery;
use wigwag_hooks::HookScope;

/// The types of the events that a receiver got, and about whom: `hook.paused billing`.
fn heard(receiver: &mut Receiver) -> Vec<String> {
    let of = |body: &[u8]| {
        let body: Value = serde_json::from_slice(body).unwrap();
        format!("{} {}", body["event"].as_str().unwrap(), body["hook"]["name"].as_str().unwrap())
    };
    receiver.seen().iter().map(|arrived| of(&arrived.body)).collect()
}

#[tokio::test]
async fn a_hook_that_wants_them_hears_of_every_stage_of_another() {
    let world = World::new().await;
    let mut listener = Receiver::start().await;
    let scope = world.scope();
    world.hook_at(scope, "watch", &listener.url, &["hook.*"], 4).await;
    let hook = world.hook_at(scope, "billing", &world.receiver.url, &["order.paid"], 2).await;
    world.fails().await;
    world.tells().await;
    assert_eq!(heard(&mut listener), ["hook.unhealthy billing"], "at once");
    world.pays().await;
    world.tells().await;
    let body: Value = serde_json::from_slice(&listener.next().await.body).unwrap();
    assert_eq!(body["event"], "hook.paused");
    assert_eq!(
        (&body["health"], &body["was"], &body["failures"]),
        (&"paused".into(), &"unhealthy".into(), &2.into())
    );
    assert_eq!(body["project"]["path"], "acme/shop");
    assert!(
        body["last_error"].as_str().unwrap().contains("500") && body["next_try_at"].is_string(),
        "{body}"
    );
    world.house.clock.advance(Duration::from_secs(60));
    world.house.engine.look();
    world.pays().await;
    world.tells().await;
    assert_eq!(heard(&mut listener), Vec::<String>::new(), "the same decay");
    world.receiver.answer_with(200);
    world.enables(&hook).await;
    world.tells().await;
    assert_eq!(heard(&mut listener), ["hook.recovered billing"]);
    assert_eq!(world.states(&hook).await.iter().filter(|state| *state == "events sent").count(), 3);
}

#[tokio::test]
async fn a_hook_never_hears_of_itself() {
    let mut world = World::new().await;
    let hook = world.hook_at(world.scope(), "all", &world.receiver.url, &["*"], 4).await;
    world.receiver.answer_next_with(&[500]);
    world.pays().await;
    world.receiver.seen();
    world.tells().await;
    assert_eq!(world.receiver.seen(), [], "it would only fail again");
    assert!(world.states(&hook).await.contains(&"events sent".to_owned()));
    let query = DeliveryQuery::default();
    let rows =
        world.house.engine.deliveries(&world.house.root, world.project.id, query, Default::default()).await;
    let states: Vec<&str> = rows.unwrap().rows.iter().map(|row| row.state.name()).collect();
    assert!(states.contains(&"skipped"), "the log says why: {states:?}");
}

#[tokio::test]
async fn hooks_that_fail_to_hear_of_each_other_come_to_an_end() {
    let mut world = World::new().await;
    let mut other = Receiver::start().await;
    let scope = world.scope();
    world.hook_at(scope, "a", &world.receiver.url, &["hook.*", "order.paid"], 4).await;
    world.hook_at(scope, "b", &other.url, &["hook.*"], 4).await;
    world.receiver.answer_with(500);
    other.answer_with(500);
    world.pays().await;
    for _ in 0..5 {
        world.tells().await;
    }
    // Both fail, and each may hear of the other; only the first failure had another cause than such an event.
    assert_eq!(heard(&mut other), ["hook.unhealthy a"]);
    let of_a: Vec<_> = world.receiver.seen();
    assert_eq!(of_a.len(), 1, "the order alone: {of_a:?}");
}

#[tokio::test]
async fn what_fails_in_a_group_is_for_hooks_of_that_group_and_above() {
    let world = World::new().await;
    let engine = &world.house.engine;
    let below = world.house.group("below", Some(world.group.id)).await;
    let project = world.house.project("deep", &below).await;
    let mut ears = Vec::new();
    for (name, scope) in [
        ("project", HookScope::Project(project.id)),
        ("below", HookScope::Group(below.id)),
        ("group", HookScope::Group(world.group.id)),
        ("system", HookScope::System),
    ] {
        let ear = Receiver::start().await;
        world.hook_at(scope, name, &ear.url, &["hook.*"], 4).await;
        ears.push((name, ear));
    }
    let mut check = async |scope, expected: &[&str]| {
        let hook = world.hook_at(scope, "failing", &world.receiver.url, &["order.paid"], 4).await;
        world.receiver.answer_with(500);
        let event = wigwag_engine::intake::Incoming {
            event_type: "order.paid".into(),
            payload: bytes::Bytes::from_static(b"{}"),
            idempotency_key: None,
            chain: None,
        };
        engine.publish(project.id, vec![event]).await.unwrap();
        world.tells().await;
        let mut hear = Vec::new();
        for (name, ear) in &mut ears {
            if heard(ear) == ["hook.unhealthy failing"] {
                hear.push(*name);
            }
        }
        assert_eq!(hear, expected, "{scope:?}");
        engine.delete_hook(&world.house.root, scope, hook.hook.id).await.unwrap();
    };
    check(HookScope::Project(project.id), &["project", "below", "group", "system"]).await;
    check(HookScope::Group(below.id), &["below", "group", "system"]).await;
    check(HookScope::Group(world.group.id), &["group", "system"]).await;
    check(HookScope::System, &["system"]).await;
}

#[tokio::test]
async fn an_event_is_published_once_although_nobody_noted_it() {
    let world = World::new().await;
    let mut listener = Receiver::start().await;
    world.hook_at(world.scope(), "watch", &listener.url, &["hook.*"], 4).await;
    world.hook("billing").await;
    world.fails().await;
    world.house.store.refuse_notes(true);
    world.house.engine.take_changes().await.unwrap();
    assert!(world.house.engine.send_outbox().await.is_err());
    world.house.engine.settle().await;
    // Another life knows nothing of what this one sent.
    let again = world.house.restarted().await;
    world.house.store.refuse_notes(false);
    again.send_outbox().await.unwrap();
    world.tells_after(GATHERED).await;
    again.settle().await;
    assert_eq!(heard(&mut listener), ["hook.paused billing"]);
}

#[tokio::test]
async fn half_of_what_may_wait_is_told_once_until_it_shrank() {
    let world = World::with_waiting_max(8).await;
    let mut listener = Receiver::start().await;
    world.hook_at(world.scope(), "watch", &listener.url, &["hook.backlog"], 4).await;
    let hook = world.hook("billing").await;
    let waits = async |count: usize| {
        for _ in 0..count {
            world.pays().await;
        }
        world.house.engine.settle().await;
        world.house.engine.sweep_waiting().await.unwrap();
        world.house.engine.settle().await;
    };
    world.fails().await;
    waits(3).await;
    assert_eq!(heard(&mut listener), Vec::<String>::new(), "three of eight");
    waits(1).await;
    let body: Value = serde_json::from_slice(&listener.next().await.body).unwrap();
    assert_eq!(
        (&body["event"], &body["waiting"], &body["waiting_max"]),
        (&"hook.backlog".into(), &4.into(), &8.into())
    );
    assert_eq!((&body["hook"]["name"], &body["health"]), (&"billing".into(), &"paused".into()));
    waits(2).await;
    assert_eq!(heard(&mut listener), Vec::<String>::new(), "once");
    world.receiver.answer_with(200);
    world.enables(&hook).await;
    waits(0).await;
    world.house.clock.advance(Duration::from_secs(1));
    world.fails().await;
    waits(4).await;
    assert_eq!(heard(&mut listener), ["hook.backlog billing"], "and again when it was over");
}
