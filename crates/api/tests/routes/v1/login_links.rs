use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_login_link_is_made_for_oneself_or_by_an_admin() {
    let world = World::new().await;
    let made = world.root.post("/v1/login_links", json!({ "user": "mia" })).await.created();
    let base = format!("http://{}/-/login/link/wig_l", world.server.address);
    assert!(made["url"].as_str().unwrap().starts_with(&base), "{made}");
    assert_eq!(made["expires_at"], "2026-01-01T00:10:00.000Z");
    world.maintainer.request("POST", "/v1/login_links").send().await.created();
    assert_eq!(
        world.root.post("/v1/login_links", json!({ "user": "nobody" })).await.problem(404),
        "not_found"
    );
    assert_eq!(
        world.maintainer.post("/v1/login_links", json!({ "user": "root" })).await.problem(404),
        "not_found"
    );
    let narrow = world.server.token_of("mia", &["hooks:rw"]).await;
    assert_eq!(narrow.post("/v1/login_links", json!({})).await.problem(403), "forbidden");
}
