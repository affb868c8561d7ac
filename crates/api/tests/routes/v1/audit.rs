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

#[tokio::test]
async fn the_chain_is_verified_and_a_kept_head_is_found_again() {
    let world = World::new().await;
    let flag = "/api/v4/features/webhooks_failed_callout";
    world.root.post(flag, json!({ "value": true })).await.created();
    let first = world.root.get("/v1/audit/verify").await.ok();
    assert_eq!((&first["rows"], &first["intact"]), (&json!(1), &json!(true)));
    world.root.post(flag, json!({ "value": false })).await.created();
    let head = first["head"].as_str().unwrap();
    let later = world.root.get(&format!("/v1/audit/verify?head={head}")).await.ok();
    assert_eq!((&later["rows"], &later["intact"], &later["kept_at"]), (&json!(2), &json!(true), &json!(1)));
    let other = world.root.get(&format!("/v1/audit/verify?head={}", "0".repeat(64))).await.ok();
    assert_eq!((&other["intact"], &other["broken_at"]), (&json!(false), &Value::Null));
    for odd in ["xyz", "é", &"g".repeat(64), &"0".repeat(63)] {
        assert_eq!(
            world.root.get(&format!("/v1/audit/verify?head={odd}")).await.problem(422),
            "invalid_field"
        );
    }
    assert_eq!(world.maintainer.get("/v1/audit/verify").await.problem(403), "forbidden");
}
