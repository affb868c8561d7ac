use crate::common::house::{House, verdict};
use std::time::Duration;
use wigwag_access::SessionLimit;
use wigwag_base::Secret;
use wigwag_engine::{Credential, NewSession};
use wigwag_ports::registry::UserKey;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn cookie(session: &NewSession) -> Credential {
    Credential::SessionCookie(session.cookie.clone())
}

#[tokio::test]
async fn a_password_opens_a_session_for_twelve_hours() {
    let house = House::new().await;
    let ada = house.user_with_password("ada", "correct horse").await;
    for login in ["ada", "ADA", "Ada@example.com"] {
        let session = house.engine.sign_in(login, &secret("correct horse")).await.unwrap();
        let principal = house.engine.authenticate(&cookie(&session)).await.unwrap();
        assert_eq!((principal.user, session.session.limit), (ada.id, SessionLimit::Unlimited));
    }
    let session = house.engine.sign_in("ada", &secret("correct horse")).await.unwrap();
    house.clock.advance(Duration::from_secs(12 * 3_600 - 1));
    assert_eq!(verdict(house.engine.authenticate(&cookie(&session)).await), "ok");
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(verdict(house.engine.authenticate(&cookie(&session)).await), "unauthorized");
}

#[tokio::test]
async fn wrong_ones_are_refused_alike_and_soon_slowed_down() {
    let house = House::new().await;
    house.user_with_password("ada", "correct horse").await;
    house.user("bob").await;
    let check = async |login: &str, password: &str, expected: &str| {
        assert_eq!(verdict(house.engine.sign_in(login, &secret(password)).await), expected, "{login}");
    };
    check("ada", "", "unauthorized").await;
    check("ada", "Correct horse", "unauthorized").await;
    check("ada", &"x".repeat(1 << 20), "unauthorized").await;
    check("bob", "", "unauthorized").await;
    check("nobody", "correct horse", "unauthorized").await;
    check(&"x".repeat(1 << 20), "correct horse", "unauthorized").await;
    for _ in 0..3 {
        check("ada@example.com", "wrong", "unauthorized").await;
    }
    check("ada", "wrong", "too many, 60 s").await;
    check("ADA", "correct horse", "too many, 60 s").await;
    check("bob", "x", "unauthorized").await;
    house.clock.advance(Duration::from_secs(60));
    check("ada", "correct horse", "ok").await;
    for _ in 0..4 {
        check("nobody", "x", "unauthorized").await;
    }
    check("nobody", "x", "unauthorized").await;
    check("Nobody", "x", "too many, 60 s").await;
}

#[tokio::test]
async fn a_new_password_and_signing_out_end_sessions_at_once() {
    let house = House::new().await;
    let ada = house.user_with_password("ada", "correct horse").await;
    let [first, second] = [
        house.engine.sign_in("ada", &secret("correct horse")).await.unwrap(),
        house.engine.sign_in("ada", &secret("correct horse")).await.unwrap(),
    ];
    let by_ada = house.engine.authenticate(&cookie(&first)).await.unwrap();
    house.engine.authenticate(&cookie(&second)).await.unwrap();
    house.engine.end_session(&first.cookie).await.unwrap();
    assert_eq!(verdict(house.engine.authenticate(&cookie(&first)).await), "unauthorized");
    assert_eq!(verdict(house.engine.authenticate(&cookie(&second)).await), "ok");
    house.engine.end_session(&secret("no such cookie")).await.unwrap();
    house.engine.set_password(&by_ada, ada.id, &secret("battery staple")).await.unwrap();
    assert_eq!(verdict(house.engine.authenticate(&cookie(&second)).await), "unauthorized");
    assert_eq!(verdict(house.engine.sign_in("ada", &secret("correct horse")).await), "unauthorized");
    assert_eq!(verdict(house.engine.sign_in("ada", &secret("battery staple")).await), "ok");
    let other = house.user("bob").await;
    assert_eq!(
        verdict(house.engine.set_password(&by_ada, other.id, &secret("battery staple")).await),
        "there is no such user"
    );
}

#[tokio::test]
async fn a_link_signs_in_once_and_not_for_long() {
    let house = House::new().await;
    let ada = house.user("ada").await;
    let key = || UserKey::Username("ada".into());
    let link = house.engine.create_login_link(&house.root, key()).await.unwrap();
    let session = house.engine.take_login_link(&link.secret).await.unwrap();
    assert_eq!(house.engine.authenticate(&cookie(&session)).await.unwrap().user, ada.id);
    assert_eq!(verdict(house.engine.take_login_link(&link.secret).await), "unauthorized");
    let late = house.engine.create_login_link(&house.root, key()).await.unwrap();
    house.clock.advance(Duration::from_secs(600));
    assert_eq!(verdict(house.engine.take_login_link(&late.secret).await), "unauthorized");
    let by_ada = house.engine.sudo(&house.root, "ada").await.unwrap();
    let rooted = UserKey::Username("root".into());
    assert_eq!(verdict(house.engine.create_login_link(&by_ada, rooted).await), "there is no such user");
    let ghost = UserKey::Username("nobody".into());
    assert_eq!(verdict(house.engine.create_login_link(&house.root, ghost).await), "there is no such user");

    let link = house.engine.create_login_link(&house.root, key()).await.unwrap();
    let (one, other) =
        tokio::join!(house.engine.take_login_link(&link.secret), house.engine.take_login_link(&link.secret));
    assert_eq!([one, other].iter().filter(|taken| taken.is_ok()).count(), 1);
}
