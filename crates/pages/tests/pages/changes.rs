//! Only the server's own pages change anything, and every answer is strict.

use crate::browser::{Browser, form};
use crate::house::House;
use axum::http::Method;
use std::time::Duration;
use wigwag_hooks::HookScope;

#[tokio::test]
async fn no_other_site_changes_anything() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", "Acme").await;
    let shop = house.project(acme, "shop", "Shop").await;
    let hook = house.hook(HookScope::Project(shop.id), "Billing", "200").await;
    let mut browser = Browser::of(house.router(), "root").await;
    let base = format!("/acme/shop/-/hooks/{}", hook.hook.id);
    let changes = ["test", "enable", "on", "off", "edit", "delete"].map(|word| format!("{base}/{word}"));
    let others = ["/acme/shop/-/hooks", "/-/console", "/-/logout", "/-/login"].map(ToOwned::to_owned);
    let foreign: [&[(&str, &str)]; 5] = [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ];
    for path in changes.iter().chain(&others) {
        for headers in foreign {
            let body = form(&[("text", "feature set webhooks_failed_callout true")]);
            let page = browser.send(Method::POST, path, &body, headers).await;
            assert_eq!(page.status, 403, "{path} {headers:?}");
        }
    }
    let view = house.engine.hook(&house.root, HookScope::Project(shop.id), hook.hook.id).await.unwrap();
    assert!(view.hook.enabled.is_on());
    assert_eq!(browser.get("/").await.status, 200, "still signed in");
    let page =
        browser.send(Method::POST, &format!("{base}/off"), "", &[("origin", "http://127.0.0.1:8080")]).await;
    assert_eq!(page.status, 303, "a browser without Sec-Fetch-Site names its own origin");
}

#[tokio::test]
async fn reading_changes_nothing_whatever_the_address() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", "Acme").await;
    let shop = house.project(acme, "shop", "Shop").await;
    let hook = house.hook(HookScope::Project(shop.id), "Billing", "200").await;
    let mut browser = Browser::of(house.router(), "root").await;
    let base = format!("/acme/shop/-/hooks/{}", hook.hook.id);
    for word in ["test", "enable", "on", "off"] {
        let page = browser.get(&format!("{base}/{word}")).await;
        assert_eq!((page.status, page.location()), (303, base.as_str()), "{word}");
    }
    assert_eq!(browser.get(&format!("{base}/delete")).await.status, 200);
    let view = house.engine.hook(&house.root, HookScope::Project(shop.id), hook.hook.id).await.unwrap();
    assert!(view.hook.enabled.is_on());
    let page = browser.send(Method::DELETE, &base, "", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(page.status, 405);
}

#[tokio::test]
async fn every_answer_is_strict_and_nothing_is_inline() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", "Acme").await;
    let shop = house.project(acme, "shop", "Shop").await;
    let hook = house.hook(HookScope::Project(shop.id), "Billing", "404").await;
    house.publish(shop.id, "push", "{}").await;
    let scope = HookScope::Project(shop.id);
    house.until_health(scope, &hook, "unhealthy").await;
    let mut browser = Browser::of(house.router(), "root").await;
    let base = format!("/acme/shop/-/hooks/{}", hook.hook.id);
    let pages = [
        "/",
        "/-/projects",
        "/-/console",
        "/-/hooks",
        "/-/system",
        "/acme",
        "/acme/shop",
        "/acme/shop/-/hooks/new",
        &base,
        &format!("{base}/edit"),
        &format!("{base}/delete"),
        &format!("{base}/policy?failures=off"),
        &format!("{base}/attempts/1"),
        "/nothing",
        "/-/nothing",
    ];
    for path in pages {
        let page = browser.get(path).await;
        assert!(
            page.status == 200 || path.ends_with("nothing") && page.status == 404,
            "{path} {}",
            page.status
        );
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path} {policy}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
        assert_eq!(page.dom.all("style").len(), 0, "{path}");
        assert!(page.dom.all("script").iter().all(|script| script.attribute("src").is_some()), "{path}");
        let inline = |name: &str| name == "style" || name.starts_with("on");
        let elements = page.dom.elements();
        assert!(!elements.iter().any(|one| one.attributes().iter().any(|(name, _)| inline(name))), "{path}");
        assert_eq!((page.dom.all("h1").len(), page.dom.all("main").len()), (1, 1), "{path}");
    }
}

#[tokio::test]
async fn style_and_script_are_kept_for_good_under_their_own_address() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let mut browser = Browser::new(house.router());
    let page = browser.get("/-/login").await;
    let style = page
        .dom
        .all("link")
        .iter()
        .find_map(|link| link.attribute("href").filter(|href| href.ends_with(".css")));
    let script = page.dom.all("script")[0].attribute("src");
    for (address, kind) in [(style, "text/css; charset=utf-8"), (script, "text/javascript; charset=utf-8")] {
        let asset = browser.get(&address.unwrap()).await;
        assert_eq!((asset.status, asset.headers["content-type"].to_str().unwrap()), (200, kind));
        assert_eq!(asset.headers["cache-control"], "public, max-age=31536000, immutable");
    }
    let old = browser.get("/-/assets/0000000000000000/wigwag.css").await;
    assert_eq!((old.status, old.headers["cache-control"].to_str().unwrap()), (200, "no-cache"));
    assert_eq!(browser.get("/-/assets/0/passwd").await.status, 404);
}
