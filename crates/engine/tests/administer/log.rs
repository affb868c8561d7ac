use crate::common::house::verdict;
use crate::hooks::{Shop, disabled, receiver, to};
use std::time::Duration;
use wigwag_base::{AttemptId, Page, Timestamp};
use wigwag_engine::{AttemptQuery, DeliveryQuery};
use wigwag_hooks::HookScope;
use wigwag_ports::log::StatusClass;

const SLICE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_log_tells_what_was_sent_to_those_who_administer_the_hook() {
    let shop = Shop::new().await;
    let engine = &shop.house.engine;
    let made = shop.hook(to(&receiver(&[500, 200]).await)).await;
    let id = made.hook.id;
    for _ in 0..2 {
        engine.test_hook(&shop.mia, shop.scope, id, "push_events").await.unwrap();
    }
    let attempts = async |query| {
        let page = engine.attempts(&shop.mia, shop.scope, id, query, Page::default()).await.unwrap();
        page.rows.iter().map(|attempt| attempt.outcome.response().map_or(0, |r| r.status)).collect::<Vec<_>>()
    };
    let with = |status| AttemptQuery { status: Some(status), ..AttemptQuery::default() };
    assert_eq!(attempts(AttemptQuery::default()).await, [200, 500]);
    assert_eq!(attempts(with(StatusClass::Successful)).await, [200]);
    assert_eq!(attempts(with(StatusClass::ServerFailure)).await, [500]);
    assert_eq!(attempts(with(StatusClass::Code(404))).await, [0; 0]);
    let page = Page::default();
    let newest =
        engine.attempts(&shop.mia, shop.scope, id, AttemptQuery::default(), page).await.unwrap().rows[0].id;
    let full = engine.attempt(&shop.mia, shop.scope, id, newest).await.unwrap();
    let body = full.request_body.bytes().unwrap();
    assert!(String::from_utf8_lossy(body).contains("\"test\":true"));
    let of_rex = engine.attempts(&shop.rex, shop.scope, id, AttemptQuery::default(), page).await;
    assert_eq!(verdict(of_rex), "forbidden");
    assert_eq!(verdict(engine.attempt(&shop.rex, shop.scope, id, newest).await), "forbidden");
    let missing = "there is no such attempt";
    assert_eq!(verdict(engine.attempt(&shop.mia, shop.scope, id, AttemptId(999)).await), missing);
    let other = shop.hook(to("http://127.0.0.1:9/other")).await.hook.id;
    assert_eq!(verdict(engine.attempt(&shop.mia, shop.scope, other, newest).await), missing);
}

#[tokio::test]
async fn deliveries_and_timeline_tell_of_a_hook_that_failed() {
    let shop = Shop::new().await;
    let engine = &shop.house.engine;
    let hook = disabled(&shop, &receiver(&[500]).await).await.hook.id;
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let deliveries = async |query| engine.deliveries(&shop.mia, project, query, Page::default()).await;
    let state = |word: &str| DeliveryQuery { state: Some(word.into()), ..DeliveryQuery::default() };
    let all = deliveries(DeliveryQuery::default()).await.unwrap().rows;
    assert_eq!(all.len(), 1);
    assert!(all[0].state.is_waiting() && all[0].hook == hook);
    assert_eq!(deliveries(state("delivered")).await.unwrap().total, 0);
    assert!(verdict(deliveries(state("lost")).await).starts_with("state must be one of pending, "));
    let odd = DeliveryQuery { event_type: Some("a b".into()), ..DeliveryQuery::default() };
    assert!(verdict(deliveries(odd).await).starts_with("event_type is no event type"));
    let of_rex = engine.deliveries(&shop.rex, project, DeliveryQuery::default(), Page::default()).await;
    assert_eq!(verdict(of_rex), "forbidden");
    let timeline = engine.timeline(&shop.mia, shop.scope, hook).await.unwrap();
    let kinds: Vec<_> = timeline.changes.iter().map(|change| change.transition.kind.name()).collect();
    assert_eq!(kinds, ["hook.disabled"]);
    assert_eq!(verdict(engine.timeline(&shop.rex, shop.scope, hook).await), "forbidden");
}

#[tokio::test]
async fn the_overview_shows_what_fails_of_ones_own() {
    let shop = Shop::new().await;
    let engine = &shop.house.engine;
    let hook = disabled(&shop, &receiver(&[500]).await).await.hook.id;
    let overview =
        async |principal| engine.overview(principal, Timestamp::from_secs(0), SLICE).await.unwrap();
    let of_mia = overview(&shop.mia).await;
    let shown: Vec<_> = of_mia.failing.iter().map(|f| (f.view.hook.id, f.place.as_str())).collect();
    assert_eq!(shown, [(hook, "acme/shop")]);
    assert_eq!((of_mia.failing_count, of_mia.waiting_total), (1, 1));
    assert!(of_mia.figures.is_none());
    let of_rex = overview(&shop.rex).await;
    assert_eq!((of_rex.failing.len(), of_rex.failing_count, of_rex.waiting_total), (0, 0, 0));
    let of_root = overview(&shop.house.root).await;
    assert_eq!((of_root.failing_count, of_root.figures.map(|figures| figures.len())), (1, Some(1)));
    assert_eq!(verdict(engine.figures(&shop.mia, Timestamp::from_secs(0), SLICE).await), "forbidden");
}
