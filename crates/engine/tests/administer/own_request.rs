//! What an owner says of the request itself: its body, its headers, the secret parts of its address, its branches.

use crate::common::house::verdict;
use crate::common::receiver::Receiver;
use crate::hooks::{Shop, to};
use std::time::Duration;
use wigwag_base::{Page, Secret};
use wigwag_engine::hook_admin::{HookFields, HookView, NamedEdit};
use wigwag_engine::intake::Incoming;
use wigwag_engine::{AttemptQuery, DeliveryQuery};
use wigwag_hooks::{Attempt, BranchStrategy, FailurePolicy, HookScope, Outcome, PolicyChoice, SentBody};

pub(crate) fn set(name: &str, value: &str) -> NamedEdit {
    NamedEdit::Set(name.to_owned(), Secret::new(value.to_owned()))
}

pub(crate) fn template(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) async fn publish(shop: &Shop, payload: &str) {
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let payload = bytes::Bytes::from(payload.to_owned());
    let incoming = Incoming { event_type: "push".into(), payload, idempotency_key: None, chain: None };
    shop.house.engine.publish(project, vec![incoming]).await.unwrap();
    shop.house.engine.settle().await;
}

/// What was logged, newest first, each with its whole body.
pub(crate) async fn logged(shop: &Shop, hook: &HookView) -> Vec<Attempt> {
    let engine = &shop.house.engine;
    let (id, page) = (hook.hook.id, Page::default());
    let found = engine.attempts(&shop.mia, shop.scope, id, AttemptQuery::default(), page).await.unwrap();
    let mut attempts = Vec::new();
    for attempt in found.rows {
        attempts.push(engine.attempt(&shop.mia, shop.scope, id, attempt.id).await.unwrap());
    }
    attempts
}

pub(crate) fn of(url: &str, fields: HookFields) -> HookFields {
    HookFields { url: Some(Secret::new(url.to_owned())), ..fields }
}

