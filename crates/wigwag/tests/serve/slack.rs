//! A make-believe Slack: it signs what people say, and sends it to the real binary.

use crate::signed::{now_s, signature, trigger, url_form};
use crate::world::{Ended, Server, World};
use serde_json::{Value, json};
use wigwag_testkit::Answer;

pub(crate) const SECRET: &str = "a-signing-secret-of-the-tests";
pub(crate) const TEAM: &str = "T0PLATFORM";
pub(crate) const FLAG: &str = "webhooks_failed_callout";

/// A request that can be sent once more.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) timestamp: String,
    pub(crate) signature: String,
    pub(crate) body: String,
}

/// What somebody says in a channel.
pub(crate) fn said(user: &str, channel: &str, text: &str) -> String {
    url_form(&[
        ("team_id", TEAM.into()),
        ("channel_id", format!("C0{}", channel.to_uppercase())),
        ("channel_name", channel.into()),
        ("user_id", user.into()),
        ("user_name", "mara".into()),
        ("command", "/chatops".into()),
        ("text", format!("run {text}")),
        ("response_url", "https://hooks.slack.com/commands/1/2/3".into()),
        ("trigger_id", trigger().to_string()),
    ])
}

/// Signed at a time, with a secret.
pub(crate) fn sign(secret: &str, at_s: u64, body: String) -> Signed {
    let timestamp = at_s.to_string();
    Signed { signature: signature(secret, &timestamp, &body), timestamp, body }
}

/// A button that somebody presses; what comes of it goes to `answer_url`.
pub(crate) fn pressed(user: &str, channel: &str, value: &str, answer_url: &str) -> String {
    let payload = json!({
        "type": "block_actions",
        "team": { "id": TEAM },
        "channel": { "id": format!("C0{}", channel.to_uppercase()), "name": channel },
        "user": { "id": user, "username": "mara" },
        "actions": [{ "action_id": "wigwag-0", "value": value }],
        "response_url": answer_url,
        "trigger_id": trigger().to_string(),
    });
    url_form(&[("payload", payload.to_string())])
}

/// The value of the button with this label.
pub(crate) fn button(blocks: &Value, label: &str) -> String {
    let all = blocks.as_array().unwrap().iter().filter_map(|block| block["elements"].as_array()).flatten();
    let found = all.into_iter().find(|button| button["text"]["text"] == label);
    found.unwrap_or_else(|| panic!("no button {label} in {blocks}"))["value"].as_str().unwrap().to_owned()
}

impl Server {
    /// Sends what was signed.
    pub(crate) async fn slack(&self, signed: &Signed) -> Answer {
        let anonymous = self.root.anonymous();
        let request = anonymous.request("POST", "/chat/slack").outside_of_document();
        let request = request.header("x-slack-request-timestamp", &signed.timestamp);
        request.header("x-slack-signature", &signed.signature).form(&signed.body).send().await
    }

    /// What mara gets to read for what she says in `#CHANNEL`.
    pub(crate) async fn mara_says(&self, channel: &str, text: &str) -> String {
        let answer = self.slack(&sign(SECRET, now_s(), said("U0MARA", channel, text))).await;
        texts(&answer.expect(200)["blocks"]).join("\n")
    }

    /// A user mara with a role, and her token for chats.
    pub(crate) async fn mara(&self, role: &str) -> String {
        let mara = json!({ "username": "mara", "name": "Mara", "email": "mara@platform.example" });
        self.root.post("/api/v4/users", mara).await.created();
        self.root.put("/v1/chat/roles/mara", json!({ "role": role })).await.ok();
        let token = json!({ "name": "chat", "scopes": ["chat"] });
        let made = self.root.post("/api/v4/users/mara/personal_access_tokens", token).await.created();
        made["token"].as_str().unwrap().to_owned()
    }

    /// Links Slack's mara to ours as people do: by a code from the terminal.
    pub(crate) async fn link_mara(&self, token: &str) {
        let mut link = World::new().wigwag(&["chat", "link"]);
        link.current_dir("/").env("WIGWAG_URL", &self.url).env("WIGWAG_TOKEN", token);
        let told = Ended::of(link).await;
        let command = told.printed().lines().last().unwrap().trim().to_owned();
        let text = command.strip_prefix("/chatops run ").expect("the command to say").to_owned();
        let linked = self.mara_says("general", &text).await;
        assert!(linked.contains("mara"), "{linked}");
    }

    /// How the flag stands in an environment.
    pub(crate) async fn state(&self, environment: &str) -> Value {
        let path = format!("/environments/{environment}/api/v4/features/{FLAG}");
        self.root.get(&path).await.ok()["state"].clone()
    }
}

/// Every text of a value, in order.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(map) => {
            let own = map.get("text").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(map.values().flat_map(texts)).collect()
        }
        _ => Vec::new(),
    }
}
