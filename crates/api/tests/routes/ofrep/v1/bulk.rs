use crate::world::World;
use serde_json::{Value, json};
use wigwag_testkit::{Answer, Client};

const ALL: &str = "/ofrep/v1/evaluate/flags";
const FEATURE: &str = "/api/v4/features/webhooks_failed_callout";

async fn asked(client: &Client, path: &str, key: &str, tag: &str) -> Answer {
    let body = json!({ "context": { "targetingKey": key } });
    client.request("POST", path).header("if-none-match", tag).json(&body).send().await
}

fn flag<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["flags"].as_array().unwrap().iter().find(|flag| flag["key"] == name).unwrap()
}

#[tokio::test]
async fn every_flag_is_evaluated_at_once() {
    let world = World::new().await;
    world.root.post(FEATURE, json!({ "value": 10, "key": "percentage_of_actors" })).await.created();
    world.root.post("/api/v4/features/stray", json!({ "value": true, "force": true })).await.created();
    let answer = asked(&world.root, ALL, "Project:1", "").await.ok();
    assert_eq!(flag(&answer, "webhooks_failed_callout")["value"], true);
    assert_eq!(flag(&answer, "webhooks_failed_callout")["reason"], "SPLIT");
    assert_eq!(flag(&answer, "auto_disabling_web_hooks")["value"], true);
    assert_eq!(flag(&answer, "stray")["metadata"], json!({ "reason": "boolean" }));
    assert_eq!(answer["metadata"]["environment"], "production");
    let staging = asked(&world.root, &format!("/environments/staging{ALL}"), "Project:1", "").await.ok();
    assert_eq!(flag(&staging, "webhooks_failed_callout")["value"], false);
    assert!(staging["flags"].as_array().unwrap().iter().all(|flag| flag["key"] != "stray"));
}

#[tokio::test]
async fn the_tag_covers_the_flags_the_context_and_the_environment() {
    let world = World::new().await;
    let first = asked(&world.root, ALL, "User:1", "").await;
    let tag = first.header("etag").to_owned();
    let seen = asked(&world.root, ALL, "User:1", &tag).await;
    assert_eq!((seen.status.as_u16(), seen.header("etag"), seen.body.len()), (304, &*tag, 0));
    asked(&world.root, ALL, "User:2", &tag).await.ok();
    asked(&world.root, &format!("/environments/staging{ALL}"), "User:1", &tag).await.ok();
    let staging = format!("/environments/staging{FEATURE}");
    world.root.post(&staging, json!({ "value": true })).await.created();
    assert_eq!(asked(&world.root, ALL, "User:1", &tag).await.status, 304, "another environment changed");
    world.root.post(FEATURE, json!({ "value": true })).await.created();
    let after = asked(&world.root, ALL, "User:1", &tag).await;
    assert_eq!(flag(&after.ok(), "webhooks_failed_callout")["value"], true);
    assert_ne!(after.header("etag"), tag);
}

#[tokio::test]
async fn who_was_told_of_another_version_gets_an_answer_whatever_the_tag_says() {
    let world = World::new().await;
    let first = asked(&world.root, ALL, "User:1", "").await;
    let (tag, version) = (first.header("etag").to_owned(), first.json()["metadata"]["version"].clone());
    let version = version.as_str().unwrap().to_owned();
    let told = async |version: &str| {
        asked(&world.root, &format!("{ALL}?flagConfigEtag={version}"), "User:1", &tag).await.status.as_u16()
    };
    assert_eq!(told(&version).await, 304);
    assert_eq!(told("another").await, 200);
}

#[tokio::test]
async fn what_is_wrong_is_told_without_a_flag() {
    let world = World::new().await;
    let check = async |client: &Client, body: &str, status: u16, code: &str| {
        let answer = client.request("POST", ALL).body("application/json", body.to_owned()).send().await;
        let told = answer.expect(status);
        assert_eq!((&told["errorCode"], &told["key"]), (&json!(code), &Value::Null));
    };
    check(&world.root, "{", 400, "PARSE_ERROR").await;
    check(&world.root, "[]", 400, "INVALID_CONTEXT").await;
    check(&world.root.anonymous(), "", 401, "GENERAL").await;
    check(&world.reporter, "", 403, "GENERAL").await;
    world.root.request("POST", ALL).send().await.ok();
}
