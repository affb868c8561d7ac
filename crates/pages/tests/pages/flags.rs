//! Flags on pages: all side by side, one with its gates, and every way to change it.

use crate::browser::{Browser, Page};
use crate::house::House;
use axum::Router;
use axum::http::Method;
use axum::routing::get;
use std::time::Duration;
use tokio::net::TcpListener;
use wigwag_base::Secret;
use wigwag_engine::{Environment, EnvironmentKind, Remote, Settings, Source};
use wigwag_flags::FlagState;

const CHECKOUT: &str = "milestone: '17.3'\ngroup: group::checkout\ndefault_enabled: false\n";
const FLAG: &str = "/-/flags/checkout";

struct Desk {
    house: House,
    browser: Browser,
}

impl Desk {
    /// Root at a server with three projects and the flag `checkout`.
    async fn new() -> Self {
        let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
        let acme = house.group("acme", "Acme").await;
        for path in ["shop", "docs", "quiet"] {
            house.project(acme, path, path).await;
        }
        house.define("beta", "checkout", &format!("{CHECKOUT}description: Pay with one click.\n")).await;
        let browser = Browser::of(house.router(), "root").await;
        Self { house, browser }
    }

    async fn open(&mut self, path: &str) -> Page {
        let page = self.browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.dom.main());
        page
    }

    /// Previews a change, and makes it with what the preview's button sends.
    async fn preview(&mut self, query: &str) -> (Page, Vec<(String, String)>) {
        let page = self.open(&format!("{FLAG}/change?{query}")).await;
        let sent = button(&page, &format!("{FLAG}/change"));
        (page, sent)
    }

    async fn press(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.browser.post(path, &fields).await
    }

    fn stored(&self, environment: &str) -> Option<FlagState> {
        let view = self.house.engine.flag(&self.house.root, environment, "checkout").unwrap();
        view.stored.as_deref().cloned()
    }
}

/// The hidden fields of the first form that posts to `action`; none if there is no such form.
fn button(page: &Page, action: &str) -> Vec<(String, String)> {
    let forms = page.dom.all("form");
    let is_it = |form: &&crate::dom::Element| {
        form.attribute("action").as_deref() == Some(action)
            && form.attribute("method").as_deref() == Some("post")
    };
    let Some(form) = forms.iter().find(is_it) else { return Vec::new() };
    let fields = form.all("input").into_iter();
    fields.filter_map(|field| Some((field.attribute("name")?, field.attribute("value")?))).collect()
}

#[tokio::test]
async fn flags_stand_side_by_side_and_are_narrowed() {
    let mut desk = Desk::new().await;
    let old = "milestone: '16.9'\ngroup: group::search\ndefault_enabled: false\nowners: [mara]\n";
    desk.house.define("derisk", "faster_search", old).await;
    desk.house.define("wip", "half", "milestone: 17.10\n").await;
    desk.house.run("feature set checkout true --dev", "cli").await;
    desk.house.run("feature set checkout true --project=acme/shop", "cli").await;
    let page = desk.open("/-/flags").await;
    let main = page.dom.main();
    assert_eq!(page.dom.heading(), "7 flags");
    for told in [
        "In production: 1 on, 1 conditional, 5 off, 1 past its life.",
        "past its life: 6 milestones old; ask mara",
        "wip/half.yml:5 milestone is a number",
        "on set off by default conditional 1 project",
        "also read by production-canary",
    ] {
        assert!(main.contains(told), "{told} is not in {main}");
    }
    let rows = async |desk: &mut Desk, query: &str| {
        let page = desk.open(&format!("/-/flags?{query}")).await;
        let table = page.dom.all("table").pop();
        let links = table.map_or_else(Vec::new, |table| table.all("a"));
        links.iter().map(crate::dom::Element::text).collect::<Vec<_>>()
    };
    assert_eq!(rows(&mut desk, "q=PAY").await, ["checkout"]);
    assert_eq!(rows(&mut desk, "q=mara&state=past").await, ["faster_search"]);
    assert_eq!(rows(&mut desk, "state=on&in=dev").await, ["auto_disabling_web_hooks", "checkout"]);
    assert_eq!(rows(&mut desk, "state=conditional&in=production-canary").await, ["checkout"]);
    assert_eq!(rows(&mut desk, "type=ops").await, ["auto_disabling_web_hooks"]);
    assert_eq!(rows(&mut desk, "in=nowhere&state=nonsense&type=none&page=1").await.len(), 7);
    let none = desk.open("/-/flags?q=%3Cb%3E").await;
    assert!(none.dom.main().contains("No flag fits this filter."));
    assert_eq!(none.dom.value("q").as_deref(), Some("<b>"));
}

