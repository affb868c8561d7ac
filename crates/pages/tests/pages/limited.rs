//! A session that a banner's button made opens the hook pages of its project and nothing else.

use crate::browser::Browser;
use crate::house::House;
use std::time::Duration;
use wigwag_access::{AccessLevel, Source};
use wigwag_hooks::HookScope;
use wigwag_ports::registry::UserKey;

#[tokio::test]
async fn a_banners_button_opens_one_projects_hook_pages() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", "Acme").await;
    let shop = house.project(acme, "shop", "Shop").await;
    let docs = house.project(acme, "docs", "Docs").await;
    let mara = house.user("mara", "Mara").await;
    for project in [shop.id, docs.id] {
        house.member(&mara, Source::Project(project), AccessLevel::Maintainer).await;
    }
    house.hook(HookScope::Project(shop.id), "Billing", "200").await;
    house.hook(HookScope::Project(docs.id), "Build", "200").await;
    let (user, source) = (UserKey::Username("mara".into()), Source::Project(shop.id));
    let token = house.engine.mint_embed_token(&house.root, user, source).await.unwrap();
    let session = house.engine.exchange_embed_token(token.token.expose()).await.unwrap();
    let mut browser = Browser::new(house.router());
    browser.cookie = Some(format!("wigwag={}", session.cookie.expose()));

    for path in ["/acme/shop", "/acme/shop/-/hooks/1", "/acme/shop/-/hooks/new", "/acme/shop/-/hooks/1/edit"]
    {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let header = page.dom.all("header")[0].text();
        assert!(header.contains("hook pages only") && !header.contains("Console"), "{header}");
    }
    assert!(!browser.get("/acme/shop").await.html.contains("Who will see this?"));
    let page = browser.get("/projects/1/hooks/1").await;
    assert_eq!(page.location(), "/acme/shop/-/hooks/1");
    assert_eq!(browser.post("/acme/shop/-/hooks/1/test", &[("trigger", "push_events")]).await.status, 303);

    let elsewhere = [
        "/",
        "/-/projects",
        "/-/console",
        "/-/hooks",
        "/acme",
        "/acme/docs",
        "/acme/docs/-/hooks/2",
        "/nothing",
    ];
    for path in elsewhere {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.dom.heading().as_str()), (403, "This needs a full sign-in"), "{path}");
        assert_eq!(page.dom.link("Hooks of acme/shop").as_deref(), Some("/acme/shop"), "{path}");
        assert!(!page.html.contains("Build"), "{path}");
    }
    assert_eq!(browser.post("/-/console", &[("text", "help")]).await.status, 403);
    assert_eq!(browser.post("/acme/docs/-/hooks/2/delete", &[]).await.status, 403);

    let page = browser.get("/-/login?next=/").await;
    assert_eq!((page.status, page.dom.heading().as_str()), (200, "Sign in"), "a full sign-in is at hand");
}
