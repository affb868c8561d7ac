use crate::world::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_platform_mints_tokens_for_its_users() {
    let world = World::new().await;
    let platform = world.server.token_of("sam", &["callouts"]).await;
    let input = json!({ "user": "mia", "project": "acme/shop" });
    let minted = platform.post("/v1/embed_tokens", input.clone()).await.created();
    assert_eq!(minted["expires_at"], "2026-01-01T00:15:00.000Z");
    assert_eq!(minted["token"].as_str().unwrap().split('.').count(), 3);
    platform.post("/v1/embed_tokens", json!({ "user": "mia", "project": world.project })).await.created();
    platform.post("/v1/embed_tokens", json!({ "user": "mia", "group": "acme" })).await.created();
    let check = async |input: Value, status: u16| {
        platform.post("/v1/embed_tokens", input).await.problem(status);
    };
    check(json!({ "project": "acme/shop" }), 422).await;
    check(json!({ "user": "mia" }), 422).await;
    check(json!({ "user": "mia", "project": "acme/shop", "group": "acme" }), 422).await;
    check(json!({ "user": "nobody", "project": "acme/shop" }), 404).await;
    check(json!({ "user": "mia", "project": "acme/none" }), 404).await;
    assert_eq!(world.reporter.post("/v1/embed_tokens", input).await.problem(403), "forbidden");
}
