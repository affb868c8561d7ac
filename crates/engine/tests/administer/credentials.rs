use crate::common::house::{House, ROOT_TOKEN, token, token_input, verdict};
use std::time::Duration;
use wigwag_access::{AccessLevel, Principal, Scope, Source};
use wigwag_base::{Secret, UserId};
use wigwag_engine::{Credential, TokenInput};

#[tokio::test]
async fn root_comes_with_the_operators_token_and_it_alone() {
    let house = House::new().await;
    assert_eq!(house.root.user, UserId(1));
    let again = house.engine.ensure_root(None).await.unwrap();
    assert!(again.made.is_none());
    assert_eq!(verdict(house.engine.authenticate(&token(ROOT_TOKEN)).await), "ok");
    let other = "another-root-token-0123456789-0123456789";
    house.engine.ensure_root(Some(Secret::new(other.into()))).await.unwrap();
    assert_eq!(verdict(house.engine.authenticate(&token(ROOT_TOKEN)).await), "unauthorized");
    assert_eq!(verdict(house.engine.authenticate(&token(other)).await), "ok");
    let short = verdict(house.engine.ensure_root(Some(Secret::new("x".repeat(31)))).await);
    assert_eq!(short, "WIGWAG_ROOT_TOKEN is too short; take 32 random characters or more");
}

#[tokio::test]
async fn a_warm_token_costs_no_read_and_works_while_the_store_is_down() {
    let house = House::new().await;
    let ada = house.user("ada").await;
    let made = house.token(&ada, &[Scope::EventsWrite]).await;
    let shown = Credential::PrivateToken(made.text);
    house.engine.authenticate(&shown).await.unwrap();
    house.store.calls();
    house.store.shut();
    for _ in 0..3 {
        assert_eq!(house.engine.authenticate(&shown).await.unwrap().user, ada.id);
    }
    assert_eq!(
        verdict(house.engine.authenticate(&token(&"x".repeat(40))).await).split(';').next(),
        Some("the store is not available: shut by the test")
    );
    house.store.open();
}

#[tokio::test]
async fn what_is_no_token_proves_nothing() {
    let house = House::new().await;
    let ada = house.user("ada").await;
    let text = house.token(&ada, &[Scope::Api]).await.text.expose().clone();
    let check = async |text: &str| {
        assert_eq!(verdict(house.engine.authenticate(&token(text)).await), "unauthorized", "{text:?}");
    };
    check("").await;
    check("wig_").await;
    check(&text[..text.len() - 1]).await;
    check(&text.to_lowercase()).await;
    check(&format!("{text} ")).await;
    check(&"x".repeat(1 << 20)).await;
    check("' OR 1=1 --").await;
    for cookie in ["", &text, &"x".repeat(1 << 20)] {
        let shown = Credential::SessionCookie(Secret::new(cookie.into()));
        assert_eq!(verdict(house.engine.authenticate(&shown).await), "unauthorized");
    }
}

#[tokio::test]
async fn revoking_and_expiring_count_at_once() {
    let house = House::new().await;
    let ada = house.user("ada").await;
    let made = house.token(&ada, &[Scope::Api]).await;
    let shown = Credential::PrivateToken(made.text.clone());
    let by_ada = house.engine.authenticate(&shown).await.unwrap();
    assert_eq!(house.engine.token_in_hand(&by_ada).await.unwrap().id, made.token.id);
    house.engine.revoke_token(&by_ada, made.token.id).await.unwrap();
    assert_eq!(verdict(house.engine.authenticate(&shown).await), "unauthorized");
    assert_eq!(verdict(house.restarted().await.authenticate(&shown).await), "unauthorized");

    let expires_at = Some(house.engine.now() + Duration::from_secs(10));
    let input = TokenInput { expires_at, ..token_input(&[Scope::ReadApi]) };
    let made = house.engine.create_token(&house.root, ada.id, input).await.unwrap();
    let shown = Credential::PrivateToken(made.text);
    assert_eq!(verdict(house.engine.authenticate(&shown).await), "ok");
    house.clock.advance(Duration::from_millis(9_999));
    assert_eq!(verdict(house.engine.authenticate(&shown).await), "ok");
    house.clock.advance(Duration::from_millis(1));
    assert_eq!(verdict(house.engine.authenticate(&shown).await), "unauthorized");
}

