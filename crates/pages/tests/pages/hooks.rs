//! A hook from its making to its end, by its pages alone.

use crate::browser::{Browser, Page};
use crate::house::House;
use std::sync::atomic::Ordering;
use std::time::Duration;
use wigwag_access::{AccessLevel, Source};
use wigwag_base::{HookId, Secret};
use wigwag_engine::hook_admin::HookFields;
use wigwag_hooks::HookScope;

struct Shop {
    house: House,
    scope: HookScope,
}

impl Shop {
    async fn new() -> Self {
        let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
        let acme = house.group("acme", "Acme").await;
        let shop = house.project(acme, "shop", "Shop").await;
        for (username, level) in [("mara", AccessLevel::Maintainer), ("rupert", AccessLevel::Reporter)] {
            let user = house.user(username, username).await;
            house.member(&user, Source::Project(shop.id), level).await;
        }
        house.user("stranger", "Stranger").await;
        Self { house, scope: HookScope::Project(shop.id) }
    }

    async fn browser(&self, username: &str) -> Browser {
        Browser::of(self.house.router(), username).await
    }

    async fn state(&self, id: i64) -> &'static str {
        let view = self.house.engine.hook(&self.house.root, self.scope, HookId(id)).await.unwrap();
        view.hook.health.state.name()
    }

    fn project(&self) -> wigwag_base::ProjectId {
        let HookScope::Project(project) = self.scope else { unreachable!("it is a project's") };
        project
    }

    async fn publish(&self, count: usize) {
        let project = self.project();
        for _ in 0..count {
            self.house.publish(project, "push", r#"{"a":1}"#).await;
        }
    }
}

fn said(page: &Page, words: &str) {
    let main = page.dom.main();
    assert!(main.contains(words), "{words:?} is not in {main:?}");
}

#[tokio::test]
async fn a_hook_is_made_fails_is_mended_and_deleted() {
    let shop = Shop::new().await;
    let mut mara = shop.browser("mara").await;
    said(&mara.get("/acme/shop").await, "A hook is an address that wants events");
    let url = format!("http://{}/switch", shop.house.receiver);
    let fields =
        [("url", url.as_str()), ("name", "Billing"), ("trigger", "push_events"), ("certificate", "check")];
    let page = mara.post("/acme/shop/-/hooks", &fields).await;
    assert_eq!((page.status, page.location()), (303, "/acme/shop/-/hooks/1?done=created"));
    let page = mara.get(page.location()).await;
    said(&page, "The hook is made.");
    said(&page, "Ready. Nothing was sent lately");

    shop.house.switch.store(500, Ordering::SeqCst);
    shop.publish(5).await;
    let hook = shop.house.engine.hook(&shop.house.root, shop.scope, HookId(1)).await.unwrap();
    shop.house.until_health(shop.scope, &hook, "paused").await;
    let page = mara.get("/").await;
    assert!(page.dom.heading().starts_with("1 hook fails"), "{}", page.dom.heading());
    let page = mara.get(&page.dom.link("Billing").unwrap()).await;
    assert_eq!(page.dom.heading(), "Billing paused");
    said(&page, "after 4 failures in a row. It is tried again");
    said(&page, "The receiver answered 500 Internal Server Error");

    let page = mara.post("/acme/shop/-/hooks/1/test", &[("trigger", "push_events")]).await;
    let page = mara.get(page.location()).await;
    assert_eq!(page.dom.heading(), "The test was answered 500 failed");
    said(&page, "a test that fails is not tried again and counts for nothing");
    shop.house.switch.store(200, Ordering::SeqCst);
    let page = mara.post("/acme/shop/-/hooks/1/test", &[("trigger", "push_events")]).await;
    assert_eq!(mara.get(page.location()).await.dom.heading(), "The test was taken delivered");
    assert_eq!(shop.state(1).await, "healthy");
    said(&mara.get("/acme/shop").await, "The hook works");

    let page = mara.get("/acme/shop/-/hooks/1/delete").await;
    said(&page, "This cannot be undone");
    let page = mara.post("/acme/shop/-/hooks/1/delete", &[]).await;
    assert_eq!(page.location(), "/acme/shop?done=deleted");
    said(&mara.get(page.location()).await, "The hook is deleted");
    assert_eq!(mara.get("/acme/shop/-/hooks/1").await.status, 404);
}

