use crate::world::World;
use std::time::Duration;
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::{FailurePolicy, PolicyChoice, RetryPolicy, Switch, WhilePaused};

fn no_retries() -> HookFields {
    HookFields { retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })), ..HookFields::default() }
}

#[tokio::test]
async fn an_event_arrives_byte_for_byte_and_is_logged() {
    let mut world = World::new().await;
    world.publish(r#"{ "b":1,  "a":"é" }"#).await;
    assert_eq!(world.receiver.next().await.body, r#"{ "b":1,  "a":"é" }"#);
    world.comes_to("healthy", 0).await;
    assert_eq!(world.attempts().await, 1);
    assert_eq!(world.states().await, ["delivered"]);
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_with_the_same_id_and_bytes_when_it_is_due() {
    let mut world = World::new().await;
    world.receiver.answer_with(500);
    world.publish("{\"n\":1}").await;
    let first = world.receiver.next().await;
    world.comes_to("unhealthy", 1).await;
    assert_eq!(world.states().await, ["retrying"]);
    world.receiver.answer_with(200);
    world.later(Duration::from_secs(4));
    world.settled().await;
    assert_eq!(world.receiver.seen(), [], "the retry is due after 5 s");
    world.later(Duration::from_secs(1));
    assert_eq!(world.receiver.next().await, first);
    world.comes_to("healthy", 0).await;
    assert_eq!(world.states().await, ["delivered"]);
}

#[tokio::test]
async fn four_failures_pause_what_comes_waits_and_one_probe_decides() {
    let mut world = World::with(no_retries()).await;
    world.receiver.answer_with(500);
    for n in 0..4 {
        world.publish(&format!("{{\"n\":{n}}}")).await;
        world.receiver.next().await;
        world.settled().await;
    }
    world.comes_to("paused", 0).await;
    for n in 4..7 {
        world.publish(&format!("{{\"n\":{n}}}")).await;
    }
    world.comes_to("paused", 3).await;
    assert_eq!(world.receiver.seen(), []);

    world.later(Duration::from_secs(60));
    assert_eq!(world.receiver.next().await.body, "{\"n\":4}", "the oldest that waits is the probe");
    world.comes_to("paused", 3).await;
    assert_eq!(world.settled().await.hook.health.failures, 5);
    assert_eq!(world.receiver.seen(), [], "one request at a time");

    world.receiver.answer_with(200);
    world.later(Duration::from_secs(120));
    let bodies = [world.receiver.next().await, world.receiver.next().await, world.receiver.next().await];
    assert_eq!(bodies.map(|arrived| arrived.body), ["{\"n\":4}", "{\"n\":5}", "{\"n\":6}"]);
    world.comes_to("healthy", 0).await;
}

#[tokio::test]
async fn enabling_a_disabled_hook_delivers_everything_that_was_held() {
    let policy = FailurePolicy { permanent_at: Some(2), ..FailurePolicy::REFERENCE };
    let fields = HookFields { failure_policy: Some(PolicyChoice::Own(policy)), ..no_retries() };
    let mut world = World::with(fields).await;
    world.receiver.answer_with(503);
    for n in 0..2 {
        world.publish(&format!("{{\"n\":{n}}}")).await;
        world.receiver.next().await;
        world.settled().await;
    }
    world.comes_to("disabled", 0).await;
    for n in 2..102 {
        world.publish(&format!("{{\"n\":{n}}}")).await;
    }
    world.comes_to("disabled", 100).await;
    world.later(Duration::from_secs(6 * 86_400));
    world.settled().await;
    assert_eq!(world.receiver.seen(), [], "only a person ends it");
    world.receiver.answer_with(200);
    world.house.engine.enable_hook(&world.house.root, world.scope(), world.hook.hook.id).await.unwrap();
    for n in 2..102 {
        let body = world.receiver.next().await.body;
        let number: usize =
            body[5..body.len() - 1].iter().fold(0, |n, digit| n * 10 + usize::from(digit - b'0'));
        assert!((2..102).contains(&number) && number.abs_diff(n) < 70, "{number} as {n}");
    }
    world.comes_to("healthy", 0).await;
}

#[tokio::test]
async fn what_a_hook_drops_or_its_owner_switches_off_is_in_the_log_as_skipped() {
    let policy = FailurePolicy { threshold: 1, ..FailurePolicy::REFERENCE };
    let fields = HookFields {
        failure_policy: Some(PolicyChoice::Own(policy)),
        while_paused: Some(WhilePaused::Drop),
        ..no_retries()
    };
    let mut world = World::with(fields).await;
    world.receiver.answer_with(500);
    world.publish("{}").await;
    world.receiver.next().await;
    world.comes_to("paused", 0).await;
    world.publish("{}").await;
    world.settled().await;
    let off = HookFields { enabled: Some(Switch::Off), ..HookFields::default() };
    world.house.engine.update_hook(&world.house.root, world.scope(), world.hook.hook.id, off).await.unwrap();
    world.publish("{}").await;
    assert_eq!(world.states().await, ["skipped", "skipped", "given_up"]);
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_holds_up_nobody_else() {
    let mut slow = World::new().await;
    slow.receiver.close();
    let mut other = crate::common::receiver::Receiver::start().await;
    let fields = HookFields {
        url: Some(wigwag_base::Secret::new(other.url.clone())),
        event_types: Some(vec!["*".into()]),
        ..HookFields::default()
    };
    slow.house.engine.create_hook(&slow.house.root, slow.scope(), fields).await.unwrap();
    for batch in 0..2 {
        slow.publish_all((0..1_000).map(|n| format!("{{\"n\":{}}}", batch * 1_000 + n))).await;
    }
    for _ in 0..2_000 {
        other.next().await;
    }
    slow.receiver.open();
    for _ in 0..2_000 {
        slow.receiver.next().await;
    }
}