#[tokio::test]
async fn a_template_makes_the_body_which_is_logged_and_sent_again() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let fields =
        HookFields { template: template(r#"{"text":"{{user.name}} {{n}}"}"#), ..HookFields::default() };
    let hook = shop.hook(of(&receiver.url, fields)).await;
    publish(&shop, r#"{"user":{"name":"Ada \"A\""},"n":1.50}"#).await;
    let body = r#"{"text":"Ada \"A\" 1.50"}"#;
    assert_eq!(receiver.next().await.body, body);
    let sent = logged(&shop, &hook).await.remove(0);
    assert_eq!(sent.request_body, SentBody::Own(body.into()));
    let other = HookFields { template: template("{\"other\":true}"), ..HookFields::default() };
    shop.update(&hook, other).await;
    shop.house.engine.resend(&shop.mia, shop.scope, hook.hook.id, sent.id).await.unwrap();
    assert_eq!(receiver.next().await.body, body, "what was sent is sent again, whatever was edited");
    shop.house.engine.test_hook(&shop.mia, shop.scope, hook.hook.id, "push_events").await.unwrap();
    assert_eq!(receiver.next().await.body, "{\"other\":true}");
    let none = HookFields { template: template(""), ..HookFields::default() };
    assert_eq!(shop.update(&hook, none).await.hook.template, None);
    publish(&shop, "{ \"n\" : 1 }").await;
    assert_eq!(receiver.next().await.body, "{ \"n\" : 1 }");
}

#[tokio::test]
async fn what_waits_keeps_the_bytes_that_were_made_of_it() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    receiver.answer_with(500);
    let policy =
        FailurePolicy { threshold: 1, first_pause: Duration::from_secs(60), ..FailurePolicy::REFERENCE };
    let fields = HookFields {
        template: template("{\"v\":1,\"n\":{{n}}}"),
        failure_policy: Some(PolicyChoice::Own(policy)),
        ..HookFields::default()
    };
    let hook = shop.hook(of(&receiver.url, fields)).await;
    publish(&shop, "{\"n\":1}").await;
    let long = format!("{{\"n\":2,\"long\":\"{}\"}}", "x".repeat(100 << 10));
    publish(&shop, &long).await;
    receiver.answer_with(200);
    shop.update(&hook, HookFields { template: template("{\"v\":2,\"n\":{{n}}}"), ..HookFields::default() })
        .await;
    shop.house.engine.settle().await;
    publish(&shop, "{\"n\":3}").await;
    shop.house.clock.advance(Duration::from_secs(10));
    shop.house.engine.settle().await;
    let mut bodies: Vec<_> = receiver.seen().into_iter().map(|arrived| arrived.body).collect();
    bodies.sort();
    let expected = ["{\"v\":1,\"n\":1}", "{\"v\":1,\"n\":1}", "{\"v\":1,\"n\":2}", "{\"v\":2,\"n\":3}"];
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn a_template_that_makes_no_json_fails_with_words_and_goes_out_once_it_is_mended() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let fields = HookFields { template: template("{\"a\":{{name}}}"), ..HookFields::default() };
    let hook = shop.hook(of(&receiver.url, fields)).await;
    publish(&shop, "{\"name\":\"Ada\"}").await;
    let failed = logged(&shop, &hook).await.remove(0);
    let Outcome::Failure(failure) = &failed.outcome else { panic!("it cannot be made") };
    assert!(
        failure.text.starts_with("The hook's template does not make JSON of this payload"),
        "{}",
        failure.text
    );
    assert!(failure.text.contains("Mend it"), "{}", failure.text);
    let view = shop.read(&hook).await;
    assert_eq!((view.hook.health.state.name(), view.waiting), ("unhealthy", 1), "it counts, and it waits");
    assert_eq!(receiver.seen(), []);
    shop.update(&hook, HookFields { template: template("{\"a\":\"{{name}}\"}"), ..HookFields::default() })
        .await;
    shop.house.clock.advance(Duration::from_secs(10));
    shop.house.engine.settle().await;
    assert_eq!(receiver.next().await.body, "{\"a\":\"Ada\"}");
    assert_eq!(shop.read(&hook).await.waiting, 0);
    shop.house.engine.resend(&shop.mia, shop.scope, hook.hook.id, failed.id).await.unwrap();
    assert_eq!(receiver.next().await.body, "{\"a\":\"Ada\"}", "so does what failed, by hand");
    assert_eq!(failed.request_body, SentBody::Unmade, "the log shows no body that was never made");
}

#[tokio::test]
async fn headers_and_secret_parts_go_out_and_nowhere_else() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let fields = HookFields {
        url_variables: vec![set("key", "s3cr3t-part"), set("team", "blue")],
        custom_headers: vec![set("X-Own-Team", "s3cr3t-team"), set("Authorization", "Bearer s3cr3t-bearer")],
        ..HookFields::default()
    };
    let hook = shop.hook(of(&format!("{}/{{key}}?t={{team}}", receiver.url), fields)).await;
    publish(&shop, "{}").await;
    let arrived = receiver.next().await;
    assert_eq!(arrived.path, "/hook/s3cr3t-part?t=blue");
    assert_eq!(arrived.own, ["x-own-team: s3cr3t-team", "authorization: Bearer s3cr3t-bearer"]);
    let sent = logged(&shop, &hook).await.remove(0);
    assert_eq!(sent.url, format!("{}/{{key}}?t={{team}}", receiver.url));
    let own: Vec<_> =
        sent.request_headers.iter().rev().take(2).rev().map(|(n, v)| format!("{n}: {v}")).collect();
    assert_eq!(own, ["X-Own-Team: [REDACTED]", "Authorization: [REDACTED]"]);
    assert!(!format!("{sent:?}").contains("s3cr3t"));
    assert!(!format!("{:?}", shop.read(&hook).await).contains("s3cr3t"));

    let elsewhere = of(
        "http://{host}:9/",
        HookFields { url_variables: vec![set("host", "s3cr3t-host.invalid")], ..HookFields::default() },
    );
    let hook = shop.hook(elsewhere).await;
    let test = shop.house.engine.test_hook(&shop.mia, shop.scope, hook.hook.id, "push_events").await.unwrap();
    let Outcome::Failure(failure) = &test.outcome else { panic!("it cannot be reached") };
    assert!(failure.text.contains("{host}") && !failure.text.contains("s3cr3t"), "{}", failure.text);
}

