use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_groups_hook_is_enabled_by_its_owner() {
    let world = World::new().await;
    let hooks = format!("/api/v4/groups/{}/hooks", world.group);
    let hook = world.root.post(&hooks, json!({ "url": "http://127.0.0.1:9/" })).await.created()["id"].clone();
    let enable = format!("/v1/groups/acme/hooks/{hook}/enable");
    world.root.post(&enable, json!({})).await.done();
    assert_eq!(world.maintainer.post(&enable, json!({})).await.problem(404), "not_found");
    assert_eq!(world.root.post("/v1/groups/acme/hooks/99/enable", json!({})).await.problem(404), "not_found");
}
