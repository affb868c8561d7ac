use crate::world::World;
use serde_json::{Value, json};
use wigwag_testkit::Answer;

const FLAG: &str = "/ofrep/v1/evaluate/flags/webhooks_failed_callout";
const FEATURE: &str = "/api/v4/features/webhooks_failed_callout";

fn context(key: &str) -> Value {
    json!({ "context": { "targetingKey": key } })
}

#[track_caller]
fn failed(answer: &Answer, status: u16, code: &str) {
    let body = answer.expect(status);
    assert_eq!(body["errorCode"], code, "{body}");
    assert!(!body["errorDetails"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_decision_has_the_protocols_reason_and_our_own() {
    let world = World::new().await;
    let reader = world.server.user_with("app", &["flags:read"]).await;
    let check = async |key: &str, value: bool, reason: &str, ours: &str| {
        let answer = reader.post(FLAG, context(key)).await.ok();
        let told = (&answer["value"], &answer["reason"], &answer["metadata"]["reason"]);
        assert_eq!(told, (&json!(value), &json!(reason), &json!(ours)), "{key}");
        assert_eq!(answer["variant"], if value { "on" } else { "off" });
        assert_eq!(answer["key"], "webhooks_failed_callout");
        answer["metadata"]["bucket"].as_u64()
    };
    check("Project:1", false, "STATIC", "default").await;
    world.root.post(FEATURE, json!({ "value": 10, "key": "percentage_of_actors" })).await.created();
    assert_eq!(check("Project:1", true, "SPLIT", "percentage_of_actors").await, Some(3_033));
    assert_eq!(check("User:1", false, "DISABLED", "off").await, None);
    let input = json!({ "value": true, "user": "mia" });
    world.root.post(FEATURE, input).await.created();
    let mia = world.root.get("/api/v4/users?username=mia").await.ok()[0]["id"].as_i64().unwrap();
    let mia = format!("User:{mia}");
    check(&mia, true, "TARGETING_MATCH", "actors").await;
    world.root.post(FEATURE, json!({ "value": "opt_out", "user": "mia" })).await.created();
    check(&mia, false, "DISABLED", "opt_out").await;
    world.root.post(FEATURE, json!({ "value": true })).await.created();
    check("anything at all", true, "STATIC", "boolean").await;
    world.root.post("/api/v4/features/auto_disabling_web_hooks", json!({ "value": false })).await.created();
    check("Project:1", false, "DISABLED", "dependency").await;
}

#[tokio::test]
async fn the_targeting_key_and_the_actors_decide_together() {
    let world = World::new().await;
    let input = json!({ "value": 51, "key": "percentage_of_actors", "force": true });
    world.root.post("/api/v4/features/f", input).await.created();
    let both = json!({ "context": { "targetingKey": "User:5", "actors": ["Project:1"], "plan": "free" } });
    let answer = world.root.post("/ofrep/v1/evaluate/flags/f", both).await.ok();
    assert_eq!(answer["metadata"]["bucket"], 50_435);
    let nobody = world.root.post("/ofrep/v1/evaluate/flags/f", json!({})).await.ok();
    assert_eq!(nobody["metadata"]["reason"], "off");
}

#[tokio::test]
async fn the_environment_is_the_paths() {
    let world = World::new().await;
    world.root.post(&format!("/environments/staging{FEATURE}"), json!({ "value": true })).await.created();
    let value = async |path: String| world.root.post(&path, json!({})).await.ok()["value"].clone();
    assert_eq!(value(FLAG.to_owned()).await, false);
    assert_eq!(value(format!("/environments/staging{FLAG}")).await, true);
    assert_eq!(value(format!("/environments/staging-canary{FLAG}")).await, true);
    failed(&world.root.post(&format!("/environments/moon{FLAG}"), json!({})).await, 400, "GENERAL");
}

#[tokio::test]
async fn without_a_path_the_environment_is_the_tokens() {
    let world = World::new().await;
    world.root.post(&format!("/environments/staging{FEATURE}"), json!({ "value": true })).await.created();
    let staging = world.bound(&["staging"], &["flags:read"]).await;
    assert_eq!(staging.post(FLAG, json!({})).await.ok()["value"], true);
    assert_eq!(staging.post(&format!("/environments/staging{FLAG}"), json!({})).await.ok()["value"], true);
    for other in ["production", "dev"] {
        failed(&staging.post(&format!("/environments/{other}{FLAG}"), json!({})).await, 403, "GENERAL");
    }
    let several = world.bound(&["dev", "staging"], &["flags:read"]).await;
    failed(&several.post(FLAG, json!({})).await, 400, "GENERAL");
}

#[tokio::test]
async fn what_cannot_be_answered_says_so_in_the_protocols_words() {
    let world = World::new().await;
    let root = &world.root;
    let unknown = root.post("/ofrep/v1/evaluate/flags/nothing", json!({})).await;
    failed(&unknown, 404, "FLAG_NOT_FOUND");
    assert_eq!(unknown.json()["key"], "nothing");
    failed(&root.post("/ofrep/v1/evaluate/flags/..%2F..", json!({})).await, 404, "FLAG_NOT_FOUND");
    let sent =
        async |body: &str| root.request("POST", FLAG).body("application/json", body.to_owned()).send().await;
    failed(&sent("{").await, 400, "PARSE_ERROR");
    failed(&sent("[]").await, 400, "INVALID_CONTEXT");
    failed(&sent(r#"{"context":{"targetingKey":5}}"#).await, 400, "INVALID_CONTEXT");
    failed(&root.anonymous().post(FLAG, json!({})).await, 401, "GENERAL");
    failed(&root.with_token("wrong").post(FLAG, json!({})).await, 401, "GENERAL");
    failed(&world.maintainer.post(FLAG, json!({})).await, 403, "GENERAL");
    let metrics = world.server.token_of("sam", &["metrics"]).await;
    failed(&metrics.post(FLAG, json!({})).await, 403, "GENERAL");
    for scope in ["flags:read", "flags:off", "flags:rw"] {
        world.server.token_of("sam", &[scope]).await.post(FLAG, json!({})).await.ok();
    }
}

#[tokio::test]
async fn a_context_is_bounded_in_bytes() {
    let world = World::new().await;
    let of_bytes = |bytes: usize| {
        let around = r#"{"context":{"a":""}}"#.len();
        format!(r#"{{"context":{{"a":"{}"}}}}"#, "x".repeat(bytes - around))
    };
    let sent =
        async |body: String| world.root.request("POST", FLAG).body("application/json", body).send().await;
    sent(of_bytes(64 << 10)).await.ok();
    let refused = sent(of_bytes((64 << 10) + 1)).await;
    failed(&refused, 413, "INVALID_CONTEXT");
    assert!(refused.json()["errorDetails"].as_str().unwrap().contains("65536"));
}

#[tokio::test]
async fn a_token_comes_in_any_of_three_headers() {
    let world = World::new().await;
    let token = world.root.token().to_owned();
    let check = async |name: &str, value: &str| {
        world.root.anonymous().request("POST", FLAG).header(name, value).json(&json!({})).send().await.ok();
    };
    check("authorization", &format!("Bearer {token}")).await;
    check("x-api-key", &token).await;
    check("private-token", &token).await;
}
