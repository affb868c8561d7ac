use crate::common::house::verdict;
use crate::common::receiver::Receiver;
use crate::hooks::{Shop, to};
use wigwag_access::{AccessLevel, Source};
use wigwag_base::{HookId, Page, Secret};
use wigwag_engine::hook_admin::HookFields;
use wigwag_engine::intake::Incoming;
use wigwag_engine::{DeliveryQuery, ReplayMode, ReplayQuery, Replayed};
use wigwag_hooks::{HookScope, PolicyChoice, RetryPolicy, Switch};

fn of(word: &str) -> ReplayQuery {
    ReplayQuery { states: vec![word.to_owned()], ..ReplayQuery::default() }
}

async fn publish(shop: &Shop, event_type: &str, payload: &str) {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let payload = bytes::Bytes::from(payload.to_owned());
    let incoming = Incoming { event_type: event_type.into(), payload, idempotency_key: None, chain: None };
    shop.house.engine.publish(project, vec![incoming]).await.unwrap();
    shop.house.engine.settle().await;
}

async fn states(shop: &Shop) -> Vec<&'static str> {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let page = Page::new(1, 100);
    let found = shop.house.engine.deliveries(&shop.mia, project, DeliveryQuery::default(), page).await;
    found.unwrap().rows.iter().rev().map(|delivery| delivery.state.name()).collect()
}

#[tokio::test]
async fn what_did_not_arrive_goes_out_again_after_a_count() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let replay = async |query, mode| shop.house.engine.replay(&shop.mia, project, query, mode).await;
    let fields = HookFields {
        retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })),
        failure_policy: Some(PolicyChoice::Off),
        event_types: Some(vec!["invoice.*".into()]),
        ..to(&receiver.url)
    };
    let hook = shop.hook(fields).await;
    publish(&shop, "push", "{\"n\":1}").await;
    receiver.answer_with(500);
    publish(&shop, "push", "{\"n\":2}").await;
    publish(&shop, "invoice.paid", "{\"n\":3}").await;
    let switch = |enabled| HookFields { enabled: Some(enabled), ..HookFields::default() };
    shop.update(&hook, switch(Switch::Off)).await;
    publish(&shop, "push", "{\"n\":4}").await;
    shop.update(&hook, switch(Switch::On)).await;
    assert_eq!(states(&shop).await, ["delivered", "given_up", "given_up", "skipped"]);
    receiver.answer_with(200);
    receiver.seen();

    let count = |count| Ok(Replayed { count, more: false });
    assert_eq!(replay(ReplayQuery::default(), ReplayMode::Count).await, count(3));
    assert_eq!(replay(of("delivered"), ReplayMode::Count).await, count(1));
    let narrow = ReplayQuery { event_type: Some("push".into()), ..of("given_up") };
    assert_eq!(replay(narrow.clone(), ReplayMode::Count).await, count(1));
    let later = ReplayQuery {
        since: Some(shop.house.engine.now() + std::time::Duration::from_secs(1)),
        ..of("given_up")
    };
    assert_eq!(replay(later, ReplayMode::Count).await, count(0));
    assert_eq!(
        states(&shop).await,
        ["delivered", "given_up", "given_up", "skipped"],
        "a count sends nothing"
    );
    assert_eq!(receiver.seen(), []);

    assert_eq!(replay(narrow, ReplayMode::Replay).await, count(1));
    shop.house.engine.settle().await;
    assert_eq!(receiver.next().await.body, "{\"n\":2}");
    assert_eq!(replay(ReplayQuery::default(), ReplayMode::Replay).await, count(2));
    shop.house.engine.settle().await;
    let bodies: Vec<_> = receiver.seen().into_iter().map(|arrived| arrived.body).collect();
    assert_eq!(bodies.len(), 2);
    assert!(bodies.contains(&"{\"n\":3}".into()) && bodies.contains(&"{\"n\":4}".into()), "{bodies:?}");
    assert_eq!(states(&shop).await, ["delivered"; 4]);
    assert_eq!(replay(ReplayQuery::default(), ReplayMode::Replay).await, count(0));
    let first = receiver.seen();
    assert_eq!(
        replay(of("delivered"), ReplayMode::Replay).await,
        count(4),
        "also what arrived, if it is asked for"
    );
    shop.house.engine.settle().await;
    assert_eq!((first.len(), receiver.seen().len()), (0, 4));
    assert_eq!(shop.read(&hook).await.waiting, 0);
}