#[tokio::test]
async fn secrets_go_where_they_were_given_for_and_stay_with_the_same_address() {
    let shop = Shop::new().await;
    let names = |hook: &HookView| {
        let names = |named: &[wigwag_hooks::NamedSecret]| {
            named.iter().map(|one| one.name.clone()).collect::<Vec<_>>().join(",")
        };
        let token = if hook.hook.token.is_some() { "token" } else { "" };
        format!("{} {} {token}", names(&hook.hook.url_variables), names(&hook.hook.custom_headers))
    };
    let full = async || {
        let fields = HookFields {
            url_variables: vec![set("host", "127.0.0.1"), set("key", "k"), set("q", "1")],
            custom_headers: vec![set("X-Own-A", "1"), set("X-Own-B", "2")],
            token: Some(Secret::new("t".into())),
            ..HookFields::default()
        };
        shop.hook(of("http://u:p@{host}:9/{key}?q={q}", fields)).await
    };
    let edit = |fields: HookFields| async {
        let hook = full().await;
        let edited = shop.house.engine.update_hook(&shop.mia, shop.scope, hook.hook.id, fields).await;
        match edited {
            Ok(view) => names(&view),
            Err(error) => error.to_string(),
        }
    };
    let all = "host,key,q X-Own-A,X-Own-B token";
    let shown = "http://***:***@{host}:9/{key}?q={q}";
    let keep = |name: &str| NamedEdit::Keep(name.to_owned());
    assert_eq!(edit(to(shown)).await, all, "the same URL clears nothing");
    assert_eq!(edit(HookFields::default()).await, all);
    let same = vec![keep("host"), keep("key"), keep("q")];
    assert_eq!(edit(of(shown, HookFields { url_variables: same, ..HookFields::default() })).await, all);
    let query = vec![set("q", "2")];
    assert_eq!(edit(HookFields { url_variables: query, ..HookFields::default() }).await, all);
    assert_eq!(edit(to("http://{host}:9/{key}?other")).await, all, "a query may change");
    let removed = vec![NamedEdit::Remove("x-own-a".into()), set("X-Own-C", "3")];
    let after = edit(HookFields { custom_headers: removed, ..HookFields::default() }).await;
    assert_eq!(after, "host,key,q X-Own-B,X-Own-C token");

    let moved = vec![set("key", "other")];
    let after = edit(HookFields { url_variables: moved, ..HookFields::default() }).await;
    assert!(after.starts_with("url names {host}, and no URL variable"), "{after}");
    let anew = vec![set("key", "other"), set("host", "127.0.0.1"), set("q", "1")];
    let after = edit(HookFields { url_variables: anew.clone(), ..HookFields::default() }).await;
    assert_eq!(after, "key,host,q  ", "token and headers do not follow a path that is another one");
    let header = vec![set("X-Own-A", "new")];
    let fields = HookFields { url_variables: anew, custom_headers: header, ..HookFields::default() };
    assert_eq!(edit(fields).await, "key,host,q X-Own-A ");
    assert_eq!(edit(to("http://127.0.0.1:9/elsewhere")).await, "  ");
    let unknown = vec![keep("X-Own-Z")];
    let after = edit(HookFields { custom_headers: unknown, ..HookFields::default() }).await;
    assert!(after.starts_with("custom_headers has no value for X-Own-Z"), "{after}");

    let hook = full().await;
    let anew = vec![set("key", "other"), set("host", "127.0.0.1"), set("q", "1")];
    let view = shop.update(&hook, HookFields { url_variables: anew, ..HookFields::default() }).await;
    assert_eq!(view.hook.url.expose(), "http://{host}:9/{key}?q={q}", "nor do the URL's credentials");
    assert_eq!(view.hook.redirected_at, Some(shop.house.engine.now()));
}

#[tokio::test]
async fn what_was_sent_to_another_address_of_the_same_text_is_not_sent_again() {
    let shop = Shop::new().await;
    let receiver = Receiver::start().await;
    let key = |value: &str| HookFields { url_variables: vec![set("key", value)], ..HookFields::default() };
    let hook = shop.hook(of(&format!("{}/{{key}}", receiver.url), key("one"))).await;
    publish(&shop, "{}").await;
    let sent = logged(&shop, &hook).await.remove(0);
    let resend =
        async || verdict(shop.house.engine.resend(&shop.mia, shop.scope, hook.hook.id, sent.id).await);
    assert_eq!(resend().await, "ok");
    shop.house.clock.advance(Duration::from_secs(1));
    shop.update(&hook, key("two")).await;
    assert!(resend().await.starts_with("url has changed since"));
}

