use crate::world::World;
use serde_json::{Value, json};

const SNAPSHOT: &str = "/v1/flags/snapshot";
const FEATURE: &str = "/api/v4/features/webhooks_failed_callout";

fn flag(answer: &Value, name: &str) -> Value {
    let flags = answer["flags"].as_array().unwrap();
    flags.iter().find(|flag| flag["name"] == name).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_program_gets_all_that_evaluation_needs() {
    let world = World::new().await;
    world.root.post(FEATURE, json!({ "value": 25, "key": "percentage_of_actors" })).await.created();
    world.root.post(FEATURE, json!({ "value": true, "project": "acme/shop" })).await.created();
    let reader = world.server.user_with("app", &["flags:read"]).await;
    let all = reader.get(SNAPSHOT).await.ok();
    assert_eq!(all["environment"], "production");
    let callout = json!({
        "name": "webhooks_failed_callout",
        "default_enabled": false,
        "depends_on": ["auto_disabling_web_hooks"],
        "state": { "actors": [format!("Project:{}", world.project)], "percentage_of_actors": 25.0 },
    });
    assert_eq!(flag(&all, "webhooks_failed_callout"), callout);
    let switch = json!({ "name": "auto_disabling_web_hooks", "default_enabled": true });
    assert_eq!(flag(&all, "auto_disabling_web_hooks"), switch);
    assert_eq!((&all["groups"], &all["overrides"]), (&json!({}), &json!([])));
    let dev = reader.get(&format!("{SNAPSHOT}?environment=dev")).await.ok();
    assert_eq!(
        (&dev["environment"], &flag(&dev, "webhooks_failed_callout")["state"]),
        (&json!("dev"), &Value::Null)
    );
}

#[tokio::test]
async fn a_write_shows_in_the_next_snapshot_and_the_version_is_its_tag() {
    let world = World::new().await;
    let first = world.root.get(SNAPSHOT).await;
    let tag = first.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", first.ok()["version"].as_str().unwrap()));
    let seen = world.root.request("GET", SNAPSHOT).header("if-none-match", &tag).send().await;
    assert_eq!((seen.status.as_u16(), seen.body.len()), (304, 0));
    for round in 0..5 {
        world.root.post(FEATURE, json!({ "value": round % 2 == 0 })).await.created();
        let after = world.root.request("GET", SNAPSHOT).header("if-none-match", &tag).send().await.ok();
        assert_eq!(flag(&after, "webhooks_failed_callout")["state"]["boolean"], round % 2 == 0);
    }
}

#[tokio::test]
async fn who_may_not_read_flags_gets_none() {
    let world = World::new().await;
    assert_eq!(world.root.anonymous().get(SNAPSHOT).await.problem(401), "unauthorized");
    assert_eq!(world.maintainer.get(SNAPSHOT).await.problem(403), "forbidden");
    assert_eq!(
        world.server.token_of("sam", &["metrics"]).await.get(SNAPSHOT).await.problem(403),
        "forbidden"
    );
    assert_eq!(world.root.get(&format!("{SNAPSHOT}?environment=moon")).await.problem(404), "not_found");
}