#[tokio::test]
async fn what_failed_is_sent_again_from_its_page() {
    let shop = Shop::new().await;
    let hook = shop.house.hook(shop.scope, "Billing", "switch").await;
    shop.house.switch.store(500, Ordering::SeqCst);
    shop.publish(1).await;
    shop.house.until_health(shop.scope, &hook, "unhealthy").await;
    let mut mara = shop.browser("mara").await;
    let page = mara.get("/acme/shop/-/hooks/1/attempts/1").await;
    assert_eq!(page.dom.heading(), "The request was answered 500 failed");
    assert!(page.dom.posts().contains(&"/acme/shop/-/hooks/1/attempts/1/resend".to_owned()));
    shop.house.switch.store(200, Ordering::SeqCst);
    let page = mara.post("/acme/shop/-/hooks/1/attempts/1/resend", &[]).await;
    assert_eq!((page.status, page.location()), (303, "/acme/shop/-/hooks/1/attempts/2"));
    let page = mara.get(page.location()).await;
    assert_eq!(page.dom.heading(), "The resend was taken delivered");
    said(&page, "Nothing more: the event is delivered.");
    said(&mara.get("/acme/shop/-/hooks/1/attempts/1").await, "It was tried again; see the other attempts");
    let page = mara.get("/acme/shop/-/hooks/1/attempts/1/resend").await;
    assert_eq!(
        (page.status, page.location()),
        (303, "/acme/shop/-/hooks/1/attempts/1"),
        "a link sends nothing"
    );

    let fields = [("url", "http://127.0.0.1:9/elsewhere"), ("trigger", "push_events")];
    assert_eq!(mara.post("/acme/shop/-/hooks/1/edit", &fields).await.status, 303);
    let page = mara.post("/acme/shop/-/hooks/1/attempts/1/resend", &[]).await;
    assert_eq!(page.status, 422);
    said(&page, "The hook's URL has changed since");
    assert_eq!(
        shop.browser("rupert").await.post("/acme/shop/-/hooks/1/attempts/1/resend", &[]).await.status,
        403
    );
}

#[tokio::test]
async fn a_form_that_changes_something_else_leaves_the_template_as_it_is() {
    let shop = Shop::new().await;
    let mut mara = shop.browser("mara").await;
    let stored = async || {
        let view = shop.house.engine.hook(&shop.house.root, shop.scope, HookId(1)).await.unwrap();
        (view.hook.name, view.hook.template.unwrap().as_str().to_owned())
    };
    let url = format!("http://{}/", shop.house.receiver);
    let url_alone = HookFields { url: Some(Secret::new(url.clone())), ..HookFields::default() };
    shop.house.engine.create_hook(&shop.house.root, shop.scope, url_alone).await.unwrap();
    let set = async |template: &str| {
        let fields = HookFields { template: Some(template.to_owned()), ..HookFields::default() };
        shop.house.engine.update_hook(&shop.house.root, shop.scope, HookId(1), fields).await.unwrap();
    };
    for template in ["{\n  \"a\": 1\n}\n", "\n{\"a\":\r\n1}", "{\"a\":\r1}"] {
        set(template).await;
        // As a browser sends what the form shows.
        let sent = template.trim_start_matches('\n').replace("\r\n", "\n").replace(['\r', '\n'], "\r\n");
        let fields = [("url", url.as_str()), ("name", "other"), ("template", &sent)];
        assert_eq!(mara.post("/acme/shop/-/hooks/1/edit", &fields).await.status, 303);
        assert_eq!(stored().await, ("other".to_owned(), template.to_owned()));
    }
    let fields = [("url", url.as_str()), ("template", "{\r\n\"b\": 1\r\n}")];
    assert_eq!(mara.post("/acme/shop/-/hooks/1/edit", &fields).await.status, 303);
    assert_eq!(stored().await.1, "{\n\"b\": 1\n}");
    assert_eq!(mara.post("/acme/shop/-/hooks/1/edit", &[("url", url.as_str())]).await.status, 303);
    let view = shop.house.engine.hook(&shop.house.root, shop.scope, HookId(1)).await.unwrap();
    assert_eq!(view.hook.template, None);
}

