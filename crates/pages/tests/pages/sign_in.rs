use crate::browser::Browser;
use crate::house::{House, PASSWORD};
use std::time::Duration;
use wigwag_ports::registry::UserKey;

async fn house() -> House {
    House::new("http://127.0.0.1:8080", Duration::ZERO).await
}

#[tokio::test]
async fn who_is_not_signed_in_comes_back_after_signing_in() {
    let house = house().await;
    let mut browser = Browser::new(house.router());
    let page = browser.get("/acme/shop?page=2").await;
    assert_eq!((page.status, page.location()), (303, "/-/login?next=%2Facme%2Fshop%3Fpage%3D2"));
    let page = browser.get("/-/login?next=%2Facme%2Fshop%3Fpage%3D2").await;
    assert_eq!((page.status, page.dom.value("next").as_deref()), (200, Some("/acme/shop?page=2")));
    let fields = [("login", "root"), ("password", PASSWORD), ("next", "/acme/shop?page=2")];
    let page = browser.post("/-/login", &fields).await;
    assert_eq!((page.status, page.location()), (303, "/acme/shop?page=2"));
    assert_eq!(browser.get("/").await.status, 200);
}

#[tokio::test]
async fn nobody_is_led_away_by_a_sign_in() {
    let house = house().await;
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let mut browser = Browser::new(house.router());
        let asked = url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>();
        let page = browser.get(&format!("/-/login?next={asked}")).await;
        assert_eq!(page.dom.value("next").as_deref(), Some("/"), "{next}");
        let fields = [("login", "root"), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.post("/-/login", &fields).await.location(), "/", "{next}");
    }
}

#[tokio::test]
async fn a_wrong_password_says_so_and_keeps_the_name() {
    let house = house().await;
    let mut browser = Browser::new(house.router());
    for login in ["root", "nobody", ""] {
        let page = browser.post("/-/login", &[("login", login), ("password", "wrong")]).await;
        assert_eq!((page.status, page.dom.value("login").as_deref()), (401, Some(login)));
        assert!(page.dom.main().contains("do not go together"), "{}", page.dom.main());
        assert!(browser.cookie.is_none());
    }
    assert_eq!(browser.get("/").await.status, 303);
}

#[tokio::test]
async fn the_cookie_is_strict() {
    let check = async |external: &str, cookie: &[&str], absent: &[&str]| {
        let house = House::new(external, Duration::ZERO).await;
        let mut browser = Browser::new(house.router());
        let page = browser.post("/-/login", &[("login", "root"), ("password", PASSWORD)]).await;
        let set = page.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.iter().all(|part| set.contains(part)), "{set}");
        assert!(!absent.iter().any(|part| set.contains(part)), "{set}");
    };
    let always = ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age="];
    check("http://127.0.0.1:8080", &always, &["__Host-", "Secure", "Domain"]).await;
    check("https://hooks.example", &[&always[..], &["__Host-wigwag=", "; Secure"]].concat(), &["Domain"])
        .await;
}

#[tokio::test]
async fn a_link_signs_in_once_and_not_by_being_looked_at() {
    let house = house().await;
    house.user("mara", "Mara").await;
    let link = house.engine.create_login_link(&house.root, UserKey::Username("mara".into())).await.unwrap();
    let path = format!("/-/login/link/{}", link.secret.expose());
    let mut preview = Browser::new(house.router());
    for _ in 0..3 {
        let page = preview.get(&path).await;
        assert_eq!((page.status, page.dom.posts()), (200, vec![path.clone()]));
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert!(preview.cookie.is_none());
    }
    let mut browser = Browser::new(house.router());
    assert_eq!(browser.post(&path, &[]).await.status, 303);
    let page = browser.get("/").await;
    assert!(page.status == 200 && page.dom.all("header")[0].text().contains("Mara"));
    let mut late = Browser::new(house.router());
    let page = late.post(&path, &[]).await;
    assert_eq!((page.status, page.dom.heading().as_str()), (401, "This link does not work any more"));
    assert!(late.cookie.is_none());
    house.clock.forward(Duration::from_secs(1));
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let house = house().await;
    let mut browser = Browser::of(house.router(), "root").await;
    let stolen = browser.cookie.clone();
    let page = browser.post("/-/logout", &[]).await;
    assert_eq!((page.status, browser.cookie.clone()), (303, None));
    let mut thief = Browser::new(house.router());
    thief.cookie = stolen;
    assert_eq!(thief.get("/").await.status, 303);
}