#[tokio::test]
async fn only_hooks_that_one_administers_are_replayed() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let engine = &shop.house.engine;
    let url = HookFields { url: Some(Secret::new(receiver.url.clone())), ..HookFields::default() };
    let found = engine.project(&shop.house.root, wigwag_ports::registry::PathKey::Id(project)).await.unwrap();
    let group = found.ancestors[0].id;
    engine.create_hook(&shop.house.root, HookScope::Group(group), url.clone()).await.unwrap();
    engine.create_hook(&shop.house.root, HookScope::System, url.clone()).await.unwrap();
    publish(&shop, "push", "{}").await;
    assert_eq!(receiver.seen().len(), 2);
    let replay = async |who, query| engine.replay(who, project, query, ReplayMode::Replay).await;
    assert_eq!(replay(&shop.mia, of("delivered")).await.unwrap().count, 0, "hers is the project");
    let one = ReplayQuery { hook: Some(HookId(1)), ..of("delivered") };
    assert_eq!(
        verdict(replay(&shop.mia, one.clone()).await),
        "hook_id names no hook of this project that you may administer"
    );
    assert_eq!(replay(&shop.house.root, one).await.unwrap().count, 1);
    engine.settle().await;
    assert_eq!(receiver.seen().len(), 1);
    assert_eq!(verdict(replay(&shop.rex, of("delivered")).await), "forbidden");
    assert!(verdict(replay(&shop.mia, of("held")).await).starts_with("state must be some of given_up"));
    let odd = ReplayQuery { event_type: Some("a b".into()), ..ReplayQuery::default() };
    assert!(verdict(replay(&shop.mia, odd).await).starts_with("event_type is no event type"));
    let mona = shop.house.user("mona").await;
    shop.house.member(&mona, Source::Group(group), AccessLevel::Owner).await;
    let mona = shop.house.with_token(&mona, &[wigwag_access::Scope::Api]).await;
    assert_eq!(replay(&mona, of("delivered")).await.unwrap().count, 1, "the group's, not the system's");
}

#[tokio::test]
async fn of_a_groups_hook_those_of_all_its_projects_go_out_again() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let (engine, root) = (&shop.house.engine, &shop.house.root);
    let found = engine.project(root, wigwag_ports::registry::PathKey::Id(project)).await.unwrap();
    let group = found.ancestors[0].clone();
    let other = shop.house.project("other", &group).await.id;
    let scope = HookScope::Group(group.id);
    let hook = engine.create_hook(root, scope, to(&receiver.url)).await.unwrap().hook.id;
    let switch = |enabled| HookFields { enabled: Some(enabled), ..HookFields::default() };
    engine.update_hook(root, scope, hook, switch(Switch::Off)).await.unwrap();
    for (project, payload) in [(project, "1"), (other, "2"), (project, "3")] {
        let incoming = Incoming {
            event_type: "push".into(),
            payload: bytes::Bytes::from(payload.to_owned()),
            idempotency_key: None,
            chain: None,
        };
        engine.publish(project, vec![incoming]).await.unwrap();
    }
    engine.settle().await;
    engine.update_hook(root, scope, hook, switch(Switch::On)).await.unwrap();

    let replay =
        async |who, scope, hook, query, mode| engine.replay_hook(who, scope, hook, query, mode).await;
    let count = |count| Ok(Replayed { count, more: false });
    let all = ReplayQuery::default;
    assert_eq!(replay(root, scope, hook, all(), ReplayMode::Count).await, count(3));
    assert_eq!(replay(root, scope, hook, of("given_up"), ReplayMode::Count).await, count(0));
    assert_eq!(receiver.seen().len(), 0, "they were only counted");
    assert_eq!(replay(root, scope, hook, all(), ReplayMode::Replay).await, count(3));
    let mut bodies = Vec::new();
    for _ in 0..3 {
        bodies.push(receiver.next().await.body);
    }
    bodies.sort();
    assert_eq!(bodies, ["1", "2", "3"]);
    engine.settle().await;
    assert_eq!(replay(root, scope, hook, all(), ReplayMode::Count).await, count(0));
    assert_eq!(replay(root, scope, hook, of("delivered"), ReplayMode::Count).await, count(3));

    let verdict_of =
        async |who, scope, hook, query| verdict(replay(who, scope, hook, query, ReplayMode::Replay).await);
    assert_eq!(
        verdict_of(&shop.mia, scope, hook, all()).await,
        "there is no such group",
        "hers is the project"
    );
    assert_eq!(verdict_of(root, shop.scope, hook, all()).await, "there is no such hook", "it is the group's");
    assert_eq!(verdict_of(root, scope, HookId(99), all()).await, "there is no such hook");
    assert!(verdict_of(root, scope, hook, of("held")).await.starts_with("state must be some of given_up"));
    let odd = ReplayQuery { event_type: Some("a b".into()), ..all() };
    assert!(verdict_of(root, scope, hook, odd).await.starts_with("event_type is no event type"));
}