#[tokio::test]
async fn a_form_says_what_a_request_is_and_shows_no_secret() {
    let shop = Shop::new().await;
    let mut mara = shop.browser("mara").await;
    let url = format!("http://{}/{{status}}", shop.house.receiver);
    let mut fields = vec![
        ("url", url.as_str()),
        ("trigger", "push_events"),
        ("certificate", "check"),
        ("url_variables", "status = 200\r\n"),
        ("custom_headers", "X-Team: hush-team\r\n\r\nX-Other: 2"),
        ("template", "Hello {{user.name}}"),
        ("branch_strategy", "regex"),
        ("branch_filter", "^main$"),
    ];
    let page = mara.post("/acme/shop/-/hooks", &fields).await;
    assert_eq!(page.status, 422);
    said(&page, "The template must be JSON once its places are filled");
    assert!(page.html.contains("Hello {{user.name}}"), "what was typed stays");
    assert!(!page.html.contains("hush-"), "secrets are typed anew");
    fields[5].1 = "{\"text\": \"{{user.name}}\"}";
    assert_eq!(mara.post("/acme/shop/-/hooks", &fields).await.status, 303);
    let view = shop.house.engine.hook(&shop.house.root, shop.scope, HookId(1)).await.unwrap();
    assert_eq!(view.hook.custom_headers.len(), 2);
    assert_eq!(view.hook.branch_filter.pattern, "^main$");
    let page = mara.post("/acme/shop/-/hooks/1/test", &[("trigger", "push_events")]).await;
    let page = mara.get(page.location()).await;
    said(&page, "The test was taken");
    said(&page, "{ \"text\": \"Ada Example\" }");

    let page = mara.get("/acme/shop/-/hooks/1/edit").await;
    said(&page, "Remove X-Team");
    assert!(!page.html.contains("hush-"));
    fields[3].1 = "";
    fields[4].1 = "X-Third: 3";
    fields.push(("remove_header", "X-Team"));
    assert_eq!(mara.post("/acme/shop/-/hooks/1/edit", &fields).await.status, 303);
    let view = shop.house.engine.hook(&shop.house.root, shop.scope, HookId(1)).await.unwrap();
    let names: Vec<_> = view.hook.custom_headers.iter().map(|header| header.name.as_str()).collect();
    assert_eq!(names, ["X-Other", "X-Third"]);
    assert_eq!(view.hook.url_variables.len(), 1, "what is not named stays");
    fields[4].1 = "no colon";
    let page = mara.post("/acme/shop/-/hooks/1/edit", &fields).await;
    said(&page, "Your own headers must have one name and value a line");
    said(&mara.get("/acme/shop/-/hooks/1/delete").await, "the values of its own headers");
}

#[tokio::test]
async fn buttons_turn_off_on_and_enable() {
    let shop = Shop::new().await;
    let hook = shop.house.hook(shop.scope, "Gone", "410").await;
    shop.publish(1).await;
    shop.house.until_health(shop.scope, &hook, "disabled").await;
    let mut mara = shop.browser("mara").await;
    let page = mara.post("/acme/shop/-/hooks/1/enable", &[]).await;
    said(&mara.get(page.location()).await, "The hook is enabled");
    let page = mara.post("/acme/shop/-/hooks/1/off", &[]).await;
    let page = mara.get(page.location()).await;
    assert_eq!(page.dom.heading(), "Gone switched off");
    assert!(page.dom.posts().contains(&"/acme/shop/-/hooks/1/on".to_owned()));
    let page = mara.post("/acme/shop/-/hooks/1/on", &[]).await;
    said(&mara.get(page.location()).await, "The hook is on again");
    assert_eq!(shop.state(1).await, "healthy");
}

#[tokio::test]
async fn a_refused_field_is_named_and_what_was_typed_stays() {
    let shop = Shop::new().await;
    let mut mara = shop.browser("mara").await;
    let check = async |mara: &mut Browser, field: &str, value: &str, rule: &str| {
        let url = format!("http://{}/200", shop.house.receiver);
        let mut fields = vec![("url", url.as_str()), ("name", "kept <&> \"name\""), ("failures", "own")];
        fields.extend([
            ("threshold", "4"),
            ("first_pause_s", "60"),
            ("factor", "2"),
            ("max_pause_s", "3600"),
        ]);
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let page = mara.post("/acme/shop/-/hooks", &fields).await;
        assert_eq!(page.status, 422, "{field}={value}");
        said(&page, rule);
        assert_eq!(page.dom.value(field).as_deref(), Some(value), "{field}");
        let name = page.dom.value("name");
        assert!(field == "name" || name.as_deref() == Some("kept <&> \"name\""), "{name:?}");
    };
    check(&mut mara, "url", "", "Nothing was saved. The URL is missing.").await;
    check(&mut mara, "url", "ftp://x.example", "The URL").await;
    check(&mut mara, "url", "http://10.0.0.1/", "The URL is not one that requests may go to").await;
    check(&mut mara, "name", &"x".repeat(256), "The name is too long (maximum is 255 characters).").await;
    check(&mut mara, "event_types", "in voice*!", "Your own event types must hold patterns").await;
    check(&mut mara, "rate_per_minute", "many", "Most deliveries a minute must be a whole number").await;
    check(&mut mara, "rate_per_minute", "0", "Most deliveries a minute must be between 1 and").await;
    check(&mut mara, "threshold", "0", "“Pause at” must be between 1 and 1000").await;
    check(&mut mara, "first_pause_s", "-1", "The first pause must be a whole number").await;
    check(&mut mara, "factor", "NaN", "The factor must be between 1 and 100").await;
    check(&mut mara, "delays", "5, soon", "delays must be a whole number").await;
    said(&mara.get("/acme/shop").await, "No hooks yet");
}

