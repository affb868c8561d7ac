//! The ways in which a command is given.

use crate::platform::{Platform, SIGNING_SECRET};
use crate::signed::{now_s, signature, trigger, url_form};
use crate::world::Ended;
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    Terminal,
    Api,
    Slack,
}

impl Way {
    pub(crate) const ALL: [Way; 3] = [Self::Terminal, Self::Api, Self::Slack];
}

/// What came of a command.
pub(crate) struct Said {
    pub(crate) command: String,
    pub(crate) ok: bool,
    /// What was said, without what differs from server to server.
    pub(crate) text: String,
    /// What is stored since.
    pub(crate) stored: Value,
    /// How many environments it changed.
    pub(crate) changes: usize,
}

impl Said {
    /// Whether it says this, however it is laid out.
    pub(crate) fn says(&self, piece: &str) -> bool {
        bare(&self.text).contains(&bare(piece))
    }
}

impl Platform {
    pub(crate) async fn give(&self, way: Way, command: &str) -> Said {
        let before = self.stored().await;
        let (ok, text) = match way {
            Way::Terminal => self.by_terminal(command).await,
            Way::Api => self.by_api(command).await,
            Way::Slack => self.by_slack(command).await,
        };
        let stored = self.stored().await;
        let changed = |name: &&str| before[*name] != stored[*name];
        let changes = ["dev", "staging", "production"].into_iter().filter(changed).count();
        let text = without_times(&text.replace(&self.server.url, "http://wigwag.example"));
        Said { command: command.to_owned(), ok, text: text.trim_end().to_owned(), stored, changes }
    }

    async fn by_terminal(&self, command: &str) -> (bool, String) {
        let words: Vec<&str> = command.split_whitespace().skip(2).collect();
        let mut run = self.world.wigwag(&[&["chatops", "run"], words.as_slice()].concat());
        run.env("WIGWAG_URL", &self.server.url).env("WIGWAG_TOKEN", &self.token);
        let ended = Ended::of(run).await;
        assert_eq!(ended.stderr, "", "{command}");
        (ended.code == Some(0), ended.stdout)
    }

    async fn by_api(&self, command: &str) -> (bool, String) {
        let answer = self.client().post("/v1/chatops", json!({ "text": command })).await.ok();
        (answer["ok"] == true, answer["text"].as_str().unwrap().to_owned())
    }

    /// Signed as Slack signs it.
    async fn by_slack(&self, command: &str) -> (bool, String) {
        let form = self.slack_form(command);
        let body = url_form(&form) + &format!("&trigger_id={}", trigger());
        let timestamp = now_s().to_string();
        let answer = self
            .client()
            .anonymous()
            .request("POST", "/chat/slack")
            .outside_of_document()
            .header("x-slack-request-timestamp", &timestamp)
            .header("x-slack-signature", &signature(SIGNING_SECRET, &timestamp, &body))
            .form(&body)
            .send()
            .await;
        let answer = answer.expect(200);
        let text = texts(&answer["blocks"]).join("\n");
        let refused = text.contains(":x:") || text.contains("refused");
        (!refused, text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    }
}

/// Every text of a value, in order.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(texts).collect(),
        Value::Object(map) => {
            let own = map.get("text").filter(|text| text.is_string());
            own.into_iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .chain(map.values().flat_map(texts))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Letters and digits alone: how a text is laid out differs from way to way.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// `2026-01-31T12:00:00.000Z` becomes `TIME`.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("T").filter(|_| !rest.is_empty()) {
        let is_time = at >= 10
            && rest.is_char_boundary(at - 10)
            && rest.get(at - 10..at + 14).is_some_and(|time| {
                time.ends_with('Z') && time.chars().filter(char::is_ascii_digit).count() == 17
            });
        if is_time {
            out.push_str(&rest[..at - 10]);
            out.push_str("TIME");
            rest = &rest[at + 14..];
        } else {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    out + rest
}
