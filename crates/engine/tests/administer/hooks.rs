use crate::common::house::{House, verdict};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wigwag_access::{AccessLevel, Principal, Scope, Source};
use wigwag_base::{Page, Secret};
use wigwag_engine::Settings;
use wigwag_engine::hook_admin::{AddedToken, HookFields, HookView};
use wigwag_engine::intake::Incoming;
use wigwag_hooks::health::{AlertStatus, Health};
use wigwag_hooks::{FailurePolicy, HookScope, PolicyChoice, SigningScheme, Switch, Trigger};

const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

pub(crate) struct Shop {
    pub(crate) house: House,
    pub(crate) scope: HookScope,
    /// Maintainer.
    pub(crate) mia: Principal,
    /// Reporter.
    pub(crate) rex: Principal,
}

impl Shop {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let house = House::with(settings).await;
        let shop = house.project("shop", &house.group("acme", None).await).await;
        let [mia, rex] = [house.user("mia").await, house.user("rex").await];
        house.member(&mia, Source::Project(shop.id), AccessLevel::Maintainer).await;
        house.member(&rex, Source::Project(shop.id), AccessLevel::Reporter).await;
        let mia = house.with_token(&mia, &[Scope::Api]).await;
        let rex = house.with_token(&rex, &[Scope::Api]).await;
        Self { house, scope: HookScope::Project(shop.id), mia, rex }
    }

    pub(crate) async fn hook(&self, fields: HookFields) -> HookView {
        self.house.engine.create_hook(&self.mia, self.scope, fields).await.unwrap()
    }

    pub(crate) async fn update(&self, hook: &HookView, fields: HookFields) -> HookView {
        self.house.engine.update_hook(&self.mia, self.scope, hook.hook.id, fields).await.unwrap()
    }

    pub(crate) async fn read(&self, hook: &HookView) -> HookView {
        self.house.engine.hook(&self.mia, self.scope, hook.hook.id).await.unwrap()
    }
}

pub(crate) fn to(url: &str) -> HookFields {
    HookFields { url: Some(Secret::new(url.to_owned())), ..HookFields::default() }
}

fn secret(text: &str) -> Option<Secret<String>> {
    Some(Secret::new(text.to_owned()))
}

