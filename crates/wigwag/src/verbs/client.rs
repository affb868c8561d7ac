use crate::cli::Server;
use crate::exit;
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use std::time::Duration;

/// A server that a verb talks to.
pub(crate) struct Client {
    agent: ureq::Agent,
    server: Server,
}

/// Nothing that a verb asks takes longer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

impl Client {
    /// A client for the server that the options name.
    pub(crate) fn new(server: &Server) -> Result<Self> {
        if server.token.is_none() {
            return Err(anyhow!(exit::Usage("no token: set WIGWAG_TOKEN or give --token".into())));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Ok(Self { agent: config.into(), server: server.clone() })
    }

    /// Sends `body` and gives the answer.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.post_text(path, &body.to_string())
    }

    /// The same with JSON that must stay as it was written.
    pub(crate) fn post_text(&self, path: &str, json: &str) -> Result<Value> {
        let request = self.with_token(self.agent.post(self.url(path)));
        self.answer(request.header("Content-Type", "application/json").send(json))
    }

    /// Sends `body` to be kept and gives the answer.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.with_token(self.agent.put(self.url(path)));
        self.answer(request.header("Content-Type", "application/json").send(body.to_string()))
    }

    /// Asks.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        self.answer(self.with_token(self.agent.get(self.url(path))).call())
    }

    /// Removes.
    pub(crate) fn delete(&self, path: &str) -> Result<Value> {
        self.answer(self.with_token(self.agent.delete(self.url(path))).call())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url.trim_end_matches('/'))
    }

    fn with_token<Body>(&self, request: ureq::RequestBuilder<Body>) -> ureq::RequestBuilder<Body> {
        request.header("PRIVATE-TOKEN", self.server.token.as_deref().unwrap_or_default())
    }

    fn answer(&self, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
        let mut answer = sent.with_context(|| {
            format!("no answer from {}; is the server running? WIGWAG_URL says where", self.server.url)
        })?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().context("the answer broke off")?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            return Ok(value);
        }
        Err(anyhow!("{}", reason(status, &value)))
    }

    /// Whether JSON is asked for.
    pub(crate) fn json(&self) -> bool {
        self.server.json
    }
}

/// What was typed, as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What a refusal says, in either error shape.
fn reason(status: u16, value: &Value) -> String {
    let told = ["detail", "message", "error", "title"].iter().find_map(|key| value.get(key));
    match told {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => format!("the server answered {status}"),
    }
}
