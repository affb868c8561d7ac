mod deployments;

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn projects_are_found_by_number_and_encoded_path() {
    let world = World::new().await;
    let shop = world.root.get(&world.v4("")).await.ok();
    assert_eq!(shop["path_with_namespace"], "acme/shop");
    assert_eq!(shop["name_with_namespace"], "Acme / Shop");
    assert_eq!(shop["namespace"]["kind"], "group");
    for path in ["acme%2Fshop", "acme%2fshop", "ACME%2FShop"] {
        assert_eq!(world.reporter.get(&format!("/api/v4/projects/{path}")).await.ok(), shop, "{path}");
    }
    let trailing = world.reporter.request("GET", "/api/v4//projects/acme%2Fshop/").outside_of_document();
    assert_eq!(trailing.send().await.ok(), shop);
    for path in ["acme%2Fshop", "99", "acme%2Fnone", "%2F", "acme%252Fshop"] {
        let hidden = world.stranger.get(&format!("/api/v4/projects/{path}")).await;
        assert_eq!(hidden.expect(404)["message"], "404 Project Not Found", "{path}");
    }
    assert_eq!(world.root.get("/api/v4/projects").await.header("x-total"), "1");
    assert_eq!(world.reporter.get("/api/v4/projects").await.ok()[0]["id"], shop["id"]);
    assert_eq!(world.stranger.get("/api/v4/projects").await.ok(), json!([]));
}

#[tokio::test]
async fn projects_lie_in_a_group_or_in_ones_own_namespace() {
    let world = World::new().await;
    let own = world.stranger.post("/api/v4/projects", json!({ "name": "My Tool!" })).await.created();
    assert_eq!(own["path_with_namespace"], "sam/my-tool");
    assert_eq!((&own["namespace"]["kind"], &own["namespace"]["name"]), (&json!("user"), &json!("sam")));
    let by_path = world.stranger.post("/api/v4/projects", json!({ "path": "by-path" })).await.created();
    assert_eq!(by_path["name"], "by-path");
    let check = async |input: serde_json::Value, status: u16, told: &str| {
        let answer = world.stranger.post("/api/v4/projects", input.clone()).await;
        assert!(answer.expect(status).to_string().contains(told), "{input}: {}", answer.text());
    };
    check(json!({}), 400, "name, path are missing").await;
    check(json!({ "name": "my tool" }), 400, "has already been taken").await;
    check(json!({ "name": "x", "namespace_id": world.group }), 404, "404 Group Not Found").await;
    check(json!({ "name": "\u{202e}x" }), 400, "control characters").await;
    check(json!({ "name": "x", "path": "../../etc" }), 400, "path").await;
    check(json!({ "name": "!!!" }), 400, "path").await;
}
