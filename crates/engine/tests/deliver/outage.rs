use crate::common::house::House;
use bytes::Bytes;
use std::net::TcpListener;
use std::time::Duration;
use wigwag_base::{Page, Secret};
use wigwag_engine::hook_admin::HookFields;
use wigwag_engine::intake::Incoming;
use wigwag_hooks::{HookScope, PolicyChoice};

fn fields(url: &str) -> HookFields {
    HookFields {
        url: Some(Secret::new(url.to_owned())),
        event_types: Some(vec!["*".into()]),
        failure_policy: Some(PolicyChoice::Off),
        ..HookFields::default()
    }
}

/// Failures that counted, over all hooks of the project.
async fn counted(house: &House, scope: HookScope) -> u32 {
    house.engine.settle().await;
    let hooks = house.engine.hooks(&house.root, scope, Page::default()).await.unwrap();
    hooks.rows.iter().map(|hook| hook.hook.health.failures).sum()
}

#[tokio::test]
async fn when_nobody_can_be_reached_it_is_our_fault_and_one_request_a_second_looks_for_the_end() {
    let house = House::new().await;
    let project = house.project("shop", &house.group("acme", None).await).await;
    let scope = HookScope::Project(project.id);
    // Ports that nobody listens on, held until all are known so that they differ.
    let listeners = [(); 5].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    for listener in &listeners {
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        house.engine.create_hook(&house.root, scope, fields(&url)).await.unwrap();
    }
    drop(listeners);
    let event = |n: usize| Incoming {
        event_type: "invoice.paid".into(),
        payload: Bytes::from(format!("{{\"n\":{n}}}")),
        idempotency_key: None,
        chain: None,
    };
    for n in 0..5 {
        house.engine.publish(project.id, vec![event(n)]).await.unwrap();
    }
    let before = counted(&house, scope).await;
    assert!(
        (1..=24).contains(&before),
        "the first attempts count, what comes after the twentieth does not: {before}"
    );
    for _ in 0..10 {
        house.clock.advance(Duration::from_secs(10));
        house.engine.look();
        assert_eq!(counted(&house, scope).await, before, "nothing counts while nobody can be reached");
    }
}
