//! Hooks across projects, what another policy would have done, and whether banners lead to mended hooks.

use crate::browser::{Browser, Page};
use crate::house::House;
use std::time::Duration;
use wigwag_access::{AccessLevel, Source};
use wigwag_engine::callouts::Viewer;
use wigwag_hooks::HookScope;
use wigwag_ports::registry::UserKey;

fn said(page: &Page, words: &str) {
    let main = page.dom.main();
    assert!(main.contains(words), "{words:?} is not in {main:?}");
}

/// A shop whose hook is disabled and docs whose hook is disabled too; mara maintains the shop alone.
async fn furnished() -> House {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", "Acme").await;
    let shop = house.project(acme, "shop", "Shop").await;
    let docs = house.project(acme, "docs", "Docs").await;
    let mara = house.user("mara", "Mara").await;
    house.member(&mara, Source::Project(shop.id), AccessLevel::Maintainer).await;
    let ines = house.user("ines", "Inês").await;
    house.member(&ines, Source::Group(acme), AccessLevel::Owner).await;
    house.user("stranger", "Stranger").await;
    for (project, name) in [(shop.id, "Billing"), (docs.id, "Build")] {
        let scope = HookScope::Project(project);
        let hook = house.hook(scope, name, "410").await;
        house.publish(project, "push", "{}").await;
        house.until_health(scope, &hook, "disabled").await;
    }
    house
}

#[tokio::test]
async fn everybody_sees_the_failing_hooks_that_they_may_mend() {
    let house = furnished().await;
    let mut mara = Browser::of(house.router(), "mara").await;
    let page = mara.get("/-/hooks").await;
    assert_eq!((page.status, page.dom.heading().as_str()), (200, "1 hook fails; 1 event waits."));
    said(&page, "Billing");
    said(&page, "The receiver answered 410 Gone");
    assert!(!page.html.contains("Build"), "another project's");
    assert_eq!(page.dom.link("acme/shop").as_deref(), Some("/acme/shop"));
    let page = mara.get(&page.dom.link("Billing").unwrap()).await;
    assert_eq!(page.dom.heading(), "Billing disabled");
    let page = mara.get("/-/hooks?state=unhealthy").await;
    said(&page, "No hook fits this filter.");
    assert_eq!(mara.get("/-/hooks?scope=group:acme").await.status, 404);
    assert_eq!(mara.get("/-/hooks?scope=instance").await.status, 403);
    assert_eq!(mara.get("/-/hooks?scope=nonsense").await.status, 404);
    assert_eq!(mara.get("/-/system").await.status, 404);
    let mut ines = Browser::of(house.router(), "ines").await;
    let page = ines.get("/-/hooks?scope=group:acme").await;
    assert_eq!(page.dom.heading(), "2 hooks fail; 2 events wait.");
    let all = ines.get("/acme").await.dom.link("Which hooks fail here and below").unwrap();
    assert_eq!(ines.get(&all).await.dom.heading(), "2 hooks fail; 2 events wait.");
    let mut stranger = Browser::of(house.router(), "stranger").await;
    let page = stranger.get("/-/hooks?state=all").await;
    assert_eq!(page.dom.heading(), "No hook fails.");
    assert!(!page.html.contains("Billing") && !page.html.contains("Build"));
    let mut root = Browser::of(house.router(), "root").await;
    let page = root.get("/-/hooks").await;
    assert_eq!(page.dom.heading(), "2 hooks fail; 2 events wait.");
    assert_eq!(page.dom.link("System").as_deref(), Some("/-/system"));
    assert_eq!(root.get("/-/system").await.dom.heading(), "No hooks yet");
}

#[tokio::test]
async fn another_policy_is_tried_without_script_and_changes_nothing() {
    let house = furnished().await;
    let mut mara = Browser::of(house.router(), "mara").await;
    let page = mara.get("/acme/shop/-/hooks/1").await;
    said(&page, "Try another policy");
    assert_eq!(page.dom.value("threshold").as_deref(), Some("4"));
    let page = mara.get("/acme/shop/-/hooks/1/policy").await;
    said(&page, "What this cannot know");
    let query =
        "failures=own&threshold=1&first_pause_s=60&factor=2&max_pause_s=86400&permanent_at=&delays=none";
    let page = mara.get(&format!("/acme/shop/-/hooks/1/policy?{query}")).await;
    assert_eq!(page.status, 200);
    said(&page, "It would have sent as many attempts as the present policy, with as many pauses.");
    said(&page, "Tried on 1 attempt since");
    said(&page, "paused at 1, first for 1 min");
    let page = mara.get("/acme/shop/-/hooks/1/policy?failures=off").await;
    said(&page, "the hook would not have been disabled");
    let page = mara
        .get(&format!("/acme/shop/-/hooks/1/policy?{}", query.replace("threshold=1", "threshold=x")))
        .await;
    assert_eq!(page.status, 422);
    said(&page, "must be a whole number, 0 or more");
    assert_eq!(page.dom.value("threshold").as_deref(), Some("x"), "what was written stays");
    let hook =
        house.engine.hook(&house.root, HookScope::Project(wigwag_base::ProjectId(1)), wigwag_base::HookId(1));
    assert_eq!(hook.await.unwrap().hook.failure_policy, wigwag_hooks::PolicyChoice::Inherit);
    let mut stranger = Browser::of(house.router(), "stranger").await;
    assert_eq!(stranger.get("/acme/shop/-/hooks/1/policy?failures=off").await.status, 404);
}

#[tokio::test]
async fn the_overview_says_whether_banners_lead_to_mended_hooks() {
    let house = furnished().await;
    let mut root = Browser::of(house.router(), "root").await;
    said(&root.get("/").await, "None was shown in the last 30 days.");
    house.run("feature set webhooks_failed_callout true", "console").await;
    let mara = house.engine.find_user(UserKey::Username("mara".into())).await.unwrap().unwrap();
    let (shop, scope) = (wigwag_base::ProjectId(1), HookScope::Project(wigwag_base::ProjectId(1)));
    let mara = crate::house::signed_in(&mara);
    let seen = house.engine.callouts(&mara, &Viewer::Oneself, Source::Project(shop), None).await.unwrap();
    assert_eq!(seen.len(), 1);
    said(&root.get("/").await, "Of 1 hook that banners told of, none was mended yet.");
    house.clock.forward(Duration::from_secs(600));
    house.engine.enable_hook(&mara, scope, wigwag_base::HookId(1)).await.unwrap();
    said(&root.get("/").await, "Of 1 hook that banners told of, 1 was mended: half within 10 min");
}
