use crate::world::World;
use serde_json::{Value, json};

#[tokio::test]
async fn changes_of_flags_are_audited() {
    let world = World::new().await;
    let flag = "/api/v4/features/webhooks_failed_callout";
    world.root.post(flag, json!({ "value": true })).await.created();
    let set = json!({ "text": "feature set auto_disabling_web_hooks false --dev --reason='a try'" });
    world.root.post("/v1/chatops", set).await.ok();
    world.server.user("boss").await;
    let list = world.root.get("/v1/audit?per_page=1").await;
    assert_eq!(list.header("x-total"), "2");
    let newest = list.ok()[0].clone();
    assert_eq!(
        (&newest["flag"], &newest["environment"]),
        (&json!("auto_disabling_web_hooks"), &json!("dev"))
    );
    assert_eq!((&newest["reason"], &newest["author"]), (&json!("a try"), &json!("root")));
    let count = async |query: &str| {
        world.root.get(&format!("/v1/audit?{query}")).await.ok().as_array().unwrap().len()
    };
    assert_eq!(count("flag=webhooks_failed_callout").await, 1);
    assert_eq!(count("author=mia").await, 0);
    assert_eq!(count("since=2026-01-02").await, 0);
    assert_eq!(count("since=&flag=").await, 2);
    assert_eq!(newest["sudo_by"], Value::Null);
    assert_eq!(world.root.get("/v1/audit?since=then").await.problem(422), "invalid_field");
    assert_eq!(world.maintainer.get("/v1/audit").await.problem(403), "forbidden");
}