#[tokio::test]
async fn pushes_of_other_branches_are_not_wanted() {
    let shop = Shop::new().await;
    let mut receiver = Receiver::start().await;
    let fields = HookFields { branch_filter: Some("release/*".into()), ..HookFields::default() };
    let hook = shop.hook(of(&receiver.url, fields)).await;
    let push = |branch: &str| format!("{{\"ref\":\"refs/heads/{branch}\"}}");
    let arrive = async |receiver: &mut Receiver| {
        for branch in ["main", "release/1", "old-release/1"] {
            publish(&shop, &push(branch)).await;
        }
        receiver.seen().into_iter().map(|arrived| String::from_utf8(arrived.body.to_vec()).unwrap()).collect()
    };
    let arrived: Vec<String> = arrive(&mut receiver).await;
    assert_eq!(arrived, [push("release/1")]);
    let HookScope::Project(project) = shop.scope else { panic!("a project's") };
    let query = DeliveryQuery::default();
    let known = shop.house.engine.deliveries(&shop.mia, project, query, Page::default()).await.unwrap();
    assert_eq!(known.total, 1, "what is not wanted is no delivery");
    let regex = HookFields {
        branch_strategy: Some(BranchStrategy::Regex),
        branch_filter: Some("release/\\d$".into()),
        ..HookFields::default()
    };
    shop.update(&hook, regex).await;
    let arrived: Vec<String> = arrive(&mut receiver).await;
    assert_eq!(arrived, [push("release/1"), push("old-release/1")]);
    let all = HookFields { branch_strategy: Some(BranchStrategy::AllBranches), ..HookFields::default() };
    assert_eq!(shop.update(&hook, all).await.hook.branch_filter.pattern, "");
    let arrived: Vec<String> = arrive(&mut receiver).await;
    assert_eq!(arrived.len(), 3);
    let odd = HookFields {
        branch_strategy: Some(BranchStrategy::Regex),
        branch_filter: Some("(".into()),
        ..HookFields::default()
    };
    let refused = verdict(shop.house.engine.update_hook(&shop.mia, shop.scope, hook.hook.id, odd).await);
    assert!(refused.starts_with("push_events_branch_filter is no regular expression"), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_kept() {
    let shop = Shop::new().await;
    let made = async |fields: HookFields| {
        verdict(shop.house.engine.create_hook(&shop.mia, shop.scope, of("http://127.0.0.1:9/", fields)).await)
    };
    let header = |name: &str| HookFields { custom_headers: vec![set(name, "1")], ..HookFields::default() };
    for name in
        ["X-Gitlab-Token", "x-gitlab-event", "User-Agent", "Idempotency-Key", "webhook-signature", "Host"]
    {
        let told = made(header(name)).await;
        assert!(told.starts_with(&format!("custom_headers must not set {name}")), "{told}");
    }
    let many = |count: usize| (0..count).map(|n| set(&format!("v{n}"), "1")).collect::<Vec<_>>();
    for (count, verdict) in [(20, "ok"), (21, "custom_headers must be at most 20")] {
        assert_eq!(made(HookFields { custom_headers: many(count), ..HookFields::default() }).await, verdict);
    }
    for (count, verdict) in [(20, "ok"), (21, "url_variables must be at most 20")] {
        assert_eq!(made(HookFields { url_variables: many(count), ..HookFields::default() }).await, verdict);
    }
    let told = made(HookFields { template: template("Hello {{name}}"), ..HookFields::default() }).await;
    assert!(told.starts_with("custom_webhook_template must be JSON"), "{told}");
    let engine = &shop.house.engine;
    let url = async |url: &str, variables| {
        let fields = of(url, HookFields { url_variables: variables, ..HookFields::default() });
        verdict(engine.create_hook(&shop.mia, shop.scope, fields).await)
    };
    assert!(
        url("http://127.0.0.1:9/{key}", vec![]).await.starts_with("url names {key}, and no URL variable")
    );
    let told = url("http://{host}/", vec![set("host", "10.11.12.13")]).await;
    assert!(told.contains("{host} is not allowed") && !told.contains("10.11.12.13"), "{told}");
    let told = url("http://127.0.0.1:9/{key}", vec![set("key", &"k".repeat(2_048))]).await;
    assert!(told.starts_with("url is too long"), "{told}");
}
