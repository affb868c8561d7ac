use crate::common::house::verdict;
use crate::common::receiver::Receiver;
use crate::hooks::{Shop, to};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use wigwag_base::{AttemptId, EventId, Page};
use wigwag_engine::hook_admin::{HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{AttemptQuery, DeliveryQuery};
use wigwag_hooks::health::Health;
use wigwag_hooks::{Attempt, AttemptKind, FailurePolicy, HookScope, PolicyChoice, RetryPolicy, SentBody};

/// Never tried again, never paused: what failed stays so.
fn once(url: &str) -> HookFields {
    HookFields {
        retry_policy: Some(Some(RetryPolicy { delays: Vec::new() })),
        failure_policy: Some(PolicyChoice::Off),
        ..to(url)
    }
}

async fn publish(shop: &Shop, payload: &'static str) -> EventId {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let incoming = Incoming {
        event_type: "push".into(),
        payload: bytes::Bytes::from_static(payload.as_bytes()),
        idempotency_key: None,
        chain: None,
    };
    let accepted = shop.house.engine.publish(project, vec![incoming]).await.unwrap();
    shop.house.engine.settle().await;
    accepted[0].id
}

async fn newest(shop: &Shop, hook: &HookView) -> Attempt {
    let query = AttemptQuery::default();
    let engine = &shop.house.engine;
    engine.attempts(&shop.mia, shop.scope, hook.hook.id, query, Page::default()).await.unwrap().rows.remove(0)
}

async fn states(shop: &Shop) -> Vec<&'static str> {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let engine = &shop.house.engine;
    let found = engine.deliveries(&shop.mia, project, DeliveryQuery::default(), Page::default()).await;
    found.unwrap().rows.iter().map(|delivery| delivery.state.name()).collect()
}

#[tokio::test]
async fn what_was_given_up_arrives_under_the_same_id_with_the_same_bytes() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    receiver.answer_with(500);
    let hook = shop.hook(once(&receiver.url)).await;
    publish(&shop, "{ \"n\" : 1 }").await;
    assert_eq!(states(&shop).await, ["given_up"]);
    let failed = newest(&shop, &hook).await;
    let resend = async |id| shop.house.engine.resend(&shop.mia, shop.scope, hook.hook.id, id).await;

    let again = resend(failed.id).await.unwrap();
    assert!(!again.outcome.is_success());
    assert_eq!(states(&shop).await, ["given_up"], "a resend that fails changes nothing");
    receiver.answer_with(200);
    let again = resend(failed.id).await.unwrap();
    assert_eq!((again.kind, again.event, again.id > failed.id), (AttemptKind::Resend, failed.event, true));
    assert_eq!(newest(&shop, &hook).await.id, again.id);
    assert_eq!(states(&shop).await, ["delivered"]);

    let (first, second, third) = (receiver.next().await, receiver.next().await, receiver.next().await);
    assert_eq!((&second, &third), (&first, &first), "id, chain and bytes are those of the first");
}

#[tokio::test]
async fn what_was_held_arrives_once_and_its_hook_is_healthy() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    receiver.answer_with(500);
    let policy = FailurePolicy { threshold: 1, permanent_at: Some(1), ..FailurePolicy::REFERENCE };
    let fields = HookFields { failure_policy: Some(PolicyChoice::Own(policy)), ..to(&receiver.url) };
    let hook = shop.hook(fields).await;
    publish(&shop, "{\"n\":1}").await;
    publish(&shop, "{\"n\":2}").await;
    assert_eq!(shop.read(&hook).await.hook.health.state, Health::Disabled);
    assert_eq!(shop.read(&hook).await.waiting, 2);
    receiver.answer_with(200);
    let failed = newest(&shop, &hook).await;
    shop.house.engine.resend(&shop.mia, shop.scope, hook.hook.id, failed.id).await.unwrap();
    shop.house.engine.settle().await;
    assert_eq!(shop.read(&hook).await.hook.health.state, Health::Healthy);
    assert_eq!(shop.read(&hook).await.waiting, 0);
    assert_eq!(states(&shop).await, ["delivered", "delivered"]);
    let bodies = [receiver.next().await.body, receiver.next().await.body, receiver.next().await.body];
    assert_eq!(
        bodies,
        [&b"{\"n\":1}"[..], b"{\"n\":1}", b"{\"n\":2}"],
        "failed, again by hand, then what waited"
    );
    shop.house.clock.advance(Duration::from_secs(3_600));
    shop.house.engine.settle().await;
    assert_eq!(receiver.seen(), [], "it does not come once more when its retry would be due");
}

#[tokio::test]
async fn a_test_keeps_its_id_too() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let hook = shop.hook(to(&receiver.url)).await;
    let engine = &shop.house.engine;
    let test = engine.test_hook(&shop.mia, shop.scope, hook.hook.id, "push_events").await.unwrap();
    engine.resend(&shop.mia, shop.scope, hook.hook.id, test.id).await.unwrap();
    let (first, again) = (receiver.next().await, receiver.next().await);
    assert_eq!((first.id, first.body), (again.id, again.body));
}

