//! How the platform talks to Wigwag and to the receiver: over HTTP and by token alone, as any customer's product would.

use super::limits::ANSWER_WITHIN;
use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use wigwag_base::Secret;

/// One server, one token. It blocks: call it on a thread for it.
#[derive(Clone)]
pub(crate) struct Http {
    agent: ureq::Agent,
    base: String,
    token: Secret<String>,
}

/// What came back.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The JSON; null where there is none.
    pub(crate) body: Value,
}

impl Http {
    /// A client that shows `token` to the server at `base`.
    pub(crate) fn new(base: String, token: Secret<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build();
        Self { agent: config.into(), base, token }
    }

    /// The same server with another token.
    pub(crate) fn with_token(&self, token: Secret<String>) -> Self {
        Self { token, ..self.clone() }
    }

    /// Where the server is: `http://127.0.0.1:8080`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Asks.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        read(
            self.agent.get(format!("{}{path}", self.base)).header("Authorization", self.bearer()).call(),
            path,
        )
    }

    /// Sends.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.agent.post(format!("{}{path}", self.base));
        read(request.header("Authorization", self.bearer()).send_json(body), path)
    }

    /// Changes.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.agent.put(format!("{}{path}", self.base));
        read(request.header("Authorization", self.bearer()).send_json(body), path)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.expose())
    }
}

impl Answer {
    /// The body of a success; what else came is told in words.
    pub(crate) fn success(self) -> Result<Value> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let said = ["detail", "message", "error"].iter().find_map(|field| self.body.get(field));
        let said = said
            .map_or_else(String::new, |text| text.as_str().map_or_else(|| text.to_string(), str::to_owned));
        Err(anyhow!("answered {} {said}", self.status))
    }
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, path: &str) -> Result<Answer> {
    let mut answer = answer.with_context(|| format!("no answer to {path}"))?;
    let status = answer.status().as_u16();
    let text =
        answer.body_mut().read_to_string().with_context(|| format!("the answer to {path} broke off"))?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
}

/// Makes a name fit to stand in a path: `harbor/ferry` is one part of it.
pub(crate) fn part(name: &str) -> String {
    name.replace('/', "%2F")
}
