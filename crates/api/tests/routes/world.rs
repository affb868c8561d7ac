//! A server with people, places and a hook.

use serde_json::{Value, json};
use std::time::Duration;
use wigwag_testkit::{Client, Receiver, Server};

/// How long a test waits for the health of a hook to move.
const BECOMES_WITHIN: Duration = Duration::from_secs(15);

/// A group `acme` with a project `acme/shop`, a maintainer and a reporter of it, and a stranger.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) root: Client,
    pub(crate) maintainer: Client,
    pub(crate) reporter: Client,
    pub(crate) stranger: Client,
    pub(crate) group: i64,
    pub(crate) project: i64,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Server::start().await).await
    }

    pub(crate) async fn on(server: Server) -> Self {
        let root = server.root();
        let group = root.post("/api/v4/groups", json!({ "name": "Acme", "path": "acme" })).await.created();
        let group = group["id"].as_i64().unwrap();
        let input = json!({ "name": "Shop", "path": "shop", "namespace_id": group });
        let project = root.post("/api/v4/projects", input).await.created()["id"].as_i64().unwrap();
        let maintainer = server.user("mia").await;
        let reporter = server.user("rob").await;
        let stranger = server.user("sam").await;
        for (username, access_level) in [("mia", 40), ("rob", 20)] {
            let input = json!({ "username": username, "access_level": access_level });
            root.post(&format!("/api/v4/projects/{project}/members"), input).await.created();
        }
        Self { server, root, maintainer, reporter, stranger, group, project }
    }

    /// A token of mia's that is bound to environments; its client.
    pub(crate) async fn bound(&self, environments: &[&str], scopes: &[&str]) -> Client {
        let input = json!({ "name": "bound", "scopes": scopes, "environments": environments });
        let made = self.root.post("/api/v4/users/mia/personal_access_tokens", input).await.created();
        self.root.with_token(made["token"].as_str().unwrap())
    }

    /// A path below the project's, under `/api/v4`.
    pub(crate) fn v4(&self, rest: &str) -> String {
        format!("/api/v4/projects/{}{rest}", self.project)
    }

    /// A path below the project's, under `/v1`.
    pub(crate) fn v1(&self, rest: &str) -> String {
        format!("/v1/projects/{}{rest}", self.project)
    }

    /// A hook of the project for push events, that the maintainer made.
    pub(crate) async fn hook(&self, receiver: &Receiver, more: Value) -> i64 {
        let mut input = json!({ "url": receiver.url() });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.maintainer.post(&self.v4("/hooks"), input).await.created()["id"].as_i64().unwrap()
    }

    /// Publishes a push event.
    pub(crate) async fn push(&self) -> i64 {
        let event = json!({ "type": "push", "payload": { "ref": "main" } });
        self.maintainer.post(&self.v1("/events"), event).await.expect(202)["id"].as_i64().unwrap()
    }

    /// The hook as the maintainer sees it, once its health says `word`.
    pub(crate) async fn hook_with_health(&self, hook: i64, word: &str) -> Value {
        let path = self.v4(&format!("/hooks/{hook}"));
        let asked = async {
            loop {
                let seen = self.maintainer.get(&path).await.ok();
                if seen["health"] == word {
                    return seen;
                }
            }
        };
        let became = tokio::time::timeout(BECOMES_WITHIN, asked).await;
        became.unwrap_or_else(|_| panic!("hook {hook} did not become {word}"))
    }
}
