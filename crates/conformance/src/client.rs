//! One server, asked one thing at a time.

use crate::case::{Ask, TokenAs};
use crate::limits::{ANSWER_BYTES_MAX, ANSWER_WITHIN};
use crate::matcher::Kept;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use ureq::http::Request;

/// A token that no server ever gave anybody.
const UNKNOWN_TOKEN: &str = "conformance-token-that-nobody-was-given";

/// A server and the token for it.
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
    token: String,
}

/// What came back.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers, by their names in lower case.
    pub(crate) headers: Map<String, Value>,
    /// The body as it came.
    pub(crate) text: String,
}

impl Client {
    /// A client for the server at `url`.
    pub(crate) fn new(url: &str, token: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            .max_redirects(0)
            // A connection for each request: how long a server keeps one open is no part of the cases.
            .max_idle_connections(0)
            .build();
        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned(), token: token.to_owned() }
    }

    /// Whether anybody is there who answers anything at all.
    pub(crate) fn probe(&self) -> Result<()> {
        let request = Request::get(&self.url).body(String::new())?;
        self.agent.run(request).with_context(|| format!("{} does not answer", self.url))?;
        Ok(())
    }

    /// Asks what a step says.
    pub(crate) fn ask(&self, ask: &Ask, kept: &Kept) -> Result<Answer> {
        let mut request =
            Request::builder().method(ask.method.as_str()).uri(format!("{}{}", self.url, ask.path));
        let bearer = |token: &str| ("Authorization", format!("Bearer {token}"));
        let token = match ask.token {
            TokenAs::Missing => None,
            TokenAs::Bearer => Some(bearer(&self.token)),
            TokenAs::Unknown => Some(bearer(UNKNOWN_TOKEN)),
            TokenAs::ApiKey => Some(("X-API-Key", self.token.clone())),
        };
        if let Some((name, value)) = token {
            request = request.header(name, value);
        }
        if !ask.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in &ask.headers {
            request = request.header(name, filled(value, kept)?);
        }
        self.send(request.body(ask.body.text().unwrap_or_default())?)
    }

    /// Stores exactly this state of a flag, as a Wigwag takes it.
    pub(crate) fn store(&self, environment: Option<&str>, flag: &str, state: &Value) -> Result<()> {
        let body = json!({ "environment": environment, "state": state, "force": true });
        let request = Request::put(format!("{}/v1/flags/{flag}/state", self.url))
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .body(body.to_string())?;
        let answer = self.send(request)?;
        if !(200..300).contains(&answer.status) {
            bail!("{flag} could not be set: {} {}", answer.status, answer.text);
        }
        Ok(())
    }

    fn send(&self, request: Request<String>) -> Result<Answer> {
        let place = format!("{} {}", request.method(), request.uri());
        let mut answer = self.agent.run(request).with_context(|| format!("{place}: no whole answer"))?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into()))
            .collect();
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        Ok(Answer { status, headers, text: text.with_context(|| format!("{place}: the answer broke off"))? })
    }
}

/// A header's text with `{name}` replaced by what was kept under that name.
fn filled(text: &str, kept: &Kept) -> Result<String> {
    let filled =
        kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
    if filled.contains('{') {
        bail!("nothing was kept for {filled}");
    }
    Ok(filled)
}
