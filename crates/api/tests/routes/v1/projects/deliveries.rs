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
