use crate::v1::broken_world;
use crate::world::World;
use serde_json::{Value, json};
use wigwag_testkit::Client;

const HEALTH: &str = "/v1/hooks/health";

/// The ids of the hooks that are told of.
async fn ids(who: &Client, query: &str) -> Vec<i64> {
    let found = who.get(&format!("{HEALTH}?{query}")).await.ok();
    found["hooks"].as_array().unwrap().iter().map(|hook| hook["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn what_fails_is_told_to_those_who_may_mend_it() {
    let (world, hook, _receiver) = broken_world().await;
    let answer = world.maintainer.get(HEALTH).await;
    assert_eq!((answer.header("x-total"), answer.header("x-page")), ("1", "1"));
    let told = answer.ok();
    assert_eq!((&told["failing"], &told["waiting"]), (&json!(1), &json!(1)));
    assert_eq!(told["summary"], "1 hook fails; 1 event waits");
    let row = &told["hooks"][0];
    assert_eq!((&row["id"], &row["name"]), (&json!(hook), &json!("Builds <b>")));
    let place = json!({ "type": "project", "id": world.project, "path": "acme/shop" });
    assert_eq!(row["scope"], place);
    assert_eq!((&row["health"], &row["alert_status"]), (&json!("disabled"), &json!("disabled")));
    assert_eq!((&row["recent_failures"], &row["next_try_at"]), (&json!(1), &Value::Null));
    assert!(row["last_error"].as_str().unwrap().contains("410 Gone"), "{row}");
    let url = format!("http://{}/projects/{}/hooks/{hook}", world.server.address, world.project);
    assert_eq!((&row["page_url"], &row["told"]), (&json!(url), &json!([])));
    for nobody in [&world.reporter, &world.stranger] {
        let told = nobody.get(HEALTH).await.ok();
        assert_eq!(told["summary"], "No hook fails");
        assert_eq!((&told["failing"], &told["hooks"]), (&json!(0), &json!([])));
        assert_eq!(ids(nobody, "state=all").await, [0; 0]);
    }
    assert_eq!(ids(&world.root, "scope=instance").await, [hook]);
    assert_eq!(ids(&world.root, "scope=group:acme").await, [hook]);
    assert_eq!(world.maintainer.get(&format!("{HEALTH}?scope=instance")).await.problem(403), "forbidden");
    for hidden in ["group:acme", "group:99", "group:no%2Fsuch"] {
        let answer = world.stranger.get(&format!("{HEALTH}?scope={hidden}")).await;
        assert_eq!(answer.problem(404), "not_found", "{hidden}");
    }
    assert_eq!(world.root.anonymous().get(HEALTH).await.problem(401), "unauthorized");
}

#[tokio::test]
async fn scopes_states_and_pages() {
    let (world, hook, receiver) = broken_world().await;
    let well = world.hook(&receiver, json!({})).await;
    let system = json!({ "url": receiver.url(), "push_events": false });
    let system = world.root.post("/api/v4/hooks", system).await.created()["id"].as_i64().unwrap();
    let all = [hook, well, system];
    assert_eq!(ids(&world.maintainer, "state=all").await, all[..2]);
    assert_eq!(ids(&world.maintainer, "state=unhealthy").await, [0; 0]);
    assert_eq!(ids(&world.maintainer, "scope=mine&state=failing").await, [hook]);
    assert_eq!(ids(&world.root, "scope=instance&state=all").await, all);
    assert_eq!(ids(&world.root, &format!("scope=group:{}&state=all", world.group)).await, all[..2]);
    let page = world.root.get(&format!("{HEALTH}?state=all&per_page=2&page=2")).await;
    assert_eq!((page.header("x-total"), page.header("x-prev-page")), ("3", "1"));
    assert_eq!(page.ok()["hooks"].as_array().unwrap().len(), 1);
    for wrong in
        ["scope=group:", "scope=all", "scope=project:1", "state=broken", "state=failing,all", "page=x"]
    {
        let answer = world.maintainer.get(&format!("{HEALTH}?{wrong}")).await;
        assert_eq!(answer.problem(422), "invalid_field", "{wrong}");
    }
}

#[tokio::test]
async fn a_token_of_one_project_asks_for_no_other() {
    let world = World::new().await;
    let bound = json!({ "name": "bound", "scopes": ["api"], "project": "acme/shop" });
    let bound = world.root.post("/api/v4/users/mia/personal_access_tokens", bound).await.created();
    let bound = world.root.with_token(bound["token"].as_str().unwrap());
    assert_eq!(bound.get(HEALTH).await.problem(403), "forbidden");
    let sudo = world.root.get(&format!("{HEALTH}?sudo=sam")).await.ok();
    assert_eq!(sudo["hooks"], json!([]));
}
