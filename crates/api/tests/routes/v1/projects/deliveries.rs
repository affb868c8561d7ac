use crate::world::World;
use serde_json::json;
use wigwag_testkit::{Receiver, Reply};

#[tokio::test]
async fn deliveries_are_listed_by_what_became_of_them() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Status(500));
    let hook = world.hook(&receiver, json!({})).await;
    let event = world.push().await;
    receiver.next().await;
    world.hook_with_health(hook, "unhealthy").await;
    let list = |query: &str| world.v1(&format!("/deliveries?{query}"));
    let listed = world.maintainer.get(&list("")).await;
    assert_eq!(listed.header("x-total"), "1");
    let row = listed.ok()[0].clone();
    assert_eq!((&row["event_id"], &row["hook_id"]), (&json!(event), &json!(hook)));
    assert_eq!((&row["state"], &row["attempts"]), (&json!("retrying"), &json!(1)));
    assert_eq!(row["next_try_at"], "2026-01-01T00:00:05.000Z");
    assert_eq!((&row["reason"], &row["waits_until"]), (&json!("failed"), &row["next_try_at"]));
    assert!(row["explanation"].as_str().unwrap().starts_with("1 try failed; it is tried again. "), "{row}");
    let count = async |query: &str| world.maintainer.get(&list(query)).await.ok().as_array().unwrap().len();
    assert_eq!(count("state=retrying&event_type=push&since=2026-01-01T00:00:00Z").await, 1);
    assert_eq!(count(&format!("hook_id={hook}&state=")).await, 1);
    assert_eq!(count("state=delivered").await, 0);
    assert_eq!(count("since=2026-01-02T00:00:00Z").await, 0);
    assert_eq!(count("until=2026-01-01T00:00:00Z").await, 0);
    assert_eq!(count(&format!("event_id={event}&until=2026-01-02")).await, 1);
    assert_eq!(count("event_id=999").await, 0);
    for wrong in [
        "state=lost",
        "since=yesterday",
        "until=tomorrow",
        "event_id=x",
        "hook_id=x",
        "event_type=a%20b",
        "page=x",
    ] {
        assert_eq!(world.maintainer.get(&list(wrong)).await.problem(422), "invalid_field", "{wrong}");
    }
    assert_eq!(world.reporter.get(&list("")).await.problem(403), "forbidden");
    assert_eq!(world.stranger.get(&list("")).await.problem(404), "not_found");
}

#[tokio::test]
async fn many_deliveries_are_counted_and_replayed() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Status(500));
    world.hook(&receiver, json!({ "retry_policy": { "delays_s": [] }, "failure_policy": "off" })).await;
    world.push().await;
    receiver.next().await;
    let deliveries = format!("/v1/projects/{}/deliveries", world.project);
    while world.maintainer.get(&format!("{deliveries}?state=given_up")).await.ok() == json!([]) {
        tokio::task::yield_now().await;
    }
    let replay = format!("{deliveries}/replay");
    let count = |count: u64| json!({ "count": count, "more": false });
    assert_eq!(world.maintainer.post(&replay, json!({ "dry_run": true })).await.ok(), count(1));
    let filter = json!({ "filter": { "state": "given_up,skipped", "since": "2020-01-01", "hook_id": "1" }, "dry_run": true });
    assert_eq!(world.maintainer.post(&replay, filter).await.ok(), count(1));
    let filter = json!({ "filter": { "state": ["expired"], "until": "2020-01-01" } });
    assert_eq!(world.maintainer.post(&replay, filter).await.ok(), count(0));
    receiver.replies(Reply::Status(200));
    assert_eq!(world.maintainer.post(&replay, json!({})).await.ok(), count(1));
    receiver.next().await;
    world.maintainer.post(&replay, json!({ "filter": { "state": ["held"] } })).await.expect(422);
    world.maintainer.post(&replay, json!({ "filter": { "since": "yesterday" } })).await.expect(422);
    let elsewhere = format!("{replay}?dry_run=true");
    assert_eq!(world.maintainer.post(&elsewhere, json!({})).await.problem(422), "invalid_field");
    // What is misspelt must not send more than was meant.
    for misspelt in [
        json!({ "filter": { "states": ["given_up"] } }),
        json!({ "dryrun": true }),
        json!({ "filter": { "hook_id": "" } }),
        json!({ "filter": { "state": [] } }),
        json!({ "filter": { "state": [null] } }),
        json!({ "filter": { "since": " " } }),
    ] {
        assert_eq!(world.maintainer.post(&replay, misspelt).await.problem(422), "invalid_field");
    }
    world.reporter.post(&replay, json!({})).await.expect(403);
}
