use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn groups_nest_and_are_found_by_number_and_path() {
    let world = World::new().await;
    let input = json!({ "name": "Sub Group", "path": "sub", "parent_id": world.group });
    let sub = world.root.post("/api/v4/groups", input).await.created();
    assert_eq!((&sub["full_path"], &sub["full_name"]), (&json!("acme/sub"), &json!("Acme / Sub Group")));
    assert_eq!(world.root.get("/api/v4/groups/acme%2Fsub").await.ok(), sub);
    assert_eq!(world.root.get(&format!("/api/v4/groups/{}", sub["id"])).await.ok(), sub);
    assert_eq!(world.root.get("/api/v4/groups").await.header("x-total"), "2");
    assert_eq!(world.stranger.get("/api/v4/groups").await.ok(), json!([]));
    for path in ["/api/v4/groups/acme", "/api/v4/groups/99", "/api/v4/groups/no%2Fsuch"] {
        assert_eq!(world.stranger.get(path).await.expect(404)["message"], "404 Group Not Found", "{path}");
    }
    let theirs =
        world.stranger.post("/api/v4/groups", json!({ "name": "Own", "path": "own" })).await.created();
    let full = format!("/api/v4/groups/{}/members", theirs["id"]);
    assert_eq!(world.stranger.get(&full).await.ok()[0]["access_level"], 50);
}

#[tokio::test]
async fn wrong_groups_are_refused() {
    let world = World::new().await;
    let check = async |input: serde_json::Value, status: u16, told: &str| {
        let answer = world.root.post("/api/v4/groups", input.clone()).await;
        assert!(answer.expect(status).to_string().contains(told), "{input}: {}", answer.text());
    };
    check(json!({ "name": "x" }), 400, "path is missing").await;
    check(json!({ "path": "x" }), 400, "name is missing").await;
    check(json!({ "name": "x", "path": "ACME" }), 400, "Failed to save group {:path=>[").await;
    check(json!({ "name": "x", "path": "mia" }), 400, "has already been taken").await;
    check(json!({ "name": "x", "path": "api" }), 400, "reserved").await;
    check(json!({ "name": "x", "path": "a/b" }), 400, "can contain only").await;
    check(json!({ "name": "x\r\n", "path": "x" }), 400, "control characters").await;
    check(json!({ "name": "x", "path": "x", "parent_id": 99 }), 404, "404 Group Not Found").await;
    check(json!({ "name": "x", "path": "x", "parent_id": "abc" }), 400, "parent_id is invalid").await;
    let input = json!({ "name": "x", "path": "x", "parent_id": world.group });
    world.stranger.post("/api/v4/groups", input).await.expect(404);
}
