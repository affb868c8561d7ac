use crate::v1::broken_world;
use serde_json::{Value, json};

#[tokio::test]
async fn the_timeline_names_the_attempts_behind_each_change() {
    let (world, hook, _receiver) = broken_world().await;
    let path = world.v1(&format!("/hooks/{hook}/timeline"));
    let told = world.maintainer.get(&path).await.ok();
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    let change = &told[0];
    assert_eq!(
        (&change["kind"], &change["from"], &change["to"]),
        (&json!("hook.disabled"), &json!("healthy"), &json!("disabled"))
    );
    assert_eq!((&change["failures"], &change["attempts_count"]), (&json!(1), &json!(1)));
    let attempt = &change["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["kind"]), (&json!(410), &json!("first")));
    assert_eq!(attempt["error"], change["error"]);
    assert_eq!(world.reporter.get(&path).await.problem(403), "forbidden");
    assert_eq!(world.stranger.get(&path).await.problem(404), "not_found");
    let none = world.v1("/hooks/99/timeline");
    assert_eq!(world.maintainer.get(&none).await.problem(404), "not_found");
    let elsewhere = format!("/v1/groups/acme/hooks/{hook}/timeline");
    assert_eq!(world.root.get(&elsewhere).await.problem(404), "not_found", "it is no hook of the group");
    assert_eq!(world.root.get(&format!("/v1/hooks/{hook}/timeline")).await.problem(404), "not_found");
}

#[tokio::test]
async fn another_policy_is_tried_and_nothing_is_changed() {
    let (world, hook, _receiver) = broken_world().await;
    let path = world.v1(&format!("/hooks/{hook}/policy_dry_run"));
    let told = world.maintainer.post(&path, json!({ "failure_policy": { "threshold": 1 } })).await.ok();
    assert_eq!((&told["attempts"], &told["cut"]), (&json!(1), &json!(false)));
    assert_eq!(told["tried"]["failure_policy"]["threshold"], 1);
    assert_eq!(told["tried"]["failure_policy"]["first_pause_s"], 60, "what is not given is the instance's");
    assert_eq!((&told["tried"]["sent"], &told["tried"]["health"]), (&json!(1), &json!("disabled")));
    assert_eq!(told["present"]["failure_policy"]["threshold"], 4);
    assert_eq!((&told["happened"]["sent"], &told["happened"]["health"]), (&json!(1), &json!("disabled")));
    assert!(told["unknown"].as_str().unwrap().contains("were sent"), "{told}");
    let off = world.maintainer.post(&path, json!({ "failure_policy": "off" })).await.ok();
    assert_eq!(
        (&off["tried"]["failure_policy"], &off["tried"]["health"]),
        (&json!("off"), &json!("unhealthy"))
    );
    assert_eq!(off["tried"]["disabled_at"], Value::Null);
    let none = json!({ "failure_policy": null, "retry_policy": { "delays_s": [] } });
    let none = world.maintainer.post(&path, none).await.ok();
    assert_eq!(none["tried"]["retry_policy"], json!({ "delays_s": [] }));
    let kept = world.maintainer.get(&world.v4(&format!("/hooks/{hook}"))).await.ok();
    assert_eq!((&kept["failure_policy"], &kept["health"]), (&Value::Null, &json!("disabled")));
    for (wrong, field) in [
        (json!({}), "failure_policy"),
        (json!({ "failure_policy": "on" }), "failure_policy"),
        (json!({ "failure_policy": { "threshold": 0 } }), "failure_policy.threshold"),
        (json!({ "failure_policy": { "threshold": 1_001 } }), "failure_policy.threshold"),
        (json!({ "failure_policy": { "factor": 101 } }), "failure_policy.factor"),
        (json!({ "retry_policy": { "delays_s": [-1] } }), "retry_policy.delays_s"),
        (json!({ "retry_policy": { "delays_s": vec![1; 33] } }), "retry_policy.delays_s"),
    ] {
        let answer = world.maintainer.post(&path, wrong.clone()).await;
        assert_eq!(answer.status, 422, "{wrong}");
        assert!(answer.text().contains(&format!("\"{field}\"")), "{wrong}: {}", answer.text());
    }
    let all = json!({ "failure_policy": "off" });
    assert_eq!(world.reporter.post(&path, all.clone()).await.problem(403), "forbidden");
    assert_eq!(world.stranger.post(&path, all.clone()).await.problem(404), "not_found");
    let none = world.v1("/hooks/99/policy_dry_run");
    assert_eq!(world.maintainer.post(&none, all).await.problem(404), "not_found");
}
