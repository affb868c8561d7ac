use crate::world::World;
use serde_json::{Value, json};

fn row(list: &Value, name: &str) -> Value {
    list["flags"].as_array().unwrap().iter().find(|row| row["name"] == name).cloned().unwrap_or_default()
}

#[tokio::test]
async fn every_flag_stands_side_by_side_in_all_environments() {
    let world = World::new().await;
    let feature = "/api/v4/features/webhooks_failed_callout";
    world.root.post(feature, json!({ "value": 25, "key": "percentage_of_actors" })).await.created();
    world.root.post(&format!("/environments/staging{feature}"), json!({ "value": true })).await.created();
    let stray = json!({ "value": false, "force": true });
    world.root.post("/environments/dev/api/v4/features/stray", stray).await.created();
    world.root.put("/v1/flags/stray/override", json!({ "environment": "dev" })).await.ok();
    let reader = world.server.user_with("app", &["flags:read"]).await;
    let list = reader.get("/v1/flags").await.ok();
    let callout = row(&list, "webhooks_failed_callout");
    assert_eq!(callout["definition"]["type"], "beta");
    let words = |row: &Value| -> Vec<String> {
        let places = row["environments"].as_array().unwrap().iter();
        let word = |place: &Value| {
            let stored = if place["stored"] == true { "" } else { " by default" };
            format!("{} {}{stored}", place["environment"].as_str().unwrap(), place["state"].as_str().unwrap())
        };
        places.map(word).collect()
    };
    let everywhere = [
        "dev off by default",
        "staging-canary on",
        "staging on",
        "production-canary conditional",
        "production conditional",
    ];
    assert_eq!(words(&callout), everywhere);
    let stray = row(&list, "stray");
    assert_eq!((words(&stray), &stray["definition"]), (vec!["dev off".to_owned()], &Value::Null));
    assert_eq!(stray["environments"][0]["overridden"], true);
    assert_eq!(words(&row(&list, "auto_disabling_web_hooks"))[4], "production on by default");
}

#[tokio::test]
async fn an_environment_that_cannot_be_read_is_named() {
    let world = World::new().await;
    assert_eq!(world.root.get("/v1/flags").await.ok()["unread"], json!([]));
    let bound = world.bound(&["staging"], &["flags:read"]).await;
    let list = bound.get("/v1/flags").await.ok();
    let unread = list["unread"].as_array().unwrap();
    let names: Vec<&Value> = unread.iter().map(|one| &one["environment"]).collect();
    assert_eq!(names, ["dev", "production-canary", "production"]);
    assert!(unread.iter().all(|one| !one["reason"].as_str().unwrap().is_empty()), "{list}");
    assert_eq!(row(&list, "webhooks_failed_callout")["environments"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn who_may_not_read_flags_sees_none() {
    let world = World::new().await;
    assert_eq!(world.root.anonymous().get("/v1/flags").await.problem(401), "unauthorized");
    assert_eq!(world.maintainer.get("/v1/flags").await.problem(403), "forbidden");
}
