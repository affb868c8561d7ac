//! Who is who in the chats, and what runs where.

use crate::browser::Browser;
use crate::house::House;
use std::time::Duration;
use wigwag_engine::deployments::DeploymentInput;

async fn house() -> House {
    let house = House::new("http://127.0.0.1:8080", Duration::ZERO).await;
    house.user("mara", "Mara").await;
    house
}

#[tokio::test]
async fn a_code_is_shown_once_as_what_to_say() {
    let house = house().await;
    let mut browser = Browser::of(house.router(), "mara").await;
    let page = browser.get("/-/chat").await;
    assert!(page.dom.main().contains("No chat account is linked to you"), "{}", page.dom.main());
    assert!(!page.dom.main().contains("Who may what"), "that is not hers to see");
    let made = browser.post("/-/chat/code", &[]).await;
    assert!(made.dom.main().contains("/chatops run link "), "{}", made.dom.main());
    assert_eq!(made.headers.get("cache-control").unwrap(), "no-store");
    let again = browser.get("/-/chat").await;
    assert!(!again.dom.main().contains("/chatops run link "), "{}", again.dom.main());
}

#[tokio::test]
async fn roles_are_given_by_those_who_may() {
    let house = house().await;
    let mut root = Browser::of(house.router(), "root").await;
    let given = root.post("/-/chat/role", &[("username", "mara"), ("role", "release")]).await;
    assert_eq!((given.status, given.location()), (303, "/-/chat?done=role"));
    let page = root.get("/-/chat").await;
    assert!(page.dom.main().contains("mara"), "{}", page.dom.main());
    for (username, role, status) in [("nobody", "release", 422), ("mara", "king", 422)] {
        let refused = root.post("/-/chat/role", &[("username", username), ("role", role)]).await;
        assert_eq!(refused.status, status, "{username} {role}: {}", refused.dom.main());
    }
    let mut mara = Browser::of(house.router(), "mara").await;
    assert!(mara.get("/-/chat").await.dom.main().contains("Your role is release"));
    let refused = mara.post("/-/chat/role", &[("username", "mara"), ("role", "admin")]).await;
    assert!([403, 404].contains(&refused.status), "{}", refused.status);
    let fields = [("platform", "slack"), ("team", "T1"), ("id", "U1")];
    assert_eq!(mara.post("/-/chat/unlink", &fields).await.status, 404);
}

#[tokio::test]
async fn what_runs_where_is_seen_by_all_and_lists_what_may_be_seen() {
    let house = house().await;
    let mut browser = Browser::of(house.router(), "mara").await;
    let page = browser.get("/-/deployments").await;
    assert!(page.dom.heading().contains("Nothing was deployed yet"), "{}", page.dom.heading());
    let group = house.group("acme", "Acme").await;
    let secret = house.project(group, "secret", "Secret").await;
    for (environment, digit, project) in
        [("production", "a", None), ("staging", "b", None), ("dev", "c", Some(secret.id))]
    {
        let input = DeploymentInput {
            environment: environment.into(),
            sha: digit.repeat(40),
            reference: format!("branch-{digit}"),
            is_tag: false,
            status: "success".into(),
            project,
        };
        house.engine.record_deployment(&house.root, input).await.unwrap();
    }
    let page = browser.get("/-/deployments?environment=production").await;
    assert!(page.dom.main().contains("branch-a"), "{}", page.dom.main());
    let all = |text: &str| text.matches("branch-c").count();
    let hers = all(&browser.get("/-/deployments").await.dom.main());
    let roots = all(&Browser::of(house.router(), "root").await.get("/-/deployments").await.dom.main());
    assert!(hers < roots, "a project that she may not see is not in her list: {hers}, {roots}");
}
