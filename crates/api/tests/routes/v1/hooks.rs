mod health;

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_system_hook_is_enabled_by_an_admin() {
    let world = World::new().await;
    let input = json!({ "url": "http://127.0.0.1:9/" });
    let hook = world.root.post("/api/v4/hooks", input).await.created()["id"].clone();
    world.root.post(&format!("/v1/hooks/{hook}/enable"), json!({})).await.done();
    let refused = world.maintainer.post(&format!("/v1/hooks/{hook}/enable"), json!({})).await;
    assert_eq!(refused.problem(403), "forbidden");
}