/// A receiver on a free port that gives every request the next of these answers, the last one again and again.
pub(crate) async fn receiver(statuses: &'static [u16]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for count in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let status = statuses[count.min(statuses.len() - 1)];
            let mut read = vec![0; 1 << 16];
            let _ = stream.read(&mut read).await;
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_hook_needs_a_url_that_requests_may_go_to() {
    let shop = Shop::new().await;
    let check = async |url: &str, start: &str| {
        let told = verdict(shop.house.engine.create_hook(&shop.mia, shop.scope, to(url)).await);
        assert!(told.starts_with(start), "{url}: {told}");
    };
    let told = verdict(shop.house.engine.create_hook(&shop.mia, shop.scope, HookFields::default()).await);
    assert_eq!(told, "url is missing");
    check(" ", "url is missing").await;
    check(&format!("https://a.example/{}", "x".repeat(2_048)), "url is too long").await;
    for bad in [
        "ftp://a.example",
        "not a url",
        "https://",
        "https://a.example/#x",
        "//a.example",
        "javascript:alert(1)",
    ] {
        check(bad, "url is not one that requests may go to").await;
    }
    for forbidden in [
        "http://169.254.169.254/latest",
        "http://10.0.0.1",
        "http://[::1]/",
        "http://0x7f.1.2.3/",
        "http://127.1.1.1",
    ] {
        check(forbidden, "url is not one that requests may go to: ").await;
    }
    check("http://127.0.0.1:9/hook", "ok").await;
}

#[tokio::test]
async fn fields_are_checked_and_the_rest_gets_its_default() {
    let shop = Shop::new().await;
    let made = shop.hook(to("http://127.0.0.1:9/a")).await;
    assert_eq!((made.alert_status, made.waiting), (AlertStatus::Executable, 0));
    assert!(made.hook.triggers.contains(Trigger::Push) && made.hook.certificate_check.is_on());
    let refused = async |fields: HookFields| {
        verdict(shop.house.engine.update_hook(&shop.mia, shop.scope, made.hook.id, fields).await)
    };
    let none = HookFields::default;
    assert_eq!(
        refused(HookFields { signing_token: secret("x"), ..none() }).await,
        "signing_token must begin with whsec_, or with whsk_ for ed25519"
    );
    assert!(
        refused(HookFields { token: secret("a\r\nb"), ..none() }).await.starts_with("token must not contain")
    );
    assert!(refused(HookFields { name: Some("a\nb".into()), ..none() }).await.starts_with("name must not"));
    assert!(
        refused(HookFields { rate_per_minute: Some(Some(0)), ..none() }).await.starts_with("rate_per_minute")
    );
    assert!(
        refused(HookFields { event_types: Some(vec!["no good".into()]), ..none() })
            .await
            .starts_with("event_types")
    );
    let fields = HookFields {
        name: Some("billing".into()),
        triggers: vec![
            (Trigger::Push, Switch::Off),
            (Trigger::Job, Switch::On),
            (Trigger::Member, Switch::On),
        ],
        event_types: Some(vec!["invoice.*".into()]),
        rate_per_minute: Some(Some(60)),
        ..none()
    };
    let after = shop.update(&made, fields).await.hook;
    assert!(!after.triggers.contains(Trigger::Push) && after.triggers.contains(Trigger::Job));
    assert!(!after.triggers.contains(Trigger::Member), "projects have no member_events");
    assert_eq!((after.name.as_str(), after.rate_per_minute), ("billing", Some(60)));
    let untouched = shop.update(&made, none()).await.hook;
    assert_eq!(untouched.rate_per_minute, Some(60));
    assert_eq!(
        shop.update(&made, HookFields { rate_per_minute: Some(None), ..none() }).await.hook.rate_per_minute,
        None
    );
}

#[tokio::test]
async fn secrets_do_not_follow_a_hook_to_another_address() {
    let shop = Shop::new().await;
    let with_secrets =
        HookFields { token: secret("t"), signing_token: secret(KEY), ..to("http://u:p@127.0.0.1:9/a") };
    let made = shop.hook(with_secrets).await;
    let kept = |view: &HookView| (view.hook.token.is_some(), view.hook.signing_keys.len());
    assert_eq!(kept(&made), (true, 1));
    let same = shop.update(&made, to("http://***:***@127.0.0.1:9/a")).await;
    assert_eq!((kept(&same), same.hook.url.expose().as_str()), ((true, 1), "http://u:p@127.0.0.1:9/a"));
    let query = shop.update(&made, to("http://***:***@127.0.0.1:9/a?x=1")).await;
    assert_eq!((kept(&query), query.hook.url.expose().as_str()), ((true, 1), "http://u:p@127.0.0.1:9/a?x=1"));
    let stolen = to("http://***:***@127.0.0.1:8/a");
    let told = verdict(shop.house.engine.update_hook(&shop.mia, shop.scope, made.hook.id, stolen).await);
    assert!(told.starts_with("url has masked credentials"), "{told}");
    let moved = shop.update(&made, HookFields { token: secret("new"), ..to("http://127.0.0.1:8/a") }).await;
    assert_eq!(kept(&moved), (true, 0));
    assert_eq!(moved.hook.token.map(|token| token.expose().clone()).as_deref(), Some("new"));
    let again = shop.update(&made, to("http://127.0.0.1:8/b")).await;
    assert_eq!(kept(&again), (false, 0));
    let cleared = HookFields { token: secret(""), ..HookFields::default() };
    assert_eq!(kept(&shop.update(&made, cleared).await), (false, 0));
}

#[tokio::test]
async fn only_those_who_administer_a_scope_see_its_hooks() {
    let shop = Shop::new().await;
    let engine = &shop.house.engine;
    let id = shop.hook(to("http://127.0.0.1:9/a")).await.hook.id;
    let stranger = shop.house.with_token(&shop.house.user("zoe").await, &[Scope::Api]).await;
    let page = Page::default();
    assert_eq!(verdict(engine.hooks(&stranger, shop.scope, page).await), "there is no such project");
    assert_eq!(verdict(engine.hooks(&shop.rex, shop.scope, page).await), "forbidden");
    assert_eq!(verdict(engine.hook(&shop.rex, shop.scope, id).await), "forbidden");
    assert_eq!(verdict(engine.delete_hook(&stranger, shop.scope, id).await), "there is no such project");
    assert_eq!(verdict(engine.hooks(&shop.mia, HookScope::System, page).await), "forbidden");
    assert_eq!(engine.hooks(&shop.mia, shop.scope, page).await.unwrap().total, 1);
    // A hook is reached through its own scope alone.
    let blog = shop.house.project("blog", &shop.house.group("other", None).await).await;
    let elsewhere = HookScope::Project(blog.id);
    assert_eq!(verdict(engine.hook(&shop.house.root, elsewhere, id).await), "there is no such hook");
    assert_eq!(
        verdict(engine.delete_hook(&shop.house.root, HookScope::System, id).await),
        "there is no such hook"
    );
    assert_eq!(verdict(engine.enable_hook(&shop.house.root, elsewhere, id).await), "there is no such hook");
    let nowhere = HookScope::Project(wigwag_base::ProjectId(999));
    assert_eq!(verdict(engine.hooks(&shop.house.root, nowhere, page).await), "there is no such project");
    assert_eq!(verdict(engine.delete_hook(&shop.mia, shop.scope, id).await), "ok");
    assert_eq!(verdict(engine.hook(&shop.mia, shop.scope, id).await), "there is no such hook");
}

#[tokio::test]
async fn a_hundred_hooks_a_project() {
    let shop = Shop::new().await;
    for _ in 0..100 {
        shop.hook(to("http://127.0.0.1:9/a")).await;
    }
    let told =
        verdict(shop.house.engine.create_hook(&shop.mia, shop.scope, to("http://127.0.0.1:9/a")).await);
    assert!(told.contains("100"), "{told}");
}

#[tokio::test]
async fn tests_say_what_came_of_them_and_are_five_a_minute() {
    let shop = Shop::new().await;
    let url = receiver(&[500, 200]).await;
    let made = shop.hook(HookFields { event_types: Some(vec!["invoice.*".into()]), ..to(&url) }).await;
    let test =
        async |trigger: &str| shop.house.engine.test_hook(&shop.mia, shop.scope, made.hook.id, trigger).await;
    assert!(verdict(test("push").await).starts_with("trigger does not have a valid value"));
    assert!(verdict(test("member_events").await).starts_with("trigger does not have a valid value"));
    let failed = test("push_events").await.unwrap();
    assert!(!failed.outcome.is_success());
    assert_eq!(shop.read(&made).await.hook.health.state, Health::Healthy, "a failed test moves no state");
    let worked = test("invoice.paid").await.unwrap();
    assert!(worked.outcome.is_success() && worked.id != failed.id);
    for _ in 0..3 {
        assert!(test("job_events").await.unwrap().outcome.is_success());
    }
    assert_eq!(verdict(test("job_events").await), "too many, 60 s");
    assert_eq!(
        verdict(shop.house.engine.test_hook(&shop.rex, shop.scope, made.hook.id, "push_events").await),
        "forbidden"
    );
    shop.house.clock.advance(Duration::from_secs(60));
    assert_eq!(verdict(test("job_events").await), "ok");
}

/// A hook that one failed delivery to `url` has disabled; it alone wanted the event.
pub(crate) async fn disabled(shop: &Shop, url: &str) -> HookView {
    let policy = FailurePolicy { threshold: 1, permanent_at: Some(1), ..FailurePolicy::REFERENCE };
    let event_type = format!("of.{}", url.rsplit(':').next().unwrap().replace('/', "."));
    let fields = HookFields {
        triggers: vec![(Trigger::Push, Switch::Off)],
        event_types: Some(vec![event_type.clone()]),
        failure_policy: Some(PolicyChoice::Own(policy)),
        ..to(url)
    };
    let made = shop.hook(fields).await;
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let mut rings = shop.house.engine.watch().subscribe();
    let payload = bytes::Bytes::from_static(b"{}");
    let event = Incoming { event_type, payload, idempotency_key: None, chain: None };
    shop.house.engine.publish(project, vec![event]).await.unwrap();
    while shop.read(&made).await.hook.health.state != Health::Disabled {
        rings.recv().await.unwrap();
    }
    made
}

#[tokio::test]
async fn a_disabled_hook_comes_back_by_enable_test_edit_or_switch() {
    let shop = Shop::new().await;
    let engine = &shop.house.engine;
    let word = async |hook: &HookView| shop.read(hook).await.hook.health.state.name();

    let hook = disabled(&shop, &receiver(&[500, 200]).await).await;
    assert_eq!(shop.read(&hook).await.alert_status, AlertStatus::Disabled);
    assert_eq!(verdict(engine.enable_hook(&shop.rex, shop.scope, hook.hook.id).await), "forbidden");
    let enabled = engine.enable_hook(&shop.mia, shop.scope, hook.hook.id).await.unwrap();
    assert_eq!((enabled.hook.health.state, enabled.hook.health.failures), (Health::Healthy, 0));

    let hook = disabled(&shop, &receiver(&[500, 200]).await).await;
    engine.test_hook(&shop.mia, shop.scope, hook.hook.id, "push_events").await.unwrap();
    assert_eq!(word(&hook).await, "healthy");

    let hook = disabled(&shop, &receiver(&[500]).await).await;
    shop.update(&hook, HookFields { name: Some("renamed".into()), ..HookFields::default() }).await;
    assert_eq!(word(&hook).await, "disabled", "a name heals nothing");
    let edited = shop.update(&hook, HookFields { token: secret("new"), ..HookFields::default() }).await;
    assert_eq!(edited.hook.health.state, Health::HalfOpen);
    assert_eq!(edited.hook.health.failures, 1, "the counter stays");

    let hook = disabled(&shop, &receiver(&[500]).await).await;
    let switch = |enabled| HookFields { enabled: Some(enabled), ..HookFields::default() };
    shop.update(&hook, switch(Switch::Off)).await;
    assert_eq!(word(&hook).await, "disabled");
    shop.update(&hook, switch(Switch::On)).await;
    assert_eq!(word(&hook).await, "healthy");

    let hook = disabled(&shop, &receiver(&[500]).await).await;
    let off = HookFields { failure_policy: Some(PolicyChoice::Off), ..HookFields::default() };
    shop.update(&hook, off).await;
    assert_eq!(word(&hook).await, "unhealthy", "nothing pauses or disables any more");
}

#[tokio::test]
async fn signing_tokens_are_added_beside_the_older_ones() {
    let shop = Shop::new().await;
    let made = shop.hook(HookFields { signing_token: secret(KEY), ..to("http://127.0.0.1:9/a") }).await;
    let day = Duration::from_secs(86_400);
    let add = async |token| {
        shop.house.engine.add_signing_token(&shop.mia, shop.scope, made.hook.id, token, day).await
    };
    let told = add(AddedToken::Fresh(SigningScheme::Hmac)).await.unwrap();
    assert!(told.token.expose().starts_with("whsec_") && told.token.expose() != KEY);
    let keys = shop.read(&made).await.hook.signing_keys;
    let ends: Vec<_> = keys.iter().map(|key| key.expires_at).collect();
    assert_eq!(ends, [None, Some(shop.house.engine.now() + day)]);
    assert_eq!(keys[0].format().expose(), told.token.expose());
    assert_eq!(
        verdict(add(AddedToken::Given(Secret::new("whsec_x".into()))).await),
        "signing_token must be whsec_ and the base64 of the key"
    );

    let engine = &shop.house.engine;
    let listed = async || {
        let tokens = engine.signing_tokens(&shop.mia, shop.scope, made.hook.id).await.unwrap();
        tokens.into_iter().map(|token| (token.id, token.expires_at)).collect::<Vec<_>>()
    };
    let first = made.hook.signing_keys[0].id();
    assert_eq!(listed().await, [(told.id.clone(), None), (first.clone(), Some(engine.now() + day))]);
    let remove =
        async |who, id: &str| verdict(engine.remove_signing_token(who, shop.scope, made.hook.id, id).await);
    assert_eq!(remove(&shop.rex, &told.id).await, "forbidden");
    assert_eq!(remove(&shop.mia, "000000000000").await, "there is no such signing token");
    assert_eq!(remove(&shop.mia, &told.id).await, "ok");
    shop.house.clock.advance(day);
    assert_eq!(listed().await, [], "the older one runs out");
}

#[tokio::test]
async fn who_stops_checking_certificates_stands_in_the_audit() {
    let shop = Shop::new().await;
    let off = HookFields { certificate_check: Some(Switch::Off), ..HookFields::default() };
    let on = HookFields { certificate_check: Some(Switch::On), ..HookFields::default() };
    let hook = shop.hook(to("http://127.0.0.1:9/a")).await;
    shop.update(&hook, off.clone()).await;
    shop.update(&hook, off.clone()).await;
    shop.update(&hook, on).await;
    shop.hook(HookFields { url: to("http://127.0.0.1:9/b").url, ..off }).await;
    let query = wigwag_ports::flags::AuditFilter::default();
    let rows = shop.house.engine.audit(&shop.house.root, query, Page::default()).await.unwrap().rows;
    let told: Vec<_> =
        rows.iter().rev().map(|row| (row.entry.author.as_str(), row.entry.after.as_str())).collect();
    assert_eq!(
        told,
        [
            ("mia", "hook 1 of acme/shop (127.0.0.1:9) does not check its receiver's certificate"),
            ("mia", "hook 1 of acme/shop (127.0.0.1:9) checks its receiver's certificate"),
            ("mia", "hook new of acme/shop (127.0.0.1:9) does not check its receiver's certificate"),
        ]
    );
}
