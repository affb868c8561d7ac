use crate::browser::{Browser, form};
use crate::house::House;
use std::time::Duration;

#[tokio::test]
async fn commands_run_and_are_remembered_in_the_form() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let mut browser = Browser::of(house.router(), "root").await;
    let command = "feature set webhooks_failed_callout true --dev";
    let page = browser.post("/-/console", &[("text", command)]).await;
    assert!(page.dom.main().contains("never set (off by default)") || page.dom.main().contains("off -> on"));
    assert_eq!(page.dom.value("past"), Some(format!("+{command}")));
    let fields = [("text", "feature sett <b>"), ("past", &format!("+{command}"))];
    let page = browser.post("/-/console", &fields).await;
    let past: Vec<String> = page
        .dom
        .all("input")
        .iter()
        .filter(|input| input.attribute("name").as_deref() == Some("past"))
        .filter_map(|input| input.attribute("value"))
        .collect();
    assert_eq!(past, ["-feature sett <b>".to_owned(), format!("+{command}")]);
    let page = browser.post("/-/console", &[("again", command), ("past", &past[1])]).await;
    assert_eq!(page.dom.value("text").as_deref(), Some(command));
    assert_eq!(
        page.dom.all("section").iter().filter(|one| one.attribute("role").is_some()).count(),
        0,
        "not run"
    );
    let changed = browser.get("/").await;
    assert!(changed.dom.main().contains("webhooks_failed_callout in dev"), "{}", changed.dom.main());
}

#[tokio::test]
async fn who_may_not_change_flags_is_told_so() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    house.user("mara", "Mara").await;
    let mut browser = Browser::of(house.router(), "mara").await;
    let page = browser.post("/-/console", &[("text", "feature set webhooks_failed_callout true")]).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.dom.value("past").as_deref(), Some("-feature set webhooks_failed_callout true"));
    let page = browser.get("/").await;
    assert!(!page.dom.main().contains("Changed in the last hour"));
}

#[tokio::test]
async fn the_box_is_told_what_could_stand_in_it() {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    let mut browser = Browser::of(house.router(), "root").await;
    let mut offers = async |before: &str, after: &str| {
        let query = form(&[("before", before), ("after", after)]);
        let page = browser.get(&format!("/-/console/complete?{query}")).await;
        assert_eq!(page.status, 200);
        let offers: serde_json::Value = serde_json::from_str(&page.html).unwrap();
        let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
        let offers: Vec<_> =
            offers.as_array().unwrap().iter().map(|one| (text(one, "before"), text(one, "after"))).collect();
        offers
    };
    assert_eq!(offers("fea", "").await, [("feature".to_owned(), String::new())]);
    let flag = offers("feature get webhooks_f", " --staging").await;
    assert_eq!(flag, [("feature get webhooks_failed_callout".to_owned(), " --staging".to_owned())]);
    // The cursor stands within a word, and behind letters of several bytes.
    let within = offers("feature set \u{e4}\u{1f6a9} true --sta", "gi --dev").await;
    assert!(
        within.iter().any(|(before, after)| before.ends_with(" --staging") && after == " --dev"),
        "{within:?}"
    );
    assert!(offers("nonsense ", "").await.is_empty());
    let long = "x".repeat(20_000);
    let refused = browser.get(&format!("/-/console/complete?before={long}")).await;
    assert!([413, 414, 422].contains(&refused.status), "{}", refused.status);
}
