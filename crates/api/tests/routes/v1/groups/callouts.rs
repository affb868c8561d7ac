use crate::world::World;
use serde_json::json;
use std::time::Duration;
use wigwag_testkit::{Receiver, Reply};

#[tokio::test]
async fn a_groups_owner_sees_and_dismisses_the_groups_banner() {
    let world = World::new().await;
    world.root.post("/api/v4/features/webhooks_failed_callout", json!({ "value": true })).await.created();
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Status(410));
    let hooks = format!("/api/v4/groups/{}/hooks", world.group);
    world.root.post(&hooks, json!({ "url": receiver.url() })).await.created();
    world.push().await;
    receiver.next().await;
    let path = format!("/v1/groups/{}/callouts", world.group);
    let asked = async {
        loop {
            let shown = world.root.get(&path).await.ok()["callouts"].clone();
            if shown != json!([]) {
                return shown;
            }
        }
    };
    let shown = tokio::time::timeout(Duration::from_secs(15), asked).await.unwrap();
    assert_eq!(shown[0]["scope"], json!({ "type": "group", "id": world.group }));
    assert_eq!(world.maintainer.get(&path).await.ok()["callouts"], json!([]));
    assert_eq!(world.root.get("/v1/groups/none/callouts").await.ok()["callouts"], json!([]));
    world.root.post("/v1/groups/acme/callouts/web_hook_disabled/dismiss", json!({})).await.done();
    assert_eq!(world.root.get(&path).await.ok()["callouts"], json!([]));
    let gone = world.root.post("/v1/groups/none/callouts/web_hook_disabled/dismiss", json!({})).await;
    assert_eq!(gone.problem(404), "not_found");
}
