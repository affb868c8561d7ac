//! What strangers wrote (names, addresses, payloads, answers, commands) is text and stays text.

use crate::browser::Browser;
use crate::dom::Dom;
use crate::house::House;
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::HookScope;

const MARKUP: &str = r#""><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}"#;

/// Nothing that the page itself did not mean.
fn is_clean(dom: &Dom, path: &str) {
    assert_eq!(dom.all("img").len(), 0, "{path}");
    assert!(dom.all("script").iter().all(|script| script.attribute("src").is_some()), "{path}");
    let bad = |(name, value): &(String, String)| {
        name.starts_with("on")
            || (name == "href" && value.trim_start().to_ascii_lowercase().starts_with("javascript:"))
    };
    let found: Vec<String> =
        dom.elements().iter().filter(|one| one.attributes().iter().any(bad)).map(|one| one.name()).collect();
    assert!(found.is_empty(), "{path}: {found:?}");
}

#[tokio::test]
async fn markup_of_strangers_is_shown_and_not_run() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", MARKUP).await;
    let shop = house.project(acme, "shop", MARKUP).await;
    let scope = HookScope::Project(shop.id);
    let fields = HookFields {
        url: Some(Secret::new(format!("http://{}/404?q={MARKUP}", house.receiver))),
        name: Some(MARKUP.into()),
        description: Some(MARKUP.into()),
        ..HookFields::default()
    };
    let hook = house.engine.create_hook(&house.root, scope, fields).await.unwrap();
    let mara = house.user("mara", MARKUP).await;
    let owner = wigwag_access::AccessLevel::Owner;
    house.member(&mara, wigwag_access::Source::Project(shop.id), owner).await;
    let payload = serde_json::json!({ MARKUP: MARKUP, "rtl": "\u{202e}abc" }).to_string();
    house.publish(shop.id, "push", &payload).await;
    house.until_health(scope, &hook, "unhealthy").await;
    let mut browser = Browser::of(house.router(), "mara").await;
    let base = "/acme/shop/-/hooks/1";
    for path in
        ["/", "/-/projects", "/acme/shop", base, "/acme/shop/-/hooks/1/edit", "/acme/shop/-/hooks/1/delete"]
    {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        is_clean(&page.dom, path);
    }
    assert_eq!(browser.get(base).await.dom.heading(), format!("{MARKUP} unhealthy"));
    assert_eq!(browser.get("/acme/shop/-/hooks/1/edit").await.dom.value("name").as_deref(), Some(MARKUP));

    let page = browser.get(&format!("{base}/attempts/1")).await;
    is_clean(&page.dom, "attempt");
    let bodies: Vec<String> = page.dom.all("pre").iter().map(crate::dom::Element::text).collect();
    assert!(bodies[0].contains("<img src=x onerror=alert(1)>"), "{}", bodies[0]);
    assert!(bodies[1].contains("<script>alert('receiver')</script>"), "{}", bodies[1]);
}

#[tokio::test]
async fn addresses_and_fields_of_strangers_do_no_harm() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", "Acme").await;
    house.project(acme, "shop", "Shop").await;
    let mut browser = Browser::of(house.router(), "root").await;
    let encoded = url::form_urlencoded::byte_serialize(MARKUP.as_bytes()).collect::<String>();
    for path in [
        format!("/{encoded}"),
        format!("/acme/{encoded}/-/hooks/1"),
        format!("/acme/shop/-/hooks/{encoded}"),
        format!("/acme/shop?done={encoded}"),
        format!("/-/console?text={encoded}"),
        format!("/-/login/link/{encoded}"),
        "/acme/shop/-/hooks/9223372036854775807".into(),
        "/acme/shop/-/hooks/1/attempts/-1".into(),
        "//acme/shop".into(),
        "/acme/../shop".into(),
        format!("/{}", "a/".repeat(1_000)),
    ] {
        let page = browser.get(&path).await;
        assert!(matches!(page.status, 200 | 404), "{path} {}", page.status);
        is_clean(&page.dom, &path);
    }
    let too_much = format!("description={}", "x".repeat(70_000));
    let own = [("sec-fetch-site", "same-origin")];
    let page = browser.send(axum::http::Method::POST, "/acme/shop/-/hooks", &too_much, &own).await;
    assert_eq!(page.status, 413);
    let page = browser.send(axum::http::Method::POST, "/acme/shop/-/hooks", "%ff=%00&url=%ff", &own).await;
    assert_eq!(page.status, 422);
}

#[tokio::test]
async fn markup_in_flags_is_shown_and_not_run() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let acme = house.group("acme", MARKUP).await;
    house.project(acme, "shop", MARKUP).await;
    let quoted = format!("'{}'", MARKUP.replace('\'', "''"));
    let lines = format!(
        "milestone: '17.3'\ngroup: {quoted}\ndefault_enabled: false\ndescription: {quoted}\nowners: [{quoted}]\n\
         channel: {quoted}\nintended_to_rollout_by: {quoted}\n"
    );
    house.define("beta", "checkout", &lines).await;
    house.define("beta", "worse", "<img src=x>: 1\nrollout_issue_url: javascript:alert(1)\n").await;
    let command = format!("feature set checkout true --project=acme/shop --reason=“{MARKUP}”");
    house.run(&command, "cli").await;
    house.engine.override_flag(&house.root, "dev", "checkout", Some(MARKUP.into())).await.unwrap();
    let mut browser = Browser::of(house.router(), "root").await;
    let encoded: String = url::form_urlencoded::byte_serialize(MARKUP.as_bytes()).collect();
    let paths = [
        "/".to_owned(),
        "/-/flags".to_owned(),
        format!("/-/flags?q={encoded}&in={encoded}"),
        "/-/flags/checkout".to_owned(),
        format!("/-/flags/checkout?actor={encoded}&in={encoded}&exposure={encoded}&done=off&at={encoded}"),
        format!("/-/flags/checkout/change?environment={encoded}&change=on&names={encoded}&reason={encoded}"),
        format!("/-/flags/checkout/change?environment=production&change=false&reason={encoded}"),
        format!("/-/audit?flag={encoded}&author={encoded}&kept={encoded}&verify=1"),
        "/-/audit".to_owned(),
    ];
    for path in &paths {
        let page = browser.get(path).await;
        assert!([200, 422].contains(&page.status), "{path}");
        is_clean(&page.dom, path);
    }
    let page = browser.get("/-/flags/checkout").await;
    let shown = page.dom.main().matches(MARKUP).count();
    assert!(shown >= 6, "description, team, owners, channel, reasons: {shown}");
}
