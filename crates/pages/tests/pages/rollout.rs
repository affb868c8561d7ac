//! What was said and done about a rollout, on a flag's page; and what its author takes upon himself.

use crate::browser::Browser;
use crate::house::House;
use std::time::Duration;
use wigwag_engine::ChatSettings;

const FLAG: &str = "/-/flags/checkout";
const CHECKOUT: &str =
    "milestone: '17.3'\ngroup: group::checkout\ndefault_enabled: false\ndescription: Pay.\n";

/// Root beside a flag, where staging comes first.
async fn desk() -> (House, Browser) {
    let set = |settings: &mut wigwag_engine::Settings| settings.chat = ChatSettings::default();
    let house = House::with("http://127.0.0.1:8080", Duration::ZERO, set).await;
    house.define("beta", "checkout", CHECKOUT).await;
    house.define("beta", "basket", &format!("{CHECKOUT}depends_on: [checkout]\n")).await;
    let browser = Browser::of(house.router(), "root").await;
    (house, browser)
}

#[tokio::test]
async fn a_roll_back_is_pressed_shown_and_acknowledged() {
    let (house, mut browser) = desk().await;
    house.run("feature set checkout true --staging", "cli").await;
    let fresh = browser.get(FLAG).await;
    assert!(fresh.dom.main().contains("Nothing was announced or noted yet"), "{}", fresh.dom.main());
    assert!(!fresh.dom.posts().contains(&format!("{FLAG}/ack")));

    let pressed =
        browser.post(&format!("{FLAG}/rollback"), &[("text", "carts \"vanish\" --staging <b>")]).await;
    assert_eq!((pressed.status, pressed.location()), (303, "/-/flags/checkout?done=rolled-back#rollout"));
    let page = browser.get(FLAG).await;
    assert!(page.dom.main().contains("Rolled back"), "{}", page.dom.main());
    assert!(
        page.dom.main().contains("carts \"vanish\" --staging <b>"),
        "as it was written: {}",
        page.dom.main()
    );
    assert!(page.dom.posts().contains(&format!("{FLAG}/ack")));
    let every = "all of \" ' ` \u{201c}\u{201d} \u{2018}\u{2019} \u{ab}\u{bb}";
    let again = browser.post(&format!("{FLAG}/rollback"), &[("text", every)]).await;
    assert_eq!(again.status, 303, "no reason keeps it from being made: {}", again.dom.main());
    let staging = house.engine.flag(&house.root, "staging", "checkout").unwrap();
    assert_eq!(staging.stored.as_deref().unwrap().boolean, Some(false));

    let query = "environment=staging&change=true&pass=ignore-production-check&pass=large-step";
    let shown = browser.get(&format!("{FLAG}/change?{query}")).await;
    assert!(shown.dom.main().contains("no option passes over it"), "{}", shown.dom.main());
    let done = browser.post(&format!("{FLAG}/ack"), &[("text", "mended")]).await;
    assert_eq!(done.location(), "/-/flags/checkout?done=acknowledged#rollout");
    let page = browser.get(FLAG).await;
    assert!(page.dom.main().contains("acknowledged") && page.dom.main().contains("mended"));
    house.run("feature set checkout true --staging", "cli").await;
}

#[tokio::test]
async fn remarks_are_kept() {
    let (_house, mut browser) = desk().await;
    let empty = browser.post(&format!("{FLAG}/note"), &[("text", "  ")]).await;
    assert_eq!(empty.status, 409);
    assert!(empty.dom.main().contains("Write something"), "{}", empty.dom.main());
    browser.post(&format!("{FLAG}/note"), &[("text", "quiet so far")]).await;
    browser.post(&format!("{FLAG}/note"), &[("text", "all paths tried"), ("qa", "1")]).await;
    let page = browser.get(FLAG).await;
    let text = page.dom.main();
    for word in ["quiet so far", "noted", "all paths tried", "QA result"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn what_is_taken_upon_oneself_is_ticked_and_told() {
    let (house, mut browser) = desk().await;
    let query = "environment=production&change=share&share=5";
    let refused = browser.get(&format!("{FLAG}/change?{query}")).await;
    assert!(refused.dom.main().contains("This change is refused"), "{}", refused.dom.main());
    assert!(refused.html.contains("<details class=\"passes\" open>"), "what may be passed over is at hand");
    let query = format!("{query}&pass=ignore-feature-flag-consistency-check");
    let shown = browser.get(&format!("{FLAG}/change?{query}")).await;
    assert!(shown.dom.main().contains("passed over"), "{}", shown.dom.main());
    assert!(shown.dom.main().contains("--ignore-feature-flag-consistency-check"), "the same as a command");
    let forms = shown.dom.all("form");
    let form = forms.iter().find(|form| {
        form.attribute("method").as_deref() == Some("post")
            && form.attribute("action").as_deref() == Some(&format!("{FLAG}/change"))
    });
    let fields: Vec<(String, String)> = form
        .expect("it can be made")
        .all("input")
        .iter()
        .filter_map(|field| Some((field.attribute("name")?, field.attribute("value")?)))
        .collect();
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let made = browser.post(&format!("{FLAG}/change"), &fields).await;
    assert_eq!(made.status, 303, "{}", made.dom.main());
    let production = house.engine.flag(&house.root, "production", "checkout").unwrap();
    assert!(production.stored.as_deref().unwrap().percentage_of_actors.is_some());
    let page = browser.get(FLAG).await;
    assert!(page.dom.main().contains("--ignore-feature-flag-consistency-check"), "the history tells it");
}

#[tokio::test]
async fn dependencies_come_along_from_the_page() {
    let (house, mut browser) = desk().await;
    let query = "environment=dev&change=true";
    let refused = browser.get(&format!("/-/flags/basket/change?{query}")).await;
    assert!(refused.dom.main().contains("basket depends on checkout"), "{}", refused.dom.main());
    let shown = browser.get(&format!("/-/flags/basket/change?{query}&pass=with-dependencies")).await;
    assert!(shown.dom.main().contains("This is what would change"), "{}", shown.dom.main());
    assert!(house.engine.flag(&house.root, "dev", "checkout").unwrap().stored.is_none(), "only shown");
}
