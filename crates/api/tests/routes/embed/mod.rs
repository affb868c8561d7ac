mod callout;
mod script;
mod session;
mod v1;

use crate::world::World;
use serde_json::json;

/// An embed token for a user in the project.
pub(crate) async fn token(world: &World, user: &str) -> String {
    let input = json!({ "user": user, "project": world.project });
    let minted = world.root.post("/v1/embed_tokens", input).await.created();
    minted["token"].as_str().unwrap().to_owned()
}