#[tokio::test]
async fn a_flag_says_its_state_first_and_what_stands_in_its_way() {
    let mut desk = Desk::new().await;
    desk.house.define("ops", "cards", CHECKOUT).await;
    let needs = format!("{CHECKOUT}depends_on: [cards]\nfeature_issue_url: https://code.example/7\n");
    desk.house.define("beta", "checkout", &needs).await;
    desk.house.run("feature set cards true --staging", "cli").await;
    desk.house.run("feature set checkout true --staging", "cli").await;
    desk.house.run("feature set cards false --staging", "cli").await;
    let page = desk.open(FLAG).await;
    let main = page.dom.main();
    assert_eq!(page.dom.heading(), "checkout");
    for told in [
        "Off in dev and production, on in staging.",
        "In staging nobody gets it: it depends on cards, which is off there.",
        "Depends on cards Off everywhere.",
        "never set (off by default) → on for everyone",
        "root, from the command line",
    ] {
        assert!(main.contains(told), "{told} is not in {main}");
    }
    let outside = page.dom.all("a").into_iter().find(|link| link.text() == "code.example/7").unwrap();
    assert_eq!(outside.attribute("rel").as_deref(), Some("noreferrer"));
    assert!(desk.open("/-/flags/cards").await.dom.main().contains("Goes dark with it checkout"));
    for path in ["/-/flags/nothing", "/-/flags/a%20b", "/-/flags/nothing/change", "/-/flags/checkout/x"] {
        assert_eq!(desk.browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_actor_is_tried_by_path_name_or_id() {
    let mut desk = Desk::new().await;
    desk.house.run("feature set checkout true --project=acme/shop", "cli").await;
    let asked = async |desk: &mut Desk, query: &str| {
        let page = desk.open(&format!("{FLAG}?{query}")).await;
        let form = page
            .dom
            .all("section")
            .into_iter()
            .find(|part| part.attribute("aria-labelledby").as_deref() == Some("try"));
        form.unwrap().text()
    };
    let told = asked(&mut desk, "actor=acme/shop&in=production-canary").await;
    assert!(told.contains("On because Project:1 is in the list."), "{told}");
    assert!(told.contains("asked acme/shop Project:1 in production-canary gate actors bucket"), "{told}");
    let told = asked(&mut desk, "actor=Tenant:7,+@root&in=dev").await;
    assert!(told.contains("Off because nothing is stored and its default is off."), "{told}");
    assert!(asked(&mut desk, "actor=").await.contains("asked without an actor in production"));
    assert!(asked(&mut desk, "actor=acme/shoop").await.contains("did you mean \"acme/shop\"?"));
    let many = ["Project:1"; 11].join(",");
    assert!(asked(&mut desk, &format!("actor={many}")).await.contains("At most 10 actors"));
    let counted = desk.house.engine.exposures(&desk.house.root, "production", "checkout").unwrap();
    assert_eq!(counted.totals, [], "a question on the page counts for nothing");
}

#[tokio::test]
async fn a_change_is_shown_before_it_is_made() {
    let mut desk = Desk::new().await;
    let (page, sent) = desk.preview("environment=production&change=on&kind=project&names=acme/shop").await;
    let main = page.dom.main();
    for told in [
        "This is what would change",
        "This turns it on for 1 of 3 projects. It is on for 0 now and for 1 then.",
        "passed You may make this change",
        "feature set checkout true --project=acme/shop --env=production",
    ] {
        assert!(main.contains(told), "{told} is not in {main}");
    }
    assert_eq!(desk.stored("production"), None, "nothing is made by looking");
    let made = desk.press(&format!("{FLAG}/change"), &sent).await;
    assert_eq!((made.status, made.location()), (303, "/-/flags/checkout?done=changed&at=production"));
    let shop = FlagState { actors: ["Project:1".parse().unwrap()].into(), ..FlagState::default() };
    assert_eq!(desk.stored("production"), Some(shop));

    let (page, _) = desk.preview("environment=production&change=false&count=project").await;
    let main = page.dom.main();
    assert!(main.contains("This turns it off for 1 of 3 projects."), "{main}");
    assert!(main.contains("Lost by it: the list of those it is on for by name: 1 project"), "{main}");
    let (page, sent) = desk.preview("environment=production&change=on&names=acme/shop").await;
    assert_eq!(page.dom.heading(), "Nothing would change");
    assert_eq!(sent, [], "there is no button for nothing");
}

#[tokio::test]
async fn only_what_was_shown_is_made() {
    let mut desk = Desk::new().await;
    let (_, sent) = desk.preview("environment=production&change=share&share=25").await;
    desk.house.run("feature set checkout true --project=acme/shop", "cli").await;
    let page = desk.press(&format!("{FLAG}/change"), &sent).await;
    assert_eq!(page.status, 409);
    let main = page.dom.main();
    assert!(main.contains("Nothing was changed: checkout was changed in production since"), "{main}");
    assert!(main.contains("1 project and 25 % of the others"), "shown anew: {main}");
    let shop = FlagState { actors: ["Project:1".parse().unwrap()].into(), ..FlagState::default() };
    assert_eq!(desk.stored("production"), Some(shop));
    let again = button(&page, &format!("{FLAG}/change"));
    assert_eq!(desk.press(&format!("{FLAG}/change"), &again).await.status, 303);
    assert!(desk.stored("production").unwrap().percentage_of_actors.is_some());
    let unseen: Vec<(String, String)> = again.into_iter().filter(|(name, _)| name != "seen").collect();
    assert_eq!(desk.press(&format!("{FLAG}/change"), &unseen).await.status, 422);
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field_and_nothing_is_changed() {
    let mut desk = Desk::new().await;
    let check = async |desk: &mut Desk, query: &str, told: &str| {
        let page = desk.browser.get(&format!("{FLAG}/change?environment=production&{query}")).await;
        assert!(page.dom.main().contains(told), "{query}: {}", page.dom.main());
        assert_eq!(button(&page, &format!("{FLAG}/change")), [], "{query}");
        page.status
    };
    let names = |text: &str| format!("change=on&kind=project&names={text}");
    assert_eq!(check(&mut desk, &names(""), "Name at least one").await, 422);
    assert_eq!(check(&mut desk, &names("acme/shoop"), "did you mean \"acme/shop\"?").await, 200);
    assert_eq!(check(&mut desk, &names("%22x%22y"), "quote").await, 422);
    let many: Vec<String> = (0..101).map(|n| format!("p{n}")).collect();
    assert_eq!(check(&mut desk, &names(&many.join("+")), "101 are named").await, 422);
    assert_eq!(check(&mut desk, "change=share&share=101", "101 is not between 0 and 100.").await, 422);
    assert_eq!(check(&mut desk, "change=share&share=0.0001", "decimals").await, 422);
    assert_eq!(check(&mut desk, "change=share&share=", "Write a number").await, 422);
    assert_eq!(
        check(&mut desk, "change=opt_out&kind=feature-group&names=staff", "cannot opt out").await,
        422
    );
    assert_eq!(
        check(&mut desk, "change=on&kind=feature-group&names=stuff", "there is no feature group").await,
        200
    );
    assert_eq!(check(&mut desk, "change=true&reason=%00", "control").await, 422);
    assert_eq!(desk.stored("production"), None);
    // What is no choice is the first one, and the form says so.
    let page = desk.open(&format!("{FLAG}/change?environment=nowhere&kind=planet")).await;
    let chosen: Vec<String> = page
        .dom
        .all("option")
        .iter()
        .filter(|one| one.attribute("selected").is_some())
        .map(crate::dom::Element::text)
        .collect();
    assert_eq!(chosen[..3], ["production", "On for those named", "projects"]);
}

#[tokio::test]
async fn turning_off_and_taking_back_never_ask() {
    let mut desk = Desk::new().await;
    desk.house.run("feature set checkout 25 --actors", "cli").await;
    let before = desk.stored("production");
    let page = desk.open(FLAG).await;
    let off = button(&page, &format!("{FLAG}/off"));
    assert_eq!(off, [("environment".to_owned(), "production".to_owned())]);
    assert_eq!(desk.press(&format!("{FLAG}/off"), &off).await.status, 303);
    assert_eq!(desk.stored("production").unwrap().boolean, Some(false));

    let page = desk.open(&format!("{FLAG}?done=off&at=production")).await;
    assert!(page.dom.main().contains("Turned off for everyone in production."));
    let undo = button(&page, &format!("{FLAG}/undo"));
    let undone = desk.press(&format!("{FLAG}/undo"), &undo).await;
    assert_eq!(undone.location(), "/-/flags/checkout?done=undone&at=production");
    assert_eq!(desk.stored("production"), before);

    let refused = desk.press(&format!("{FLAG}/undo"), &undo).await;
    assert_eq!(refused.status, 409);
    assert!(refused.dom.main().contains("was changed in production since"), "{}", refused.dom.main());
    assert_eq!(desk.stored("production"), before);
    let nonsense = [("environment", "production"), ("before", "x"), ("after", "y")];
    assert_eq!(desk.browser.post(&format!("{FLAG}/undo"), &nonsense).await.status, 422);
    assert_eq!(desk.browser.post(&format!("{FLAG}/off"), &[("environment", "nowhere")]).await.status, 404);
    let rows = desk.open(&format!("{FLAG}#history")).await;
    assert!(rows.dom.main().contains("root, from a page"));
}

#[tokio::test]
async fn an_override_is_seen_everywhere_and_can_be_lifted() {
    let mut desk = Desk::new().await;
    desk.house.run("feature set checkout true", "cli").await;
    let fields = [("environment", "production-canary"), ("reason", "incident <7>")];
    assert_eq!(desk.browser.post(&format!("{FLAG}/override"), &fields).await.status, 303);
    for path in [FLAG, "/-/flags", "/"] {
        let main = desk.open(path).await.dom.main();
        assert!(main.contains("Switched off") && main.contains("incident <7>"), "{path}: {main}");
    }
    let (page, sent) = desk.preview("environment=production&change=true").await;
    assert_eq!(page.dom.heading(), "This change cannot be made");
    assert_eq!(sent, []);
    let page = desk.open(FLAG).await;
    let lift = button(&page, &format!("{FLAG}/lift"));
    assert_eq!(desk.press(&format!("{FLAG}/lift"), &lift).await.status, 303);
    assert!(!desk.open("/-/flags").await.dom.main().contains("Switched off"));
}

#[tokio::test]
async fn with_the_database_gone_a_flag_is_switched_off_on_this_node() {
    let mut desk = Desk::new().await;
    desk.house.run("feature set checkout true", "cli").await;
    desk.open(FLAG).await;
    desk.house.engine.stop().await.unwrap();
    let page = desk.browser.post(&format!("{FLAG}/off"), &[("environment", "production")]).await;
    assert_eq!((page.status, page.dom.heading().as_str()), (503, "It could not be stored"));
    assert!(page.headers.contains_key("retry-after"));
    let sent = button(&page, &format!("{FLAG}/override"));
    let page = desk.press(&format!("{FLAG}/override"), &sent).await;
    assert_eq!((page.status, page.location()), (303, "/-/flags/checkout?done=overridden&at=production"));
    let production = desk.house.engine.flag_board().of("production").unwrap();
    assert!(!production.is_enabled("checkout", &[], || 0.0).enabled);
    let page = desk.browser.get(page.location()).await;
    assert!(page.dom.main().contains("The database does not know of it yet"), "{}", page.dom.main());
}

#[tokio::test]
async fn environments_on_other_servers_say_how_they_stand() {
    let (listener, gone) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), closed_port().await);
    let url = format!("http://{}", listener.local_addr().unwrap());
    let features = r#"[{"name":"checkout","state":"conditional","definition":null,"gates":[
        {"key":"boolean","value":false},{"key":"actors","value":["Project:1"]}]}]"#;
    let other = Router::new()
        .route("/api/v4/features", get(move || async move { features }))
        .route("/api/v4/features/definitions", get(|| async { "[]" }));
    let server = tokio::spawn(async move { axum::serve(listener, other).await.unwrap() });
    let remote = |name: &str, url: String| Environment {
        name: name.into(),
        flags_of: None,
        kind: EnvironmentKind::NonProduction,
        source: Source::Remote(Remote { url, token: Secret::new("wig_x".into()) }),
        large_steps: wigwag_engine::LargeSteps::Warn,
    };
    let (qa, lab) = (remote("qa", url.clone()), remote("lab", gone));
    let add = |settings: &mut Settings| settings.environments.splice(0..0, [qa, lab]).for_each(drop);
    let house = House::with("http://127.0.0.1:8080", Duration::ZERO, add).await;
    let acme = house.group("acme", "Acme").await;
    house.project(acme, "shop", "Shop").await;
    house.engine.look_at_remotes().await;
    let browser = Browser::of(house.router(), "root").await;
    let mut desk = Desk { house, browser };

    let main = desk.open("/-/flags?q=checkout").await.dom.main();
    for told in
        ["conditional 1 project", "unknown never read", &format!("kept by {url}"), "lab cannot be read"]
    {
        assert!(main.contains(told), "{told} is not in {main}");
    }
    assert!(!main.contains("qa cannot be read"), "{main}");
    let page = desk.open(&format!("{FLAG}?actor=acme/shop&in=qa")).await;
    let main = page.dom.main();
    for told in [
        "On for 1 project in qa, unknown in lab, off in dev, staging and production.",
        "On for Project:1",
        "write Type:id",
        "It was never read, so nothing is known of its flags.",
    ] {
        assert!(main.contains(told), "{told} is not in {main}");
    }
    assert_eq!(page.dom.link("acme/shop"), None, "its ids are not those of this registry");
    assert!(main.contains("Who changed it Nobody yet."), "{main}");
    assert!(desk.open(&format!("{FLAG}?actor=Project:1&in=qa")).await.dom.main().contains("is in the list"));
    let (page, _) = desk.preview("environment=qa&change=true").await;
    assert!(page.dom.main().contains("nobody can be counted"), "{}", page.dom.main());

    server.abort();
    assert!(server.await.unwrap_err().is_cancelled());
    desk.house.engine.look_at_remotes().await;
    let main = desk.open(FLAG).await.dom.main();
    assert!(main.contains("qa cannot be read") && main.contains("is what was read last"), "{main}");
    let page = desk.browser.post(&format!("{FLAG}/off"), &[("environment", "qa")]).await;
    assert_eq!((page.status, page.dom.heading().as_str()), (503, "It could not be stored"));
    assert!(page.dom.main().contains("What asks http://"), "{}", page.dom.main());
}

