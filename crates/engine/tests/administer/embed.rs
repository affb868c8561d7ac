use crate::common::house::{House, verdict};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::DecodePrivateKey;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use std::time::Duration;
use wigwag_access::{AccessLevel, Scope, SessionLimit, Source, Via};
use wigwag_base::{ProjectId, Secret};
use wigwag_engine::Credential;
use wigwag_ports::registry::UserKey;

/// A JWT put together by hand, as a platform might get it wrong.
fn jwt(header: Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn by_ed25519(key: &SigningKey) -> impl Fn(&[u8]) -> Vec<u8> {
    |message| key.sign(message).to_bytes().to_vec()
}

struct Platform {
    house: House,
    kid: String,
    key: SigningKey,
    project: ProjectId,
}

impl Platform {
    async fn new() -> Self {
        let house = House::new().await;
        let project = house.project("shop", &house.group("acme", None).await).await.id;
        let ada = house.user("ada").await;
        house.member(&ada, Source::Project(project), AccessLevel::Maintainer).await;
        let made = house.engine.create_embed_key(&house.root).await.unwrap();
        let key = SigningKey::from_pkcs8_pem(made.private_pem.expose()).unwrap();
        assert_eq!(key.verifying_key().to_bytes(), made.key.public_key);
        Self { house, kid: made.key.kid, key, project }
    }

    fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "typ": "JWT", "kid": self.kid })
    }

    fn claims(&self) -> Value {
        let now = self.house.engine.now().as_secs();
        json!({ "aud": "wigwag-callouts", "sub": "ada", "project": self.project.0, "iat": now, "exp": now + 900 })
    }

    fn signed(&self, changes: Value) -> String {
        let mut claims = self.claims();
        changes.as_object().unwrap().iter().for_each(|(field, value)| claims[field] = value.clone());
        jwt(self.header(), &claims, by_ed25519(&self.key))
    }

    async fn verdict(&self, token: &str) -> String {
        verdict(self.house.engine.check_embed_token(token).await)
    }
}

#[tokio::test]
async fn a_platforms_token_is_its_user_at_its_project_and_nothing_else() {
    let platform = Platform::new().await;
    let engine = &platform.house.engine;
    let ada = engine.find_user(UserKey::Username("ada".into())).await.unwrap().unwrap();
    for named in [
        json!({}),
        json!({ "project": "ACME/shop" }),
        json!({ "aud": ["x", "wigwag-callouts"] }),
        json!({ "sub": "Ada" }),
    ] {
        let text = platform.signed(named);
        let claims = engine.check_embed_token(&text).await.unwrap();
        assert_eq!((claims.user, claims.source), (ada.id, Source::Project(platform.project)));
        let principal = engine.authenticate(&Credential::EmbedToken(Secret::new(text))).await.unwrap();
        assert_eq!(principal.via, Via::Embed(Source::Project(platform.project)));
        let key = wigwag_ports::registry::PathKey::Id(platform.project);
        assert_eq!(verdict(engine.project(&principal, key).await), "forbidden");
    }
    assert_eq!(platform.verdict(&platform.signed(json!({ "sub": "nobody" }))).await, "there is no such user");
    assert_eq!(
        platform.verdict(&platform.signed(json!({ "project": 999 }))).await,
        "there is no such project"
    );
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let platform = Platform::new().await;
    let check = async |text: &str| assert_eq!(platform.verdict(text).await, "unauthorized", "{text}");
    let claims = platform.claims();
    let good = platform.signed(json!({}));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    check("").await;
    check("a.b.c").await;
    check(signed).await;
    check(&format!("{signed}.")).await;
    check(&format!("{good}=")).await;
    check(&format!("{good}.{signature}")).await;
    check(&"x".repeat(1_000_000)).await;
    check(&jwt(json!({ "alg": "none", "kid": platform.kid }), &claims, |_| Vec::new())).await;
    check(&jwt(json!({ "alg": "EdDSA" }), &claims, by_ed25519(&platform.key))).await;
    check(&jwt(json!({ "alg": "EdDSA", "kid": "embed-0" }), &claims, by_ed25519(&platform.key))).await;
    check(&jwt(json!({ "alg": "EdDSA", "kid": "server" }), &claims, by_ed25519(&platform.key))).await;
    check(&jwt(
        json!({ "alg": "EdDSA", "kid": platform.kid, "crit": ["exp"] }),
        &claims,
        by_ed25519(&platform.key),
    ))
    .await;
    let other = SigningKey::from_bytes(&[9; 32]);
    check(&jwt(platform.header(), &claims, by_ed25519(&other))).await;
    check(&jwt(platform.header(), &claims, |_| vec![0; 64])).await;
    // The public key as an HMAC secret: the oldest trick of all.
    let public = platform.key.verifying_key().to_bytes();
    let hs256 = json!({ "alg": "HS256", "kid": platform.kid });
    let by_hmac = |message: &[u8]| {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&public).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    check(&jwt(hs256, &claims, by_hmac)).await;
    for odd in [
        json!({ "aud": "other" }),
        json!({ "aud": null }),
        json!({ "aud": [] }),
        json!({ "sub": 1 }),
        json!({ "exp": 1 }),
    ] {
        check(&platform.signed(odd)).await;
    }
    assert_eq!(platform.verdict(&good).await, "ok");
}

