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
    browser.cookie = Some(format!("wigwag-button={}", session.cookie.expose()));

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
        "/-/system",
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

#[tokio::test]
async fn a_banners_button_takes_no_full_sign_in_away() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", "Acme").await;
    let shop = house.project(acme, "shop", "Shop").await;
    let (rob, source) = (house.user("rob", "Rob").await, Source::Project(shop.id));
    house.member(&rob, source, AccessLevel::Maintainer).await;
    let mut browser = Browser::of(house.router(), "root").await;
    let full = browser.cookie.clone().unwrap();
    let token = house.engine.mint_embed_token(&house.root, UserKey::Id(rob.id), source).await.unwrap();
    let session = house.engine.exchange_embed_token(token.token.expose()).await.unwrap();
    let set = house.engine.session_cookie(&session);
    let (button, _) = set.split_once(';').unwrap();
    assert_ne!(button.split('=').next(), full.split('=').next(), "a cookie of its own");

    for both in [format!("{full}; {button}"), format!("{button}; {full}")] {
        browser.cookie = Some(both);
        let page = browser.get("/").await;
        assert!(page.status == 200 && page.dom.all("header")[0].text().contains("Administrator"));
    }
    browser.cookie = Some(format!("wigwag=wig_sgone; {button}"));
    let page = browser.get("/acme/shop").await;
    let header = page.dom.all("header")[0].text();
    assert!(
        page.status == 200 && header.contains("hook pages only"),
        "a full one that ended is none: {header}"
    );

    house.user("sam", "Sam").await;
    let sam = Browser::of(house.router(), "sam").await.cookie.unwrap();
    browser.cookie = Some(format!("{sam}; {button}"));
    let page = browser.get("/acme/shop").await;
    let header = page.dom.all("header")[0].text();
    assert!(page.status == 200 && header.contains("Rob") && header.contains("hook pages only"), "{header}");
    let page = browser.get("/").await;
    assert!(page.status == 200 && page.dom.all("header")[0].text().contains("Sam"), "everywhere else");
    assert_eq!(browser.get("/acme").await.dom.heading(), "There is nothing here");

    browser.cookie = Some(format!("{full}; {button}"));
    let page = browser.post("/-/logout", &[]).await;
    let gone: Vec<&str> =
        page.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap()).collect();
    assert_eq!(gone.len(), 2, "{gone:?}");
    for ended in [full, button.to_owned()] {
        browser.cookie = Some(ended);
        assert_eq!(browser.get("/acme/shop").await.status, 303, "signing out ends both");
    }
}
