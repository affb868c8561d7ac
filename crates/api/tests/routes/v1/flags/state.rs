use crate::world::World;
use serde_json::{Value, json};

const STATE: &str = "/v1/flags/webhooks_failed_callout/state";

#[tokio::test]
async fn exactly_what_is_given_is_stored() {
    let world = World::new().await;
    let state = json!({
        "boolean": false,
        "actors": ["Project:1", "User:5"],
        "opt_outs": ["User:6"],
        "percentage_of_actors": 32.639,
        "percentage_of_time": 50.0,
    });
    let written = world.root.put(STATE, json!({ "state": state, "reason": "moved here" })).await.ok();
    assert_eq!((&written["before"], &written["after"]), (&Value::Null, &state));
    assert_eq!(written["environment"], "production");
    let row = &world.root.get("/v1/audit?flag=webhooks_failed_callout").await.ok()[0];
    assert_eq!(row["reason"], "moved here");
    let forgotten = world.root.put(STATE, json!({ "state": null })).await.ok();
    assert_eq!((&forgotten["before"], &forgotten["after"]), (&state, &Value::Null));
    let empty = world.root.put(STATE, json!({ "state": {} })).await.ok();
    assert_eq!(empty["after"], json!({}), "stored, and off");
}

#[tokio::test]
async fn an_environment_that_reads_anothers_flags_is_written_there() {
    let world = World::new().await;
    let input = json!({ "environment": "staging-canary", "state": { "boolean": true } });
    assert_eq!(world.root.put(STATE, input).await.ok()["environment"], "staging");
}

#[tokio::test]
async fn what_cannot_be_stored_changes_nothing() {
    let world = World::new().await;
    let check = async |state: Value, field: &str| {
        let refused = world.root.put(STATE, json!({ "state": state })).await;
        assert_eq!(refused.problem(422), "invalid_field");
        assert_eq!(refused.json()["field"], field, "{}", refused.text());
    };
    check(json!({ "percentage_of_actors": 100.1 }), "state.percentage_of_actors").await;
    check(json!({ "percentage_of_time": 0.1234 }), "state.percentage_of_time").await;
    check(json!({ "percentage_of_time": -1 }), "state.percentage_of_time").await;
    check(json!({ "actors": ["User:5", "nobody"] }), "state.actors").await;
    check(json!({ "opt_outs": ["User:5:opt_out"] }), "state.opt_outs").await;
    check(json!({ "boolean": "yes" }), "state.boolean").await;
    check(json!({ "groups": ["nobody_knows"] }), "value").await;
    let named = |name: &str| format!("/v1/flags/{name}/state");
    let on = json!({ "state": { "boolean": true } });
    assert_eq!(world.root.put(&named("a%20b"), on.clone()).await.problem(422), "invalid_field");
    assert_eq!(
        world.root.put(&named("webhooks_failed_callout_"), on.clone()).await.problem(422),
        "invalid_field"
    );
    let moon = json!({ "environment": "moon", "state": {} });
    assert_eq!(world.root.put(STATE, moon).await.problem(404), "not_found");
    let explained = world.root.get("/v1/flags/webhooks_failed_callout/explain").await.ok();
    assert_eq!(explained["reason"], "default");
    let forced = json!({ "state": { "boolean": true }, "force": true });
    world.root.put(&named("webhooks_failed_callout_"), forced).await.ok();
}

#[tokio::test]
async fn the_direction_decides_who_may() {
    let world = World::new().await;
    let put = async |scope: &str, state: Value| {
        let client = world.server.token_of("sam", &[scope]).await;
        client.put(STATE, json!({ "state": state })).await.status.as_u16()
    };
    let (on, off) = (json!({ "boolean": true }), json!({ "boolean": false }));
    assert_eq!(put("flags:read", off.clone()).await, 403);
    assert_eq!(put("flags:off", on.clone()).await, 403);
    assert_eq!(put("flags:rw", on.clone()).await, 200);
    assert_eq!(put("flags:off", off.clone()).await, 200);
    assert_eq!(put("metrics", off).await, 403);
    assert_eq!(world.maintainer.put(STATE, json!({ "state": on })).await.problem(403), "forbidden");
}