#[tokio::test]
async fn a_token_in_hand_revokes_itself_whatever_its_scopes() {
    let house = House::new().await;
    let ada = house.user("ada").await;
    let made = house.token(&ada, &[Scope::EventsWrite]).await;
    let shown = Credential::PrivateToken(made.text);
    let by_ada = house.engine.authenticate(&shown).await.unwrap();
    assert_eq!(verdict(house.engine.tokens_of(&by_ada, ada.id).await), "forbidden");
    let under_sudo = house.engine.sudo(&house.root, "ada").await.unwrap();
    assert_eq!(verdict(house.engine.revoke_token_in_hand(&under_sudo).await), "there is no such token");
    house.engine.revoke_token_in_hand(&by_ada).await.unwrap();
    assert_eq!(verdict(house.engine.authenticate(&shown).await), "unauthorized");
}

#[tokio::test]
async fn nobody_gives_a_token_more_than_they_may() {
    let house = House::new().await;
    let [ada, bob] = [house.user("ada").await, house.user("bob").await];
    let by_ada = house.with_token(&ada, &[Scope::Api]).await;
    let make = async |user, input| verdict(house.engine.create_token(&by_ada, user, input).await);
    assert_eq!(make(ada.id, token_input(&[Scope::HooksWrite])).await, "ok");
    assert_eq!(make(ada.id, token_input(&[Scope::Admin])).await, "forbidden");
    assert_eq!(make(ada.id, token_input(&[Scope::Callouts])).await, "forbidden");
    assert_eq!(make(bob.id, token_input(&[Scope::Api])).await, "there is no such user");
    assert_eq!(make(ada.id, token_input(&[])).await, "scopes can't be blank");
    let past = TokenInput { expires_at: Some(house.engine.now()), ..token_input(&[Scope::Api]) };
    assert_eq!(make(ada.id, past).await, "expires_at must lie in the future");
    let blank = TokenInput { name: " ".into(), ..token_input(&[Scope::Api]) };
    assert_eq!(make(ada.id, blank).await, "name can't be blank");
    let roots = TokenInput { name: "root token".into(), ..token_input(&[Scope::Api]) };
    assert!(make(ada.id, roots).await.starts_with("name is kept for"));
    let theirs = house.token(&bob, &[Scope::Api]).await.token.id;
    assert_eq!(verdict(house.engine.revoke_token(&by_ada, theirs).await), "there is no such token");
    assert_eq!(verdict(house.engine.tokens_of(&house.root, bob.id).await), "ok");
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_project_reaches_nothing_else() {
    let house = House::new().await;
    let acme = house.group("acme", None).await;
    let [shop, blog] = [house.project("shop", &acme).await, house.project("blog", &acme).await];
    let ada = house.user("ada").await;
    house.member(&ada, Source::Group(acme.id), AccessLevel::Owner).await;
    let input = TokenInput { project: Some(shop.id), ..token_input(&[Scope::Api]) };
    let made = house.engine.create_token(&house.root, ada.id, input).await.unwrap();
    let bound = house.engine.authenticate(&Credential::PrivateToken(made.text)).await.unwrap();
    let see = async |id| verdict(house.engine.project(&bound, wigwag_ports::registry::PathKey::Id(id)).await);
    assert_eq!(see(shop.id).await, "ok");
    assert_eq!(see(blog.id).await, "there is no such project");
    assert_eq!(
        verdict(house.engine.create_token(&bound, ada.id, token_input(&[Scope::Api])).await),
        "there is no such user"
    );
    assert_eq!(
        verdict(house.engine.create_login_link(&bound, wigwag_ports::registry::UserKey::Id(ada.id)).await),
        "there is no such user"
    );
}

#[tokio::test]
async fn a_token_is_bound_to_environments_for_good() {
    let house = House::new().await;
    let ada = house.user("ada").await;
    let input = |names: &[&str]| TokenInput {
        environments: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        ..token_input(&[Scope::FlagsRead, Scope::FlagsWrite])
    };
    let bound = async |names: &[&str]| {
        let made = house.engine.create_token(&house.root, ada.id, input(names)).await.unwrap();
        house.engine.authenticate(&Credential::PrivateToken(made.text)).await.unwrap()
    };
    let names = |principal: &Principal| principal.environments.as_deref().unwrap().join(" ");
    let two = bound(&["production", "dev", "production"]).await;
    assert_eq!(names(&two), "dev production");
    assert_eq!(house.engine.environment_of(&two).unwrap(), "production");
    let canary = bound(&["staging-canary"]).await;
    assert_eq!(house.engine.environment_of(&canary).unwrap(), "staging-canary");
    let elsewhere = bound(&["dev", "staging"]).await;
    assert_eq!(
        verdict(house.engine.environment_of(&elsewhere)),
        "environment must be named: the token is bound to dev, staging"
    );
    assert_eq!(house.engine.environment_of(&house.root).unwrap(), "production");

    let made = house.engine.create_token(&house.root, ada.id, input(&["dev"])).await.unwrap();
    let restarted = house.restarted().await;
    let again = restarted.authenticate(&Credential::PrivateToken(made.text)).await.unwrap();
    assert_eq!(names(&again), "dev");
    assert_eq!(
        verdict(house.engine.create_token(&again, ada.id, token_input(&[Scope::Api])).await),
        "there is no such user"
    );
    assert_eq!(verdict(house.engine.token_in_hand(&again).await), "ok");
    assert_eq!(verdict(house.engine.revoke_token_in_hand(&again).await), "ok");
}

#[tokio::test]
async fn a_binding_that_cannot_be_meant_is_refused() {
    let house = House::new().await;
    let acme = house.group("acme", None).await;
    let shop = house.project("shop", &acme).await;
    let make = async |project, names: &[&str]| {
        let environments = Some(names.iter().map(|name| (*name).to_owned()).collect());
        let input = TokenInput { project, environments, ..token_input(&[Scope::Api]) };
        verdict(house.engine.create_token(&house.root, house.root.user, input).await)
    };
    assert_eq!(
        make(None, &[]).await,
        "environments can't be blank; leave it out for a token that is not bound"
    );
    assert_eq!(
        make(None, &["dev", "Production"]).await,
        "environments does not have a valid value: \"Production\" is not configured; there are dev, staging-canary, \
         staging, production-canary, production"
    );
    assert_eq!(
        make(Some(shop.id), &["dev"]).await,
        "environments cannot be given beside project: a token is bound to one or the other"
    );
}

#[tokio::test]
async fn sudo_is_for_admins_and_takes_on_the_other_users_rights_alone() {
    let house = House::new().await;
    let [ada, bob] = [house.user("ada").await, house.user("bob").await];
    let acted = house.engine.sudo(&house.root, "ADA").await.unwrap();
    assert_eq!((acted.user, acted.sudo_by), (ada.id, Some(house.root.user)));
    let by_id = house.engine.sudo(&house.root, &ada.id.to_string()).await.unwrap();
    assert_eq!(by_id.user, ada.id);
    let input = crate::common::house::user_input("eve");
    assert_eq!(verdict(house.engine.create_user(&acted, input).await), "forbidden");
    assert_eq!(verdict(house.engine.sudo(&house.root, "nobody").await), "there is no such user");
    assert_eq!(verdict(house.engine.sudo(&house.root, "999").await), "there is no such user");
    assert_eq!(verdict(house.engine.sudo(&acted, "bob").await), "forbidden");
    let by_bob = house.with_token(&bob, &[Scope::Api]).await;
    assert_eq!(verdict(house.engine.sudo(&by_bob, "ada").await), "forbidden");
    assert_eq!(verdict(house.engine.sudo(&by_bob, "nobody").await), "forbidden");
}

#[tokio::test]
async fn the_last_use_is_kept_at_most_once_a_minute() {
    let house = House::new().await;
    let ada = house.user("ada").await;
    let made = house.token(&ada, &[Scope::Api]).await;
    let shown = Credential::PrivateToken(made.text);
    let first = house.engine.now();
    house.engine.authenticate(&shown).await.unwrap();
    // The mark is written in the background; the store's one writer takes it before the next write that is awaited.
    let seen = async || {
        tokio::task::yield_now().await;
        house.token(&ada, &[Scope::Api]).await;
        house.engine.token(&house.root, made.token.id).await.unwrap().last_used_at
    };
    assert_eq!(seen().await, Some(first));
    house.clock.advance(Duration::from_secs(59));
    house.engine.authenticate(&shown).await.unwrap();
    assert_eq!(seen().await, Some(first));
    house.clock.advance(Duration::from_secs(1));
    let later = house.engine.now();
    house.engine.authenticate(&shown).await.unwrap();
    assert_eq!(seen().await, Some(later));
}