#[tokio::test]
async fn an_edit_keeps_what_the_form_does_not_show() {
    let shop = Shop::new().await;
    let mut mara = shop.browser("mara").await;
    let (url, moved) =
        (format!("http://me:pw@{}/200", shop.house.receiver), format!("http://{}/201", shop.house.receiver));
    let fields = [("url", url.as_str()), ("token", "hush-hush"), ("trigger", "push_events")];
    assert_eq!(mara.post("/acme/shop/-/hooks", &fields).await.status, 303);
    let page = mara.get("/acme/shop/-/hooks/1/edit").await;
    let shown = page.dom.value("url").unwrap();
    assert!(shown.contains("***:***@") && !page.html.contains("hush-hush") && !page.html.contains("me:pw"));
    let token = async || {
        let view = shop.house.engine.hook(&shop.house.root, shop.scope, HookId(1)).await.unwrap();
        (view.hook.token.map(|token| token.expose().clone()), view.hook.url.expose().clone())
    };
    let fields = [("url", shown.as_str()), ("token", ""), ("trigger", "push_events"), ("name", "New")];
    assert_eq!(mara.post("/acme/shop/-/hooks/1/edit", &fields).await.status, 303);
    assert_eq!(token().await, (Some("hush-hush".into()), url.clone()));
    let fields = [("url", moved.as_str()), ("trigger", "push_events")];
    assert_eq!(mara.post("/acme/shop/-/hooks/1/edit", &fields).await.status, 303);
    assert_eq!(token().await, (None, moved.clone()));
}

