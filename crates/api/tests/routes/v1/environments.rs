use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn they_stand_in_deployment_order() {
    let world = World::new().await;
    let all = world.root.get("/v1/environments").await.ok();
    let names: Vec<_> = all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["dev", "staging-canary", "staging", "production-canary", "production"]);
    let canary =
        json!({ "name": "production-canary", "production": true, "flags_of": "production", "remote": null });
    assert_eq!(all[3], canary);
    world.maintainer.get("/v1/environments").await.expect(403);
    assert_eq!(world.root.anonymous().get("/v1/environments").await.status, 401);
}
