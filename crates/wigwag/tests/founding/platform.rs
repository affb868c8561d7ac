//! A fresh server with everything that the document takes for granted: projects, groups, a user with a role, a chat, a
//! repository, deployments.

use crate::repository;
use crate::ways::{Said, Way};
use crate::world::{Server, World};
use serde_json::{Value, json};
use wigwag_testkit::Client;

/// What the server knows Slack by.
pub(crate) const SIGNING_SECRET: &str = "a-signing-secret-of-the-tests";

const TEAM: &str = "T0PLATFORM";
const SLACK_USER: &str = "U0MARA";

pub(crate) struct Platform {
    pub(crate) world: World,
    pub(crate) server: Server,
    pub(crate) merge_commit: String,
    /// Of mara, who may release.
    pub(crate) token: String,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        let world = World::new();
        let folder = world.path("repository");
        std::fs::create_dir(&folder).unwrap();
        let (merge_commit, newest) = repository::make(&folder);
        let settings = format!(
            "[repository]\nsource = {:?}\nproject_url = \"https://gitlab.com/gitlab-org/gitlab\"\n\
             default_branch = \"master\"\n[chat.slack]\nteam = \"{TEAM}\"\n",
            folder.to_str().unwrap()
        );
        world.write("wigwag.toml", settings);
        let mut command = world.serve(&[]);
        command.env("WIGWAG_SLACK_SIGNING_SECRET", SIGNING_SECRET);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        let server = Server::start(command).await;
        let mut platform = Self { world, server, merge_commit, token: String::new() };
        platform.fill(&newest).await;
        platform
    }

    async fn fill(&mut self, newest: &str) {
        let root = &self.server.root;
        for group in ["gitlab-org", "gitlab-com"] {
            let body = json!({ "name": group, "path": group });
            root.post("/api/v4/groups", body).await.created();
        }
        for (group, project) in [(1, "gitlab"), (1, "gitlab-foss"), (2, "www-gitlab-com")] {
            let body = json!({ "name": project, "path": project, "namespace_id": group });
            root.post("/api/v4/projects", body).await.created();
        }
        let mara = json!({ "username": "mara", "name": "Mara", "email": "mara@platform.example" });
        let id = root.post("/api/v4/users", mara).await.created()["id"].as_i64().unwrap();
        let role = json!({ "role": "release" });
        root.put("/v1/chat/roles/mara", role).await.ok();
        let token = json!({ "name": "chat", "scopes": ["chat"] });
        let path = format!("/api/v4/users/{id}/personal_access_tokens");
        let made = root.post(&path, token).await.created();
        self.token = made["token"].as_str().unwrap().to_owned();
        for environment in ["dev", "staging", "production"] {
            let body =
                json!({ "environment": environment, "sha": newest, "ref": "master", "status": "success" });
            root.post("/v1/deployments", body).await.created();
        }
        let code = self.client().post("/v1/chat/link_codes", json!({})).await.created();
        let link = format!("/chatops run link {}", code["code"].as_str().unwrap());
        let linked = self.give(Way::Slack, &link).await;
        assert!(linked.ok && linked.says("You are mara here"), "{}", linked.text);
    }

    /// As mara.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.server.address().parse().unwrap(), Some(self.token.clone()))
    }

    /// A slash command as Slack sends it.
    pub(crate) fn slack_form(&self, command: &str) -> Vec<(&'static str, String)> {
        let (slash, text) = command.split_once(' ').unwrap();
        vec![
            ("team_id", TEAM.into()),
            ("channel_id", "C0PRODUCTION".into()),
            ("channel_name", "production".into()),
            ("user_id", SLACK_USER.into()),
            ("user_name", "mara".into()),
            ("command", slash.into()),
            ("text", text.into()),
            ("response_url", "https://hooks.slack.com/commands/1/2/3".into()),
        ]
    }

    /// What every environment stores.
    pub(crate) async fn stored(&self) -> Value {
        let mut all = serde_json::Map::new();
        for environment in ["dev", "staging", "production"] {
            let path = format!("/environments/{environment}/api/v4/features");
            let features = self.server.root.get(&path).await.ok();
            let state = |feature: &Value| json!([feature["name"], feature["state"], feature["gates"]]);
            let features: Vec<Value> = features.as_array().unwrap().iter().map(state).collect();
            all.insert(environment.into(), features.into());
        }
        all.into()
    }

    /// Every command that changed something is in the audit log, in mara's name.
    pub(crate) async fn check_audit(&self, told: &[Said]) {
        let rows = self.server.root.get("/v1/audit?flag=webhooks_failed_callout&per_page=100").await.ok();
        let rows = rows.as_array().unwrap();
        assert!(rows.iter().all(|row| row["author"] == "mara"), "{rows:?}");
        let changes: usize = told.iter().map(|said| said.changes).sum();
        assert_eq!(rows.len(), changes, "a row for each environment that was changed: {rows:?}");
    }

    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}
