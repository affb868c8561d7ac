use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_platforms_key_is_told_once_and_revoked() {
    let world = World::new().await;
    let made = world.root.post("/v1/embed_keys", json!({})).await.created();
    assert!(made["private_key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
    let listed = world.root.get("/v1/embed_keys").await;
    assert_eq!((&listed.ok()[0]["kid"], &listed.ok()[0]["revoked_at"]), (&made["kid"], &json!(null)));
    assert!(!listed.text().contains("PRIVATE"));
    let one = format!("/v1/embed_keys/{}", made["kid"].as_str().unwrap());
    assert_eq!(world.maintainer.delete(&one).await.problem(403), "forbidden");
    assert_eq!(world.maintainer.get("/v1/embed_keys").await.problem(403), "forbidden");
    assert_eq!(world.maintainer.post("/v1/embed_keys", json!({})).await.problem(403), "forbidden");
    world.root.delete(&one).await.done();
    assert!(world.root.get("/v1/embed_keys").await.ok()[0]["revoked_at"].is_string());
    assert_eq!(world.root.delete("/v1/embed_keys/none").await.problem(404), "not_found");
}
