//! What one is told of by mail, and the link that ends it.

use crate::browser::Browser;
use crate::house::House;
use axum::http::Method;
use std::time::Duration;
use wigwag_access::{AccessLevel, Source};

async fn house() -> House {
    House::new("http://127.0.0.1:8080", Duration::ZERO).await
}

/// The path and query of the link in mails to a user.
fn link(house: &House, user: &wigwag_access::User) -> String {
    let url = house.engine.opt_out_url(user);
    url.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
}

#[tokio::test]
async fn one_chooses_and_chooses_again() {
    let house = house().await;
    let mara = house.user("mara", "Mara").await;
    let group = house.group("acme", "Acme").await;
    let project = house.project(group, "web", "Web").await;
    house.member(&mara, Source::Project(project.id), AccessLevel::Maintainer).await;
    let mut browser = Browser::of(house.router(), "mara").await;
    let page = browser.get("/-/notices").await;
    assert!(page.dom.heading().contains("This server sends no mail yet"), "{}", page.dom.heading());
    let check = async |browser: &mut Browser, fields: &[(&str, &str)], status, there: &str| {
        let pressed = browser.post("/-/notices", fields).await;
        assert_eq!(pressed.status, status, "{fields:?}");
        let page = browser.get("/-/notices").await;
        assert!(page.dom.main().contains(there), "{fields:?}: {}", page.dom.main());
    };
    check(&mut browser, &[("do", "off")], 303, "You get no mail").await;
    check(&mut browser, &[("do", "on")], 303, "No more mail").await;
    check(&mut browser, &[("do", "silent"), ("path", "acme/web")], 303, "acme/web").await;
    check(
        &mut browser,
        &[("do", "heard"), ("source", &format!("project:{}", project.id))],
        303,
        "None: you hear",
    )
    .await;
    for path in ["acme/nothing", "acme", ""] {
        check(&mut browser, &[("do", "silent"), ("path", path)], 422, "None: you hear").await;
    }
    assert_eq!(browser.post("/-/notices", &[("do", "else")]).await.status, 404);
    assert_eq!(Browser::new(house.router()).get("/-/notices").await.status, 303, "for whoever is signed in");
}

#[tokio::test]
async fn the_link_in_a_mail_asks_first_and_mail_programs_end_it_by_one_post() {
    let house = house().await;
    let mara = house.user("mara", "Mara").await;
    let link = link(&house, &mara);
    let mut stranger = Browser::new(house.router());
    let page = stranger.get(&link).await;
    assert_eq!(
        (page.status, page.headers.get("referrer-policy").unwrap().to_str().unwrap()),
        (200, "no-referrer")
    );
    assert!(page.dom.main().contains("mara@"), "{}", page.dom.main());
    assert!(page.headers.contains_key("content-security-policy"));
    let mut browser = Browser::of(house.router(), "mara").await;
    assert!(browser.get("/-/notices").await.dom.main().contains("No more mail"), "opening it does nothing");

    // As RFC 8058 says: no cookie, no origin, this very body.
    let one_click = stranger.send(Method::POST, &link, "List-Unsubscribe=One-Click", &[]).await;
    assert_eq!(one_click.status, 200, "{}", one_click.html);
    assert!(browser.get("/-/notices").await.dom.main().contains("You get no mail"));
    let back = stranger.send(Method::POST, &format!("{link}&then=on"), "", &[]).await;
    assert!(back.dom.main().contains("goes on"), "{}", back.dom.main());
    assert!(browser.get("/-/notices").await.dom.main().contains("No more mail"));
}

#[tokio::test]
async fn a_link_that_is_not_ours_does_nothing() {
    let house = house().await;
    let mara = house.user("mara", "Mara").await;
    let good = link(&house, &mara);
    let mut stranger = Browser::new(house.router());
    let cut = &good[..good.len() - 1];
    let of_root = good.replace(&format!("user={}", mara.id), "user=1");
    for path in ["/-/notices/unsubscribe", "/-/notices/unsubscribe?user=x&key=%00", cut, &of_root] {
        assert_eq!(stranger.get(path).await.status, 404, "{path}");
        assert_eq!(
            stranger.send(Method::POST, path, "List-Unsubscribe=One-Click", &[]).await.status,
            404,
            "{path}"
        );
    }
    let mut browser = Browser::of(house.router(), "mara").await;
    assert!(browser.get("/-/notices").await.dom.main().contains("No more mail"));
}