#[tokio::test]
async fn the_log_is_filtered_and_paged() {
    let shop = Shop::new().await;
    shop.house.hook(shop.scope, "Fine", "200").await;
    shop.publish(25).await;
    let root = shop.house.root.clone();
    shop.house
        .until("25 attempts", async |engine| {
            let query = wigwag_engine::AttemptQuery::default();
            engine
                .attempts(&root, shop.scope, HookId(1), query, wigwag_base::Page::default())
                .await
                .unwrap()
                .total
                == 25
        })
        .await;
    let mut mara = shop.browser("mara").await;
    let rows = async |mara: &mut Browser, query: &str| {
        let page = mara.get(&format!("/acme/shop/-/hooks/1{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        let href =
            |link: crate::dom::Element| link.attribute("href").filter(|href| href.contains("/attempts/"));
        (page.dom.all("a").into_iter().filter_map(href).count(), page.dom.link("Older"))
    };
    assert_eq!(rows(&mut mara, "").await, (20, Some("/acme/shop/-/hooks/1?page=2#log".into())));
    assert_eq!(rows(&mut mara, "?page=2").await, (5, None));
    assert_eq!(rows(&mut mara, "?page=99").await, (0, None));
    assert_eq!(rows(&mut mara, "?status=successful&event_type=push&since=1h").await.0, 20);
    assert_eq!(rows(&mut mara, "?status=client_failure").await, (0, None));
    assert_eq!(rows(&mut mara, "?status=200").await.0, 20);
    assert_eq!(rows(&mut mara, "?event_type=nothing").await.0, 0);
    assert_eq!(rows(&mut mara, "?until=1h").await.0, 0);
    let kept = rows(&mut mara, "?status=successful&event_type=push&since=12h").await.1;
    let older = "/acme/shop/-/hooks/1?status=successful&event_type=push&since=12h&page=2#log";
    assert_eq!(kept, Some(older.into()));
    said(&mara.get("/acme/shop/-/hooks/1").await, "Kept for 7 days.");
    assert_eq!(rows(&mut mara, "?status=%00&event_type=%3Cscript%3E&since=never&page=x").await.0, 20);
}

#[tokio::test]
async fn a_hook_that_failed_over_night_says_what_failed_why_what_waits_and_what_to_press() {
    let shop = Shop::new().await;
    let hook = shop.house.hook(shop.scope, "Billing", "switch").await;
    shop.house.switch.store(500, Ordering::SeqCst);
    let fields = wigwag_engine::hook_admin::HookFields {
        retry_policy: Some(Some(wigwag_hooks::RetryPolicy { delays: Vec::new() })),
        ..Default::default()
    };
    let (engine, root) = (&shop.house.engine, &shop.house.root);
    engine.update_hook(root, shop.scope, HookId(1), fields).await.unwrap();
    let mut mara = shop.browser("mara").await;
    said(&mara.get("/acme/shop/-/hooks/1").await, "Nothing in the last 7 days.");
    said(&mara.get("/acme/shop/-/hooks/1/deliveries").await, "No event for this hook is kept.");
    said(&mara.get("/acme/shop/-/hooks/1/replay").await, "Nothing to send again");
    for _ in 0..4 {
        shop.publish(1).await;
        engine.settle().await;
    }
    shop.house.until_health(shop.scope, &hook, "paused").await;
    shop.publish(2).await;
    engine.settle().await;

    let page = mara.get("/acme/shop/-/hooks/1").await;
    for words in [
        "Billing paused",
        "The receiver answered 500",
        "2 waiting",
        "Its hook is paused because it failed. It goes on in",
        "4 given up",
    ] {
        said(&page, words);
    }
    let page = mara.get(&page.dom.link("4 given up").unwrap()).await;
    assert_eq!(page.dom.value("state"), None, "it is a choice, not a text");
    said(&page, "1 try failed; no retries are left. The receiver answered 500");
    let none = mara.get("/acme/shop/-/hooks/1/deliveries?state=expired&since=1h").await;
    said(&none, "No delivery fits this filter.");
    let page = mara.get(&page.dom.link("Send some again").unwrap()).await;
    assert_eq!(page.dom.heading(), "Send 4 deliveries again to Billing?");
    said(&page, "The hook fails at present: they wait");
    let odd = mara.get("/acme/shop/-/hooks/1/replay?event_type=a%20b").await;
    said(&odd, "The event type is no event type");

    let form = [
        ("state", page.dom.value("state").unwrap_or_default()),
        ("until_ms", page.dom.value("until_ms").unwrap()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = mara.post("/acme/shop/-/hooks/1/replay", &form).await;
    assert_eq!((page.status, page.location()), (303, "/acme/shop/-/hooks/1?done=replayed&count=4"));
    let page = mara.get(page.location()).await;
    said(&page, "4 deliveries wait once more, to go out as the hook allows.");
    said(&page, "6 waiting");
    shop.house.switch.store(200, Ordering::SeqCst);
    mara.post("/acme/shop/-/hooks/1/test", &[("trigger", "push_events")]).await;
    engine.settle().await;
    let page = mara.get("/acme/shop/-/hooks/1").await;
    said(&page, "Nothing in the last 7 days.");

    let mut rupert = shop.browser("rupert").await;
    for path in ["/acme/shop/-/hooks/1/deliveries", "/acme/shop/-/hooks/1/replay"] {
        assert_eq!(rupert.get(path).await.status, 403, "{path}");
    }
    assert_eq!(rupert.post("/acme/shop/-/hooks/1/replay", &[]).await.status, 403);
}

#[tokio::test]
async fn what_did_not_reach_a_groups_hook_is_sent_again_by_its_page() {
    let shop = Shop::new().await;
    let (engine, root) = (&shop.house.engine, &shop.house.root);
    let acme = engine.project(root, wigwag_ports::registry::PathKey::Id(shop.project())).await.unwrap();
    let scope = HookScope::Group(acme.ancestors[0].id);
    let hook = shop.house.hook(scope, "Billing", "200").await.hook.id;
    let off = HookFields { enabled: Some(wigwag_hooks::Switch::Off), ..HookFields::default() };
    engine.update_hook(root, scope, hook, off).await.unwrap();
    shop.publish(2).await;
    engine.settle().await;
    let mut owner = Browser::of(shop.house.router(), "root").await;
    let path = format!("/groups/acme/-/hooks/{hook}");
    let page = owner.get(&path).await;
    let page = owner.get(&page.dom.link("Send them again").unwrap()).await;
    assert_eq!(page.dom.heading(), "Send 2 deliveries again to Billing?");
    said(&page, "The hook is switched off: they wait until it is on again.");
    let until = page.dom.value("until_ms").unwrap();
    let page = owner.post(&format!("{path}/replay"), &[("until_ms", &until)]).await;
    assert_eq!(page.status, 303);
    said(&owner.get(page.location()).await, "2 deliveries wait once more");
    let mut mara = shop.browser("mara").await;
    assert_eq!(mara.get(&format!("{path}/replay")).await.status, 404);
    assert_eq!(mara.post(&format!("{path}/replay"), &[]).await.status, 404);
}

#[tokio::test]
async fn each_role_sees_what_is_its_own() {
    let shop = Shop::new().await;
    shop.house.hook(shop.scope, "Billing", "200").await;
    let mut rupert = shop.browser("rupert").await;
    let page = rupert.get("/acme/shop").await;
    assert_eq!(page.status, 200);
    said(&page, "Hooks are shown to those who may administer them.");
    assert!(!page.html.contains("Billing"));
    for path in ["/acme/shop/-/hooks/1", "/acme/shop/-/hooks/new", "/acme/shop/-/hooks/1/edit"] {
        assert_eq!(rupert.get(path).await.status, 403, "{path}");
    }
    assert_eq!(rupert.post("/acme/shop/-/hooks/1/delete", &[]).await.status, 403);
    let mut stranger = shop.browser("stranger").await;
    for path in
        ["/acme", "/acme/shop", "/acme/shop/-/hooks/1", "/projects/1/hooks/1", "/-/system", "/acme/nothing"]
    {
        let page = stranger.get(path).await;
        assert_eq!((page.status, page.dom.heading().as_str()), (404, "There is nothing here"), "{path}");
    }
    let mut mara = shop.browser("mara").await;
    let page = mara.get("/projects/1/hooks/1").await;
    assert_eq!((page.status, page.location()), (303, "/acme/shop/-/hooks/1"));
    let page = mara.get("/acme/shop").await;
    said(&page, "rupert reporter may not administer hooks");
    said(&page, "mara maintainer will see it when a hook fails");
}

#[tokio::test]
async fn the_project_says_who_sees_the_banner_and_why_others_do_not() {
    let shop = Shop::new().await;
    let hook = shop.house.hook(shop.scope, "Gone", "410").await;
    shop.publish(1).await;
    shop.house.until_health(shop.scope, &hook, "disabled").await;
    let mut mara = shop.browser("mara").await;
    let page = mara.get("/acme/shop").await;
    said(&page, "Webhook disabled “Gone” was disabled");
    said(&page, "The flag webhooks_failed_callout is off here");
    said(&page, "mara maintainer would see it; the flag is off");
    let command = "feature set webhooks_failed_callout true --project=acme/shop";
    assert!(shop.house.engine.run_command(&shop.house.root, command, None, "console").await.unwrap().ok);
    let page = mara.get("/acme/shop").await;
    said(&page, "mara maintainer sees it now");
    said(&page, "rupert reporter may not administer hooks");
    let user = shop.house.engine.find_user(wigwag_ports::registry::UserKey::Username("mara".into())).await;
    let mara_herself = crate::house::signed_in(&user.unwrap().unwrap());
    let HookScope::Project(project) = shop.scope else { unreachable!("it is a project's") };
    let oneself = wigwag_engine::callouts::Viewer::Oneself;
    let dismissed = shop.house.engine.dismiss_callout(
        &mara_herself,
        &oneself,
        Source::Project(project),
        "web_hook_disabled",
    );
    dismissed.await.unwrap();
    said(&mara.get("/acme/shop").await, "mara maintainer closed it; it comes back when a hook gets worse");
    assert_eq!(shop.house.engine.callout_counts().shown, 0, "looking at the preview shows no banner");
}

#[tokio::test]
async fn programs_get_no_login_page() {
    let shop = Shop::new().await;
    let mut browser = Browser::new(shop.house.router());
    for path in ["/api/v4/nothing", "/v1/nothing", "/ofrep/v1/x", "/embed/x"] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.html.as_str()), (404, r#"{"message":"404 Not Found"}"#), "{path}");
    }
}
