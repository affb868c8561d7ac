use crate::world::World;
use serde_json::json;
use wigwag_testkit::{Receiver, Reply};

#[tokio::test]
async fn enabling_brings_a_disabled_hook_back_with_what_waits() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Status(410));
    let hook = world.hook(&receiver, json!({})).await;
    world.push().await;
    receiver.next().await;
    let disabled = world.hook_with_health(hook, "disabled").await;
    assert_eq!((&disabled["alert_status"], &disabled["disabled_until"]), (&json!("disabled"), &json!(null)));
    receiver.replies(Reply::Status(200));
    world.push().await;
    let enable = world.v1(&format!("/hooks/{hook}/enable"));
    assert_eq!(world.reporter.post(&enable, json!({})).await.problem(403), "forbidden");
    assert_eq!(world.stranger.post(&enable, json!({})).await.problem(404), "not_found");
    assert_eq!(
        world.maintainer.post(&world.v1("/hooks/99/enable"), json!({})).await.problem(404),
        "not_found"
    );
    world.maintainer.post(&enable, json!({})).await.done();
    world.hook_with_health(hook, "healthy").await;
    receiver.next().await;
}