/// An address where nobody answers.
async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn others_see_that_flags_are_not_theirs() {
    let mut desk = Desk::new().await;
    desk.house.user("mara", "Mara").await;
    let mut mara = Browser::of(desk.house.router(), "mara").await;
    let home = mara.get("/").await;
    assert_eq!((home.dom.link("Flags"), home.dom.link("Audit")), (None, None));
    for path in ["/-/flags", FLAG, "/-/flags/nothing", "/-/flags/checkout/change", "/-/audit"] {
        let page = mara.get(path).await;
        assert_eq!((page.status, page.dom.heading().as_str()), (403, "You may not do this"), "{path}");
    }
    for word in ["change", "off", "undo", "override", "lift"] {
        let fields = [("environment", "production"), ("change", "true"), ("seen", "x")];
        assert_eq!(mara.post(&format!("{FLAG}/{word}"), &fields).await.status, 403, "{word}");
    }
    assert_eq!(desk.stored("production"), None);
    let mut nobody = Browser::new(desk.house.router());
    let page = nobody.get(FLAG).await;
    assert_eq!((page.status, page.location()), (303, "/-/login?next=%2F-%2Fflags%2Fcheckout"));
    desk.open("/-/flags").await;
}

#[tokio::test]
async fn no_other_site_changes_a_flag_and_reading_changes_none() {
    let mut desk = Desk::new().await;
    for word in ["change", "off", "undo", "override", "lift"] {
        let path = format!("{FLAG}/{word}");
        for headers in [&[("sec-fetch-site", "cross-site")][..], &[("origin", "https://evil.example")], &[]] {
            let page = desk.browser.send(Method::POST, &path, "environment=production", headers).await;
            assert_eq!(page.status, 403, "{word} {headers:?}");
        }
        if word != "change" {
            let page = desk.browser.get(&path).await;
            assert_eq!((page.status, page.location()), (303, FLAG), "{word}");
        }
    }
    assert_eq!(desk.stored("production"), None);
    assert!(desk.house.engine.overrides(&desk.house.root).unwrap().is_empty());
}

