mod complete;

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_command_runs_and_says_what_it_did() {
    let world = World::new().await;
    let run = |text: &str| world.root.post("/v1/chatops", json!({ "text": text }));
    let behind = run("feature set webhooks_failed_callout true --project=acme/shop").await.ok();
    assert!(behind["text"].as_str().unwrap().contains("off in staging"), "{behind}");
    assert_eq!(run("feature set webhooks_failed_callout true --staging").await.ok()["ok"], true);
    let set = run("feature set webhooks_failed_callout true --project=acme/shop").await.ok();
    assert_eq!(set["ok"], true, "{set}");
    assert!(set["blocks"].as_array().unwrap().iter().any(|block| block["type"] == "fields"), "{set}");
    let state = world.root.get("/api/v4/features/webhooks_failed_callout").await.ok();
    assert_eq!(state["gates"][1]["value"], json!([format!("Project:{}", world.project)]));
    let wrong = run("feature sett x true").await.ok();
    assert_eq!(wrong["ok"], false);
    assert!(wrong["text"].as_str().unwrap().contains("feature set"), "{wrong}");
    let refused =
        world.maintainer.post("/v1/chatops", json!({ "text": "feature set webhooks_failed_callout true" }));
    assert_eq!(refused.await.ok()["ok"], false);
    let named = json!({ "text": "help", "channel": "production" });
    assert_eq!(world.maintainer.post("/v1/chatops", named.clone()).await.problem(403), "forbidden");
    assert_eq!(world.root.post("/v1/chatops", named).await.ok()["ok"], true);
}

#[tokio::test]
async fn what_is_no_command_is_a_problem() {
    let world = World::new().await;
    let check = async |body: serde_json::Value, field: &str| {
        let answer = world.root.post("/v1/chatops", body).await;
        assert_eq!(answer.problem(422), "invalid_field");
        assert_eq!(answer.json()["field"], field);
    };
    check(json!({}), "text").await;
    check(json!({ "text": 5 }), "text").await;
    check(json!(["help"]), "body").await;
    check(json!(null), "body").await;
    let broken = world.root.request("POST", "/v1/chatops").body("application/json", "{");
    assert_eq!(broken.send().await.problem(400), "malformed_json");
    let large = world.root.request("POST", "/v1/chatops").body("application/json", vec![b' '; 300_000]);
    assert_eq!(large.send().await.problem(413), "too_large");
    let read_only = world.server.token_of("mia", &["read_api"]).await;
    assert_eq!(read_only.post("/v1/chatops", json!({ "text": "help" })).await.problem(403), "forbidden");
    assert_eq!(
        world.root.anonymous().post("/v1/chatops", json!({ "text": "help" })).await.problem(401),
        "unauthorized"
    );
}

#[tokio::test]
async fn rows_come_under_their_headings() {
    let world = World::new().await;
    let listed = world.root.post("/v1/chatops", json!({ "text": "feature list" })).await.ok();
    let blocks = listed["blocks"].as_array().unwrap();
    let table = blocks.iter().find(|block| block["type"] == "table").unwrap();
    let columns = table["columns"].as_array().unwrap().len();
    let rows = table["rows"].as_array().unwrap();
    assert!(columns > 1 && !rows.is_empty(), "{table}");
    assert!(rows.iter().all(|row| row.as_array().unwrap().len() == columns), "{table}");
    assert_eq!(listed.as_object().unwrap().keys().collect::<Vec<_>>(), ["blocks", "ok", "text"]);
}

#[tokio::test]
async fn the_command_line_says_of_itself_where_a_command_came_from() {
    let world = World::new().await;
    let check = async |agent: &str, via: &str| {
        let text = "feature set webhooks_failed_callout false";
        let run = world.root.request("POST", "/v1/chatops").json(&json!({ "text": text }));
        assert_eq!(run.header("User-Agent", agent).send().await.ok()["ok"], true);
        assert_eq!(world.root.get("/v1/audit").await.ok()[0]["via"], via, "{agent}");
        let clean = json!({ "text": "feature delete webhooks_failed_callout" });
        world.root.post("/v1/chatops", clean).await.ok();
    };
    check("wigwag/0.1.0", "cli").await;
    check("wigwag", "api").await;
    check("curl/8.0 wigwag/0.1.0", "api").await;
    check("Wigwag/0.1.0", "api").await;
}