#[tokio::test]
async fn a_token_may_have_4096_bytes_and_not_4097() {
    let platform = Platform::new().await;
    let bare = platform.signed(json!({ "pad": "" })).len();
    // Three letters of a claim are four of the token, as far as the ends of the parts go.
    let token = |bytes: usize| {
        let around = (bytes - bare) * 3 / 4;
        let tokens = (around - 4..around + 4).map(|pad| platform.signed(json!({ "pad": "x".repeat(pad) })));
        tokens.into_iter().find(|token| token.len() == bytes).unwrap()
    };
    assert_eq!(platform.verdict(&token(4_096)).await, "ok");
    assert_eq!(platform.verdict(&token(4_097)).await, "unauthorized");
}

#[tokio::test]
async fn a_token_ends_by_our_clock_even_when_it_is_known() {
    let platform = Platform::new().await;
    let text = platform.signed(json!({}));
    assert_eq!(platform.verdict(&text).await, "ok");
    platform.house.store.calls();
    platform.house.clock.advance(Duration::from_millis(929_999));
    assert_eq!(platform.verdict(&text).await, "ok");
    assert_eq!(platform.house.store.calls(), 0, "a known token costs no read");
    platform.house.clock.advance(Duration::from_millis(1));
    assert_eq!(platform.verdict(&text).await, "unauthorized");
}

#[tokio::test]
async fn a_revoked_key_signs_nothing_any_more() {
    let platform = Platform::new().await;
    let engine = &platform.house.engine;
    let known = platform.signed(json!({}));
    assert_eq!(platform.verdict(&known).await, "ok");
    engine.revoke_embed_key(&platform.house.root, &platform.kid).await.unwrap();
    assert_eq!(platform.verdict(&known).await, "unauthorized");
    assert_eq!(platform.verdict(&platform.signed(json!({ "sub": "Ada" }))).await, "unauthorized");
    let keys = engine.embed_keys(&platform.house.root).await.unwrap();
    assert!(keys[0].revoked_at.is_some());
    let gone = verdict(engine.revoke_embed_key(&platform.house.root, "embed-none").await);
    assert!(gone.starts_with("there is no such"), "{gone}");
}

#[tokio::test]
async fn the_server_mints_for_those_with_the_scope() {
    let platform = Platform::new().await;
    let house = &platform.house;
    let at = Source::Project(platform.project);
    let ada = || UserKey::Username("ada".into());
    let user = house.engine.find_user(ada()).await.unwrap().unwrap();
    let by_ada = house.with_token(&user, &[Scope::Api]).await;
    let by_platform = house.with_token(&user, &[Scope::Callouts]).await;
    assert_eq!(verdict(house.engine.mint_embed_token(&by_ada, ada(), at).await), "forbidden");
    let minted = house.engine.mint_embed_token(&by_platform, ada(), at).await.unwrap();
    let claims = house.engine.check_embed_token(minted.token.expose()).await.unwrap();
    assert_eq!((claims.user, claims.source, claims.expires_at), (user.id, at, minted.expires_at));
    let again = house.restarted().await.check_embed_token(minted.token.expose()).await.unwrap();
    assert_eq!(again, claims, "the server's own key survives a restart");
    let ghost = UserKey::Username("nobody".into());
    assert_eq!(
        verdict(house.engine.mint_embed_token(&by_platform, ghost, at).await),
        "there is no such user"
    );
    let nowhere = Source::Project(ProjectId(999));
    let told = verdict(house.engine.mint_embed_token(&by_platform, ada(), nowhere).await);
    assert_eq!(told, "there is no such project");
    assert_eq!(verdict(house.engine.create_embed_key(&by_platform).await), "forbidden");
}

#[tokio::test]
async fn the_button_gives_one_session_for_the_hook_pages() {
    let platform = Platform::new().await;
    let engine = &platform.house.engine;
    let text = platform.signed(json!({}));
    let (one, other) = tokio::join!(engine.exchange_embed_token(&text), engine.exchange_embed_token(&text));
    let (taken, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert!(verdict(refused).starts_with("this button's link was used before"));
    let session = taken.unwrap();
    let at = Source::Project(platform.project);
    assert_eq!(session.session.limit, SessionLimit::HookPages(at));
    let principal = engine.authenticate(&Credential::SessionCookie(session.cookie)).await.unwrap();
    let scope = wigwag_hooks::HookScope::Project(platform.project);
    assert_eq!(verdict(engine.hooks(&principal, scope, wigwag_base::Page::default()).await), "ok");
    assert_eq!(verdict(engine.projects(&principal, wigwag_base::Page::default()).await), "forbidden");
    assert_eq!(verdict(engine.create_login_link(&principal, UserKey::Id(principal.user)).await), "forbidden");
    let again = platform.house.restarted().await;
    assert!(
        verdict(again.exchange_embed_token(&text).await).starts_with("this button's link was used before")
    );
}