#[tokio::test]
async fn what_may_not_be_sent_again_is_refused_with_the_reason() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    let hook = shop.hook(once(&receiver.url)).await;
    let other = shop.hook(once("http://127.0.0.1:9/other")).await;
    publish(&shop, "{}").await;
    let sent = newest(&shop, &hook).await.id;
    let engine = &shop.house.engine;
    let resend =
        async |who, hook: &HookView, id| verdict(engine.resend(who, shop.scope, hook.hook.id, id).await);
    assert_eq!(resend(&shop.rex, &hook, sent).await, "forbidden");
    assert_eq!(resend(&shop.mia, &other, sent).await, "there is no such attempt");
    assert_eq!(resend(&shop.mia, &hook, AttemptId(999)).await, "there is no such attempt");
    for _ in 0..4 {
        assert_eq!(resend(&shop.mia, &hook, sent).await, "ok");
    }
    assert_eq!(verdict(engine.test_hook(&shop.mia, shop.scope, hook.hook.id, "push_events").await), "ok");
    assert_eq!(resend(&shop.mia, &hook, sent).await, "too many, 60 s", "tests and resends count together");
    shop.update(&hook, to(&format!("{}?team=2", receiver.url))).await;
    let refused = resend(&shop.mia, &hook, sent).await;
    assert!(refused.starts_with("url has changed since"), "{refused}");
}

/// A receiver whose first two answers are 500, the second only once it is let go, and whose others are 200.
struct Slow {
    url: String,
    requests: Arc<AtomicUsize>,
    holds: Arc<Notify>,
    go: Arc<Notify>,
}

impl Slow {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (requests, holds, go) = (Arc::<AtomicUsize>::default(), Arc::<Notify>::default(), Arc::default());
        let slow = Self { url, requests: requests.clone(), holds: holds.clone(), go: Arc::clone(&go) };
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (requests, holds, go) = (requests.clone(), holds.clone(), Arc::clone(&go));
                tokio::spawn(async move {
                    let _ = stream.read(&mut vec![0; 1 << 16]).await;
                    let status = match requests.fetch_add(1, Ordering::SeqCst) {
                        0 => 500,
                        1 => {
                            holds.notify_one();
                            go.notified().await;
                            500
                        }
                        _ => 200,
                    };
                    let answer =
                        format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        slow
    }
}

#[tokio::test]
async fn what_arrived_by_hand_stays_so_however_the_retry_under_way_ends() {
    for ordering in wigwag_hooks::Ordering::ALL {
        let shop = Shop::new().await;
        let slow = Slow::start().await;
        let fields =
            HookFields { failure_policy: Some(PolicyChoice::Off), ordering: Some(ordering), ..to(&slow.url) };
        let hook = shop.hook(fields).await;
        let engine = &shop.house.engine;
        publish(&shop, "{}").await;
        assert_eq!((states(&shop).await, shop.read(&hook).await.waiting), (vec!["retrying"], 1));
        let failed = newest(&shop, &hook).await;
        shop.house.clock.advance(Duration::from_secs(10));
        engine.look();
        slow.holds.notified().await;
        let again = engine.resend(&shop.mia, shop.scope, hook.hook.id, failed.id).await.unwrap();
        assert!(again.outcome.is_success());
        slow.go.notify_one();
        engine.settle().await;
        assert_eq!(states(&shop).await, ["delivered"]);
        assert_eq!(shop.read(&hook).await.waiting, 0);
        let page = engine
            .attempts(&shop.mia, shop.scope, hook.hook.id, AttemptQuery::default(), Page::default())
            .await
            .unwrap();
        assert_eq!(page.total, 3, "the retry is in the log");
        shop.house.clock.advance(Duration::from_secs(3_600));
        engine.settle().await;
        assert_eq!(slow.requests.load(Ordering::SeqCst), 3, "nothing comes once more");
        publish(&shop, "{}").await;
        assert_eq!(states(&shop).await, ["delivered"; 2], "and the next one goes its way");
    }
}

#[tokio::test]
async fn what_failed_by_our_own_side_is_made_by_the_template_when_it_goes_by_hand() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let template = |text: &str| HookFields { template: Some(text.to_owned()), ..HookFields::default() };
    let hook = shop.hook(once(&receiver.url)).await;
    publish(&shop, "{\"n\":1}").await;
    assert_eq!(receiver.next().await.body, "{\"n\":1}");
    let sent = newest(&shop, &hook).await;
    shop.update(&hook, template("{\"a\":{{text}}}")).await;
    publish(&shop, "{\"text\":\"x\"}").await;
    let unmade = newest(&shop, &hook).await;
    shop.update(&hook, template("{\"b\":\"{{text}}\"}")).await;
    let resend = async |id| shop.house.engine.resend(&shop.mia, shop.scope, hook.hook.id, id).await.unwrap();
    let again = resend(unmade.id).await;
    assert_eq!(receiver.next().await.body, "{\"b\":\"x\"}", "it was never made");
    assert_eq!(again.request_body, SentBody::Own("{\"b\":\"x\"}".into()), "and the log has what was");
    resend(sent.id).await;
    assert_eq!(receiver.next().await.body, "{\"n\":1}", "a payload that was sent stays one");
}