#[tokio::test]
async fn the_audit_log_is_narrowed_and_verified() {
    let mut desk = Desk::new().await;
    for text in ["feature set checkout true --dev", "feature set webhooks_failed_callout true"] {
        desk.house.run(text, "cli").await;
    }
    let page = desk.open("/-/audit").await;
    assert_eq!(page.dom.heading(), "2 changes");
    assert_eq!(desk.open("/-/audit?flag=checkout&since=1h").await.dom.heading(), "1 change in the last hour");
    assert_eq!(desk.open("/-/audit?author=root").await.dom.heading(), "2 changes");
    assert!(desk.open("/-/audit?author=%3Cb%3E").await.dom.main().contains("No change fits this filter."));
    desk.house.clock.forward(Duration::from_secs(3_601));
    assert_eq!(desk.open("/-/audit?since=1h").await.dom.heading(), "0 changes in the last hour");
    let page = desk.open("/-/audit?verify=1").await;
    assert!(page.dom.main().contains("The log is whole. Every one of 2 rows follows"), "{}", page.dom.main());
    let head =
        page.dom.all("code").iter().map(crate::dom::Element::text).find(|text| text.len() == 64).unwrap();
    desk.house.run("feature set checkout false --dev", "cli").await;
    let page = desk.open(&format!("/-/audit?verify=1&kept={head}")).await;
    assert!(
        page.dom.main().contains("The row that you kept the hash of is there: 2."),
        "{}",
        page.dom.main()
    );
    for (kept, told) in [("f".repeat(64), "the log was cut off"), ("%3Cb%3E".into(), "is no hash")] {
        let page = desk.open(&format!("/-/audit?verify=1&kept={kept}")).await;
        assert!(page.dom.main().contains(told), "{}", page.dom.main());
    }
}
