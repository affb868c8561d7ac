use crate::chat::server_with_chat;
use crate::world::World;
use serde_json::{Value, json};
use std::time::Duration;

const OUTBOX: &str = "/v1/chat/outbox";

/// How long a test waits until a message was tried.
const TRIED_WITHIN: Duration = Duration::from_secs(15);

/// The newest message, once it was tried.
async fn tried(world: &World) -> Value {
    let asked = async {
        loop {
            let newest = world.root.get(OUTBOX).await.ok()[0].clone();
            if newest["last_error"].is_string() {
                return newest;
            }
        }
    };
    tokio::time::timeout(TRIED_WITHIN, asked).await.unwrap()
}

#[tokio::test]
async fn what_could_not_be_said_is_listed_without_what_it_says() {
    let world = World::on(server_with_chat().await).await;
    assert_eq!(world.root.get(OUTBOX).await.ok(), json!([]));
    let set = json!({ "text": "feature set webhooks_failed_callout false --reason='the reason'" });
    assert_eq!(world.root.post("/v1/chatops", set).await.ok()["ok"], true);
    let message = tried(&world).await;
    assert_eq!(message["destination"], "channel:#production");
    assert_eq!(
        (&message["last_error"], &message["due_at"]),
        (&json!("the channel is archived"), &Value::Null)
    );
    assert_eq!(message["at"], "2026-01-01T00:00:00.000Z");
    let text = message.to_string();
    assert!(!text.contains("the reason") && !text.contains("webhooks_failed_callout"), "{text}");
    let listed = world.root.get("/v1/chat/outbox?page=2&per_page=1").await;
    assert_eq!((listed.header("x-page"), listed.header("x-per-page")), ("2", "1"));
    assert_eq!(world.root.get("/v1/chat/outbox?page=x").await.problem(422), "invalid_field");
}

#[tokio::test]
async fn the_outbox_is_for_those_who_give_roles() {
    let world = World::new().await;
    assert_eq!(world.maintainer.get(OUTBOX).await.problem(403), "forbidden");
    assert_eq!(world.root.anonymous().get(OUTBOX).await.problem(401), "unauthorized");
    let reporting = world.server.token_of("mia", &["deployments:write"]).await;
    assert_eq!(reporting.get(OUTBOX).await.problem(403), "forbidden");
    world.root.put("/v1/chat/roles/mia", json!({ "role": "admin" })).await.ok();
    world.maintainer.get(OUTBOX).await.ok();
}
