use crate::world::World;
use serde_json::json;

const FLAG: &str = "webhooks_failed_callout";

#[tokio::test]
async fn a_flag_is_switched_off_listed_and_lifted() {
    let world = World::new().await;
    let route = format!("/v1/flags/{FLAG}/override");
    world.root.post(&format!("/api/v4/features/{FLAG}"), json!({ "value": true })).await.created();
    let off = world.server.user_with("kim", &["flags:off", "flags:read"]).await;
    let done = off.put(&route, json!({ "reason": "errors rise" })).await.ok();
    assert_eq!((&done["environment"], &done["author"]), (&json!("production"), &json!("kim")));
    assert_eq!((&done["recorded"], &done["not_kept"]), (&json!(true), &json!(null)));
    let told = world.root.get(&format!("/v1/flags/{FLAG}/explain?actor=Project:1")).await.ok();
    assert_eq!((&told["enabled"], &told["reason"]), (&json!(false), &json!("override")));
    assert_eq!(world.root.get("/v1/flags/overrides").await.ok(), json!([done]));
    let audited = world.root.get("/v1/audit?per_page=1").await.ok()[0].clone();
    assert_eq!((&audited["via"], &audited["author"]), (&json!("override"), &json!("kim")));

    let on = world.root.post("/v1/chatops", json!({ "text": format!("feature set {FLAG} true") })).await.ok();
    assert_eq!(on["ok"], false);
    off.delete(&format!("{route}?environment=production")).await.expect(204);
    assert_eq!(off.delete(&route).await.problem(404), "not_found");
    let told = world.root.get(&format!("/v1/flags/{FLAG}/explain")).await.ok();
    assert_eq!(told["reason"], "off", "it was stored off meanwhile");
}

#[tokio::test]
async fn what_is_wrong_is_told_and_changes_nothing() {
    let world = World::new().await;
    let input = || json!({});
    let unknown = world.root.put("/v1/flags/webhooks_failed_calout/override", input()).await;
    assert_eq!(unknown.problem(422), "invalid_field");
    let nowhere =
        world.root.put(&format!("/v1/flags/{FLAG}/override"), json!({ "environment": "moon" })).await;
    assert_eq!(nowhere.problem(404), "not_found");
    let refused = world.maintainer.put(&format!("/v1/flags/{FLAG}/override"), input()).await;
    assert_eq!(refused.problem(403), "forbidden");
    assert_eq!(world.root.get("/v1/flags/overrides").await.ok(), json!([]));
}
